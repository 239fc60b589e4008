/**
 * Frames into messages and messages into frames: fragmentation, text and close
 * codes, RFC 6455 §5.4–5.6 and §7.4.
 *
 * Everything here is a pure and synchronous function.
 *
 * @example A message cut into fragments, and put together again
 * ```ts
 * import { fragment, reassemble, type Reassembly } from "@sluice/websocket/message";
 * import { assertEquals } from "@std/assert";
 *
 * const frames = fragment(
 *   { type: "text", data: "and a happy new year!" },
 *   { maxFragmentBytes: 6 },
 * );
 *
 * let state: Reassembly | undefined;
 * for (const frame of frames) {
 *   const result = reassemble(frame, state);
 *   if (result.status === "invalid") throw result.error;
 *   if (result.status === "complete") {
 *     assertEquals(result.message, {
 *       type: "text",
 *       data: "and a happy new year!",
 *     });
 *   }
 *   state = result.state;
 * }
 * ```
 *
 * @module
 */
export * from "./close.ts";
export { fragment, type FragmentOptions } from "./fragment.ts";
export * from "./message.ts";
export { type Gathered } from "./gather.ts";
export {
  defaultMaxFragments,
  defaultMaxMessageBytes,
  type MessageLimits,
  type MessageProgress,
  type PieceLimits,
  readPiece,
  type ReadPieceResult,
} from "./read_piece.ts";
export {
  endOfMessages,
  reassemble,
  type ReassembleOptions,
  type ReassembleResult,
  type Reassembly,
  type UnfinishedMessage,
} from "./reassemble.ts";
