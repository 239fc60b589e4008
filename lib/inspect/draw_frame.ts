import { requireBytes, requireLimit } from "../error/require.ts";
import { type FrameField, frameFields } from "./frame_fields.ts";
import { spacedHex } from "./hex.ts";

/** How {@linkcode drawFrame} draws. */
export interface DrawFrameOptions {
  /**
   * How many bytes of payload to draw; of the rest the number is given. 0 draws
   * the header alone.
   *
   * @default {8}
   */
  readonly maxPayloadBytes?: number;
  /**
   * Colours each field, for a terminal.
   *
   * @default {false}
   */
  readonly color?: boolean;
}

const bitsPerRow = 32;

/** SGR codes: one colour for each kind of field. */
const colors: Readonly<Record<FrameField["kind"], number>> = {
  "fin": 35,
  "rsv": 90,
  "opcode": 36,
  "mask": 33,
  "length": 32,
  "extended-length": 32,
  "masking-key": 33,
  "payload": 34,
};

/** The part of a field that stands in one row of the drawing. */
interface Cell {
  readonly field: FrameField;
  /** In bits from the start of the frame. */
  readonly bitOffset: number;
  readonly bitLength: number;
}

/**
 * Draws a frame as RFC 6455 §5.2 does, with the real bits in it: 32 bits a
 * row, each field with its name and what it says. Bits that have not arrived
 * are drawn as dots.
 *
 * The payload is drawn as it stands on the wire, masked if the frame is.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.2 | RFC 6455 §5.2}.
 *
 * @param bytes Bytes from the start of a frame; not changed. What comes after
 * the frame is not drawn.
 * @param options How much to draw.
 * @returns Lines of at most 65 characters, without a line break at the end; empty
 * while there are fewer than 2 bytes.
 * @throws {TypeError} If `bytes` is not a `Uint8Array`.
 *
 * @example A Ping without payload
 * ```ts
 * import { drawFrame } from "@sluice/websocket/inspect";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   drawFrame(Uint8Array.of(0x89, 0x00)),
 *   [
 *     " 0                   1",
 *     " 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5",
 *     "+-+-+-+-+-------+-+-------------+",
 *     "|1|0|0|0|1 0 0 1|0|0 0 0 0 0 0 0|",
 *     "|F|R|R|R| opcode|M| Payload len |",
 *     "|I|S|S|S|  ping |A|      0      |",
 *     "|N|V|V|V|       |S|             |",
 *     "| |1|2|3|       |K|             |",
 *     "+-+-+-+-+-------+-+-------------+",
 *   ].join("\n"),
 * );
 * ```
 */
export function drawFrame(
  bytes: Uint8Array,
  options: DrawFrameOptions = {},
): string {
  requireBytes(bytes, "Cannot draw frame");
  const { maxPayloadBytes = 8, color = false } = options;
  requireLimit(maxPayloadBytes, "Cannot draw frame", "maxPayloadBytes");
  const rows = toRows(
    frameFields(bytes).map((field) =>
      shorten(field, maxPayloadBytes, bytes.length)
    ),
  );
  if (rows.length === 0) return "";
  const paint = color ? paintWith : (_: FrameField, text: string) => text;
  const lines = rows.flatMap((row, index) => [
    ...drawRow(row, bytes, paint),
    drawBorder(row, rows[index + 1] ?? []),
  ]);
  return [...drawRuler(rows[0]!), drawBorder([], rows[0]!), ...lines]
    .join("\n");
}

function paintWith({ kind }: FrameField, text: string): string {
  return `\x1b[${colors[kind]}m${text}\x1b[0m`;
}

/**
 * A payload cut to what is to be drawn of it, saying how long it is. Of one that
 * has not arrived eight bytes are drawn, whatever length it declares.
 */
function shorten(
  field: FrameField,
  maxPayloadBytes: number,
  byteLength: number,
): FrameField {
  if (field.kind !== "payload") return field;
  const arrived = Math.max(8, byteLength - field.bitOffset / 8);
  const most = Math.min(maxPayloadBytes, arrived) * 8;
  const shown = Math.min(field.bitLength, most);
  const more = (field.bitLength - shown) / 8;
  const meaning = more === 0 ? "" : `… ${more} B more`;
  return { ...field, bitLength: shown, meaning };
}

