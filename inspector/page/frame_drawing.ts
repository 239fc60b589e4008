import type { FrameField } from "@sluice/websocket/inspect";
import { spacedHex } from "../../lib/inspect/hex.ts";
import { element } from "./element.ts";

/** A drawing of a frame that can be looked at, and clicked if it may. */
export interface FrameDrawing {
  readonly element: HTMLElement;
  /** Shows one field and dims the others; `undefined` shows all. */
  readonly light: (field: number | undefined) => void;
}

/** What is drawn. */
export interface DrawingInput {
  /** The bytes of the frame as they stand on the wire. */
  readonly bytes: Uint8Array;
  readonly fields: readonly FrameField[];
  /** How much of the payload is drawn, in bytes. */
  readonly maxPayloadBytes: number;
  /** Called with the place of a bit that is clicked. */
  readonly onToggle?: (bit: number) => void;
}

/** The part of a field that stands in one row. */
interface Cell {
  readonly index: number;
  readonly field: FrameField;
  readonly bit: number;
  readonly bits: number;
}

/** As many bits a row as can be read, and as RFC 6455 has at the most. */
export function bitsPerRow(width: number): number {
  return width >= 640 ? 32 : width >= 330 ? 16 : 8;
}

/** Draws a frame as RFC 6455 §5.2 does, each field in a colour of its own. */
export function drawFrameBits(
  input: DrawingInput,
  perRow: number,
): FrameDrawing {
  const { bytes, fields, maxPayloadBytes, onToggle } = input;
  const rows = rowsOf(fields, maxPayloadBytes, perRow);
  const parts: HTMLElement[] = [];
  const drawing = element(
    "div",
    onToggle === undefined ? { class: "drawing", "aria-hidden": "true" } : {
      class: "drawing",
      role: "group",
      "aria-label": "The bits of the frame; arrow keys move among them",
      on: { keydown: (event) => moveAmongBits(event as KeyboardEvent, perRow) },
    },
    ruler(perRow),
    ...rows.map((row) => drawRow(row, bytes, perRow, onToggle, parts)),
  );
  return {
    element: drawing,
    light: (field) => {
      for (const part of parts) {
        const isOther = field !== undefined &&
          part.dataset.field !== `${field}`;
        part.classList.toggle("dim", isOther);
      }
    },
  };
}

function rowsOf(
  fields: readonly FrameField[],
  maxPayloadBytes: number,
  perRow: number,
): Cell[][] {
  const rows: Cell[][] = [];
  fields.forEach((field, index) => {
    const most = field.kind === "payload" ? maxPayloadBytes * 8 : Infinity;
    const end = field.bitOffset + Math.min(field.bitLength, most);
    let bit = field.bitOffset;
    while (bit < end) {
      const row = Math.floor(bit / perRow);
      const bits = Math.min(end, (row + 1) * perRow) - bit;
      (rows[row] ??= []).push({ index, field, bit, bits });
      bit += bits;
    }
  });
  return rows;
}

function columns(perRow: number): Record<string, string> {
  return { "grid-template-columns": `repeat(${perRow}, minmax(0, 1fr))` };
}

function ruler(perRow: number): HTMLElement {
  const numbers = Array.from(
    { length: perRow },
    (_, bit) => element("span", { text: String(bit) }),
  );
  return element(
    "div",
    { class: "row ruler", style: columns(perRow), "aria-hidden": "true" },
    ...numbers,
  );
}

function drawRow(
  cells: readonly Cell[],
  bytes: Uint8Array,
  perRow: number,
  onToggle: DrawingInput["onToggle"],
  parts: HTMLElement[],
): HTMLElement {
  const row = element("div", { class: "row", style: columns(perRow) });
  for (const cell of cells) {
    for (let at = 0; at < cell.bits; at++) {
      row.append(drawBit(cell, at, bytes, onToggle));
    }
  }
  // A last row may have fewer bits than there are columns.
  let column = 1;
  for (const cell of cells) {
    row.append(drawLabel(cell, bytes, perRow, column));
    column += cell.bits;
  }
  parts.push(...row.children as unknown as HTMLElement[]);
  return row;
}

function drawBit(
  { field, index, bit: first }: Cell,
  at: number,
  bytes: Uint8Array,
  onToggle: DrawingInput["onToggle"],
): HTMLElement {
  const bit = first + at;
  const byte = bytes[bit >> 3];
  const value = byte === undefined ? undefined : (byte >> (7 - (bit & 7))) & 1;
  const edge = at === 0 ? " edge" : "";
  const common = {
    class: `bit ${field.kind}${edge}${value === undefined ? " absent" : ""}`,
    "data-field": index,
    "data-bit": bit,
    text: value === undefined ? "·" : String(value),
  };
  if (onToggle === undefined || value === undefined) {
    return element("span", common);
  }
  return element("button", {
    ...common,
    type: "button",
    tabindex: bit === 0 ? 0 : -1,
    "aria-pressed": value === 1,
    "aria-label": `${field.name}, bit ${
      bit - field.bitOffset
    } of ${field.bitLength}: ${value}`,
    on: { click: () => onToggle(bit) },
  });
}

function drawLabel(
  { field, index, bit, bits }: Cell,
  bytes: Uint8Array,
  perRow: number,
  column: number,
): HTMLElement {
  const isFirst = bit === field.bitOffset;
  const isFlag = field.bitLength === 1;
  const hex = field.kind === "payload" || field.kind === "masking-key"
    ? spacedHex(bytes.subarray(bit / 8, (bit + bits) / 8))
    : "";
  const says = hex !== "" ? hex : isFirst && !isFlag ? field.meaning : "";
  // Of a field that goes on in the next row the name is said once.
  const name = isFirst || bits === perRow ? shortName(field, isFirst) : "";
  return element(
    "span",
    {
      class: `label ${field.kind} edge${isFlag ? " flag" : ""}`,
      "data-field": index,
      style: { "grid-row": "2", "grid-column": `${column} / span ${bits}` },
    },
    element("b", { text: name }),
    says,
  );
}

function shortName({ name }: FrameField, isFirst: boolean): string {
  return isFirst ? name : `${name} (cont.)`;
}

/** Arrow keys go from bit to bit, Home and End to the first and the last. */
function moveAmongBits(event: KeyboardEvent, perRow: number): void {
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: perRow,
    ArrowUp: -perRow,
    Home: -Infinity,
    End: Infinity,
  };
  const step = steps[event.key];
  const drawing = event.currentTarget as HTMLElement;
  const bits = [...drawing.querySelectorAll<HTMLElement>("button.bit")];
  const at = bits.indexOf(event.target as HTMLElement);
  if (step === undefined || at === -1) return;
  event.preventDefault();
  bits[Math.min(bits.length - 1, Math.max(0, at + step))]!.focus();
}
