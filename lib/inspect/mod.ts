/**
 * WebSocket conversations for people to look at: every frame taken apart into its
 * fields, drawn as RFC 6455 §5.2 draws it, with what it says and which rule it
 * breaks.
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
export type { Excerpt } from "./byte_window.ts";
export { closeCodeMeaning } from "./close_meaning.ts";
export * from "./describe_frame.ts";
export {
  createDissector,
  dissect,
  type DissectOptions,
  type Dissector,
} from "./dissector.ts";
export * from "./draw_frame.ts";
export { type FieldNote, noteOfField, sectionUrl } from "./field_notes.ts";
export { type FrameField, frameFields, opcodeName } from "./frame_fields.ts";
export * from "./item.ts";
export { itemToJson, type JsonValue } from "./render_json.ts";
export { renderItem, type RenderOptions } from "./render_text.ts";
