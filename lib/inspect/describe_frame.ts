import { decodeUtf8 } from "../bytes/utf8.ts";
import { Opcode } from "../frame/frame.ts";
import { parseFrame, type ParseFrameOptions } from "../frame/parse_frame.ts";
import { closeCodeName, parseCloseBody } from "../message/close.ts";
import { opcodeName } from "./frame_fields.ts";
import { countBytes, spacedHex } from "./hex.ts";

/** One line about a frame: what, and what it is. */
export type FrameFact = readonly [name: string, value: string];

/**
 * Says in words what the frame at the front of `bytes` is: its opcode, how it
 * is masked, its payload before and after unmasking, the text or the close
 * code in it; or which rule it breaks.
 *
 * @param bytes Bytes from the start of a frame; not changed.
 * @param options As for `parseFrame`.
 * @returns Lines in the order in which to read them.
 * @throws {TypeError} As `parseFrame` does.
 * @throws {RangeError} As `parseFrame` does.
 *
 * @example The masked "Hello" of RFC 6455 §5.7
 * ```ts
 * import { describeFrame } from "@sluice/websocket/inspect";
 * import { assertEquals } from "@std/assert";
 * import { decodeHex } from "@std/encoding/hex";
 *
 * assertEquals(describeFrame(decodeHex("818537fa213d7f9f4d5158")), [
 *   ["Frame", "text, FIN, 5 bytes of payload, 11 on the wire"],
 *   ["Masking key", "37 fa 21 3d"],
 *   ["Masked", "7f 9f 4d 51 58"],
 *   ["Unmasked", "48 65 6c 6c 6f"],
 *   ["Text", '"Hello"'],
 * ]);
 * ```
 */
export function describeFrame(
  bytes: Uint8Array,
  options: ParseFrameOptions = {},
): FrameFact[] {
  const result = parseFrame(bytes, options);
  if (result.status === "partial") {
    const found = `${bytes.length} of at least ${result.bytesNeeded} bytes`;
    return [["Frame", `not whole yet: ${found}`]];
  }
  if (result.status === "invalid") {
    const { code, closeCode, message } = result.error;
    return [["Frame", `broken rule ${code}, close code ${closeCode}`], [
      "Error",
      message,
    ]];
  }
  const { frame, bytesRead } = result;
  const { payload, maskingKey } = frame;
  const end = frame.fin ? "FIN" : "more fragments follow";
  const summary = `${opcodeName(frame.opcode)}, ${end}, ${
    countBytes(payload.length)
  } of payload, ${bytesRead} on the wire`;
  const masked = bytes.subarray(bytesRead - payload.length, bytesRead);
  return [
    ["Frame", summary],
    ...maskingKey === undefined ? [["Payload", hex(payload)] as const] : [
      ["Masking key", hex(maskingKey)],
      ["Masked", hex(masked)],
      ["Unmasked", hex(payload)],
    ] as const,
    ...describePayload(frame.opcode, payload),
  ];
}

/** What a payload says to somebody who reads more than hex. */
function describePayload(opcode: number, payload: Uint8Array): FrameFact[] {
  if (opcode === Opcode.close) return describeClose(payload);
  if (opcode === Opcode.binary || payload.length === 0) return [];
  const result = decodeUtf8(payload);
  return result.status === "valid" && result.pending.length === 0
    ? [["Text", JSON.stringify(result.text)]]
    : [];
}

function describeClose(payload: Uint8Array): FrameFact[] {
  const body = parseCloseBody(payload);
  if (body.status === "invalid") return [["Error", body.error.message]];
  const { code, reason } = body;
  const name = closeCodeName(code);
  const codeFact: FrameFact = ["Close code", `${code} ${name}`];
  return reason === ""
    ? [codeFact]
    : [codeFact, ["Reason", JSON.stringify(reason)]];
}

/** The first bytes of a long payload say enough. */
const maxShownBytes = 24;

function hex(bytes: Uint8Array): string {
  const shown = spacedHex(bytes.subarray(0, maxShownBytes));
  const more = bytes.length - maxShownBytes;
  if (bytes.length === 0) return "none";
  return more > 0 ? `${shown} … ${countBytes(more)} more` : shown;
}
