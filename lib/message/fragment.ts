import { requireBytes, requireLimit, requireString } from "../error/require.ts";
import { type Frame, Opcode } from "../frame/frame.ts";
import { requireLegalFrame } from "../frame/serialize_frame.ts";
import { serializeCloseBody } from "./close.ts";
import type { Message } from "./message.ts";

/** How {@linkcode fragment} cuts. */
export interface FragmentOptions {
  /**
   * The most bytes of payload in one frame, at least 1; `Infinity` puts every
   * message into a single frame. Control messages are never cut.
   *
   * @default {Infinity}
   */
  readonly maxFragmentBytes?: number;
}

const action = "Cannot fragment message";
const noRsv = { rsv1: false, rsv2: false, rsv3: false };

/**
 * The frames that carry a message, the inverse of `reassemble`.
 *
 * The frames are not masked: that is the business of who sends them. Payloads
 * of a binary, Ping or Pong message are views on its data, those of a text are
 * views on a new array; a fragment of text may end inside a character. Half a
 * surrogate pair, which UTF-8 cannot hold, is sent as U+FFFD.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.4 | RFC 6455 §5.4}.
 *
 * @param message A message to send.
 * @param options How large a frame may be.
 * @returns At least one frame, the last of them with FIN.
 * @throws {TypeError} If the message's data is not of its type.
 * @throws {RangeError} If `maxFragmentBytes` is not an integer >= 1 or
 * `Infinity`, a Ping or Pong has more than 125 bytes, or a Close may not carry
 * its code or reason.
 *
 * @example
 * ```ts
 * import { fragment } from "@sluice/websocket/message";
 * import { assertEquals } from "@std/assert";
 *
 * const frames = fragment(
 *   { type: "binary", data: Uint8Array.of(1, 2, 3) },
 *   { maxFragmentBytes: 2 },
 * );
 *
 * assertEquals(frames.map((frame) => frame.opcode), [0x2, 0x0]);
 * assertEquals(frames.map((frame) => frame.fin), [false, true]);
 * ```
 */
export function fragment(
  message: Message,
  options: FragmentOptions = {},
): Frame[] {
  const { maxFragmentBytes } = requireFragmentOptions(options);
  switch (message.type) {
    case "text":
      requireString(message.data, action);
      return cut(
        Opcode.text,
        new TextEncoder().encode(message.data),
        maxFragmentBytes,
      );
    case "binary":
      requireBytes(message.data, action);
      return cut(Opcode.binary, message.data, maxFragmentBytes);
    case "ping":
    case "pong":
      requireBytes(message.data, action);
      return [control(Opcode[message.type], message.data)];
    case "close":
      return [
        control(Opcode.close, serializeCloseBody(message.code, message.reason)),
      ];
  }
}

/** The options of a caller, judged and filled up. */
export function requireFragmentOptions(
  { maxFragmentBytes = Infinity }: FragmentOptions,
): Required<FragmentOptions> {
  requireLimit(maxFragmentBytes, action, "maxFragmentBytes", 1);
  return { maxFragmentBytes };
}

/** A message in one frame. */
function whole(opcode: Opcode, payload: Uint8Array): Frame {
  return { ...noRsv, fin: true, opcode, payload };
}

/** A control message, if it fits the one frame that it has to fit. */
function control(opcode: Opcode, payload: Uint8Array): Frame {
  const frame = whole(opcode, payload);
  requireLegalFrame(frame, action);
  return frame;
}

/** A message in as many frames as it takes, of equal size but for the last. */
function cut(opcode: Opcode, data: Uint8Array, maxBytes: number): Frame[] {
  if (data.length <= maxBytes) return [whole(opcode, data)];
  const count = Math.ceil(data.length / maxBytes);
  return Array.from({ length: count }, (_, index) => ({
    ...noRsv,
    fin: index === count - 1,
    opcode: index === 0 ? opcode : Opcode.continuation,
    payload: data.subarray(index * maxBytes, (index + 1) * maxBytes),
  }));
}
