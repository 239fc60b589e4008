import { type FrameHeader, readHeader } from "../frame/header.ts";
import { Opcode } from "../frame/frame.ts";

/** One field of a frame on the wire, in the order of RFC 6455 §5.2. */
export interface FrameField {
  /** What it is. */
  readonly kind:
    | "fin"
    | "rsv"
    | "opcode"
    | "mask"
    | "length"
    | "extended-length"
    | "masking-key"
    | "payload";
  /** Its name in RFC 6455, such as `"Payload len"`. */
  readonly name: string;
  /** Where it begins, in bits from the start of the frame. */
  readonly bitOffset: number;
  /** How long it is, in bits. */
  readonly bitLength: number;
  /** What its bits say, in words; empty when they say nothing by themselves. */
  readonly meaning: string;
}

/** The names of the opcodes, as RFC 6455 §5.2 has them. */
const opcodeNames: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(Opcode).map(([name, opcode]) => [opcode, name]),
);

/**
 * The name of an opcode, such as `"text"`; `"reserved"` for those that RFC 6455
 * does not define.
 *
 * @example
 * ```ts
 * import { opcodeName } from "@sluice/websocket/inspect";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(opcodeName(0x9), "ping");
 * assertEquals(opcodeName(0x3), "reserved");
 * ```
 *
 * @param opcode A number from 0 to 15.
 */
export function opcodeName(opcode: number): string {
  return opcodeNames[opcode] ?? "reserved";
}

/**
 * The fields of the frame that begins with `bytes`, legal or not.
 *
 * Fields that have not arrived yet are among them, as far as the bytes tell
 * that they will come.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.2 | RFC 6455 §5.2}.
 *
 * @param bytes Bytes from the start of a frame; not changed.
 * @returns The fields in order; none while there are fewer than 2 bytes.
 *
 * @example An unmasked "Hi"
 * ```ts
 * import { frameFields } from "@sluice/websocket/inspect";
 * import { assertEquals } from "@std/assert";
 *
 * const fields = frameFields(Uint8Array.of(0x81, 0x02, 0x48, 0x69));
 *
 * assertEquals(fields.map(({ name }) => name), [
 *   "FIN",
 *   "RSV1",
 *   "RSV2",
 *   "RSV3",
 *   "opcode",
 *   "MASK",
 *   "Payload len",
 *   "Payload Data",
 * ]);
 * assertEquals(fields[4]?.meaning, "text");
 * ```
 */
export function frameFields(bytes: Uint8Array): FrameField[] {
  const header = readHeader(bytes);
  if (header === undefined) return [];
  let bitOffset = 0;
  return fieldSizes(header)
    .filter(([, , bitLength]) => bitLength > 0)
    .map(([kind, name, bitLength, meaning]) => {
      const field = { kind, name, bitOffset, bitLength, meaning };
      bitOffset += bitLength;
      return field;
    });
}

type FieldSize = readonly [
  kind: FrameField["kind"],
  name: string,
  bitLength: number,
  meaning: string,
];

function fieldSizes(header: FrameHeader): FieldSize[] {
  const { fin, opcode, masked, lengthForm, payloadLength } = header;
  const length = String(payloadLength ?? "");
  return [
    ["fin", "FIN", 1, fin ? "last fragment" : "more fragments follow"],
    ["rsv", "RSV1", 1, ""],
    ["rsv", "RSV2", 1, ""],
    ["rsv", "RSV3", 1, ""],
    ["opcode", "opcode", 4, opcodeName(opcode)],
    ["mask", "MASK", 1, masked ? "masked" : "not masked"],
    [
      "length",
      "Payload len",
      7,
      lengthForm === 7
        ? length
        : lengthForm === 16
        ? "126: 16 bits"
        : "127: 64 bits",
    ],
    [
      "extended-length",
      "Extended payload length",
      lengthForm === 7 ? 0 : lengthForm,
      length,
    ],
    ["masking-key", "Masking-key", masked ? 32 : 0, ""],
    ["payload", "Payload Data", (payloadLength ?? 0) * 8, ""],
  ];
}

/** The bits of a field as `"0101"`; `""` if not all of them are there. */
export function bitsOf(
  { bitOffset, bitLength }: FrameField,
  bytes: Uint8Array,
): string {
  if (bitOffset + bitLength > bytes.length * 8) return "";
  return Array.from({ length: bitLength }, (_, index) => {
    const bit = bitOffset + index;
    return (bytes[bit >> 3]! >> (7 - (bit & 7))) & 1;
  }).join("");
}
