/**
 * Bytes into frames and frames into bytes: the framing of RFC 6455 §5.
 *
 * Everything here is a pure and synchronous function; nothing is read from a
 * clock, a random source or a socket.
 *
 * @example Write a frame as a client, read it as a server
 * ```ts
 * import { Opcode, parseFrame, serializeFrame } from "@sluice/websocket/frame";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = serializeFrame({
 *   opcode: Opcode.text,
 *   maskingKey: Uint8Array.of(0x32, 0xfd, 0x43, 0x5f),
 *   payload: new TextEncoder().encode("something"),
 * });
 * const result = parseFrame(bytes, { role: "server" });
 *
 * if (result.status !== "complete") throw new Error("Expected a frame");
 * assertEquals(new TextDecoder().decode(result.frame.payload), "something");
 * assertEquals(result.bytesRead, 15);
 * ```
 *
 * @module
 */
export {
  checkHeader,
  type HeaderRules,
  type HeaderViolation,
} from "./check_header.ts";
export * from "./decode_frames.ts";
export {
  type CurrentFrame,
  decodePieces,
  type DecodePiecesResult,
  type FramePiece,
  type PieceDecoding,
} from "./decode_pieces.ts";
export * from "./frame.ts";
export { type FrameHeader, readHeader } from "./header.ts";
export { mask } from "./mask.ts";
export {
  defaultMaxPayloadBytes,
  parseFrame,
  type ParseFrameOptions,
  type ParseFrameResult,
  parseFrames,
  type ParseFramesResult,
  type PartialFrame,
} from "./parse_frame.ts";
export { frameByteLength, serializeFrame } from "./serialize_frame.ts";