/** The fields cut where a row of 32 bits ends. */
function toRows(fields: readonly FrameField[]): Cell[][] {
  const rows: Cell[][] = [];
  for (const field of fields) {
    const end = field.bitOffset + field.bitLength;
    let bitOffset = field.bitOffset;
    while (bitOffset < end) {
      const row = Math.floor(bitOffset / bitsPerRow);
      const bitLength = Math.min(end, (row + 1) * bitsPerRow) - bitOffset;
      (rows[row] ??= []).push({ field, bitOffset, bitLength });
      bitOffset += bitLength;
    }
  }
  return rows;
}

/** The numbers of the bits above the first row: tens, then ones. */
function drawRuler(row: readonly Cell[]): string[] {
  const bits = Array.from({ length: bitsOf(row) }, (_, bit) => bit);
  const tens = bits.map((bit) => bit % 10 === 0 ? String(bit / 10) : " ");
  const ones = bits.map((bit) => String(bit % 10));
  return [` ${tens.join(" ").trimEnd()}`, ` ${ones.join(" ")}`];
}

function bitsOf(row: readonly Cell[]): number {
  return row.reduce((sum, { bitLength }) => sum + bitLength, 0);
}

/** The line between two rows, with a corner wherever one of them has one. */
function drawBorder(above: readonly Cell[], below: readonly Cell[]): string {
  const corners = new Set(
    [above, below].flatMap((row) =>
      row.flatMap(({ bitOffset, bitLength }) => {
        const column = bitOffset % bitsPerRow;
        return [column, column + bitLength];
      })
    ),
  );
  const bits = Math.max(bitsOf(above), bitsOf(below));
  const line = Array.from(
    { length: bits },
    (_, bit) => corners.has(bit) ? "+-" : "--",
  );
  return `${line.join("")}+`;
}

/** The bits of a row, and beneath them what they are. */
function drawRow(
  row: readonly Cell[],
  bytes: Uint8Array,
  paint: (field: FrameField, text: string) => string,
): string[] {
  const labels = row.map((cell) => labelsOf(cell, bytes));
  const height = Math.max(...labels.map((lines) => lines.length));
  const line = (texts: readonly string[]) =>
    `|${texts.map((text, at) => paint(row[at]!.field, text)).join("|")}|`;
  return [
    line(row.map((cell) => bitsText(cell, bytes))),
    ...Array.from(
      { length: height },
      (_, index) =>
        line(
          row.map((cell, at) =>
            center(labels[at]![index] ?? "", cell.bitLength * 2 - 1)
          ),
        ),
    ),
  ];
}

function bitsText({ bitOffset, bitLength }: Cell, bytes: Uint8Array): string {
  return Array.from({ length: bitLength }, (_, index) => {
    const bit = bitOffset + index;
    const byte = bytes[bit >> 3];
    return byte === undefined ? "." : String((byte >> (7 - (bit & 7))) & 1);
  }).join(" ");
}

/** What stands beneath a cell: flags downwards, other names across. */
function labelsOf(cell: Cell, bytes: Uint8Array): string[] {
  const { field, bitOffset, bitLength } = cell;
  if (field.bitLength === 1) return [...field.name];
  const continued = bitOffset === field.bitOffset ? "" : " (cont.)";
  const labels = [nameFor(field.name, continued, bitLength * 2 - 1)];
  if (field.kind === "masking-key" || field.kind === "payload") {
    const from = bitOffset / 8;
    labels.push(spacedHex(bytes.subarray(from, from + bitLength / 8)));
  }
  const isLast = bitOffset + bitLength === field.bitOffset + field.bitLength;
  if (isLast && field.meaning !== "") labels.push(abbreviate(field.meaning));
  return labels;
}

/** The name of a field in a cell that may be too narrow for all of it. */
function nameFor(name: string, continued: string, width: number): string {
  const whole = name + continued;
  // "Payload Data (cont.)" does not fit a cell of 8 bits, "Payload (cont.)" does.
  return whole.length <= width ? whole : `${name.split(" ")[0]}${continued}`;
}

/** The names that are too long for the seven characters under an opcode. */
function abbreviate(meaning: string): string {
  if (meaning === "continuation") return "contin.";
  return meaning === "reserved" ? "reserv." : meaning;
}

/** In the middle of `width` characters, and cut if it is longer. */
function center(text: string, width: number): string {
  const shown = text.length <= width ? text : text.slice(0, width);
  return shown.padStart(Math.ceil((width + shown.length) / 2)).padEnd(width);
}
