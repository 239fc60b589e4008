/**
 * Frames for people to look at: their bits in the drawing of RFC 6455 §5.2, and
 * what they say in words.
 *
 * @example
 * ```ts
 * import { describeFrame, drawFrame } from "@sluice/websocket/inspect";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const bytes = Uint8Array.of(0x81, 0x02, 0x48, 0x69);
 *
 * assertStringIncludes(drawFrame(bytes), "|1|0|0|0|0 0 0 1|0|0 0 0 0 0 1 0|");
 * assertStringIncludes(String(describeFrame(bytes)), '"Hi"');
 * ```
 *
 * @module
 */
export * from "./describe_frame.ts";
export * from "./draw_frame.ts";
export * from "./frame_fields.ts";
