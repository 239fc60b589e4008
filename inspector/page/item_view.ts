import {
  type DissectedFrame,
  type DissectedHead,
  type DissectedItem,
  type JudgedLine,
  noteOfField,
  renderItem,
  sectionUrl,
  type Violation,
} from "@sluice/websocket/inspect";
import { concat } from "../../lib/bytes/chunks.ts";
import { bitsOf } from "../../lib/inspect/frame_fields.ts";
import { spacedHex } from "../../lib/inspect/hex.ts";
import { element } from "./element.ts";
import {
  bitsPerRow,
  drawFrameBits,
  type FrameDrawing,
} from "./frame_drawing.ts";

/** How much of a payload is drawn bit by bit, and shown byte by byte. */
const maxDrawnBytes = 8;
const maxXorBytes = 32;

/** An item as part of a list: a line, and behind it all there is to know. */
export function viewItem(item: DissectedItem, isOpen: boolean): HTMLElement {
  const line = renderItem(item, { detail: "brief" }).split("\n")[0]!;
  const side = item.from ?? "";
  if (item.type === "violation") return viewViolation(item);
  if (item.type === "unread" || item.type === "message") {
    return element("p", { class: `item ${side}`, text: line });
  }
  const body = element("div");
  const details = element(
    "details",
    { class: `item ${side}`, open: isOpen },
    element("summary", { text: line }),
    body,
  );
  // Drawn when it is first looked at: a capture has thousands of these.
  const fill = () => {
    if (!details.open || body.childElementCount > 0) return;
    body.append(item.type === "head" ? viewHead(item) : viewFrame(item));
  };
  details.addEventListener("toggle", fill);
  fill();
  return details;
}

/** Whether there is a line to show: not for what a frame has said already. */
export function isShown(item: DissectedItem): boolean {
  return renderItem(item, { detail: "brief" }) !== "";
}

function viewHead(head: DissectedHead): HTMLElement {
  const lines: readonly JudgedLine[] = [
    head.startLine,
    ...head.headers,
    ...head.missing.map((line) => ({ ...line, text: `(no ${line.name})` })),
  ];
  const marks = { right: "✓ right", wrong: "✗ wrong", unjudged: "·" } as const;
  return element(
    "div",
    { class: "scroll" },
    element(
      "table",
      {},
      tableHead("Line", "Verdict", "What it is for", "Section"),
      element(
        "tbody",
        {},
        ...lines.map(({ text, verdict, note, section }) =>
          element(
            "tr",
            {},
            element("td", {}, element("code", { text })),
            element("td", { class: verdict, text: marks[verdict] }),
            element("td", { text: note }),
            element("td", {}, sectionLink(section)),
          )
        ),
      ),
    ),
  );
}

function tableHead(...names: readonly string[]): HTMLElement {
  const cells = names.map((text) => element("th", { scope: "col", text }));
  return element("thead", {}, element("tr", {}, ...cells));
}

function sectionLink(section: string): HTMLElement {
  const href = sectionUrl(section);
  return href === undefined
    ? element("span", { text: section })
    : element("a", {
      href,
      target: "_blank",
      rel: "noreferrer",
      text: section,
    });
}

/** A frame: its drawing, its fields, and what masking did to it. */
export function viewFrame(frame: DissectedFrame): HTMLElement {
  const bytes = concat(frame.header, frame.raw);
  const place = element("div");
  let drawing: FrameDrawing | undefined;
  let perRow = 0;
  const draw = () => {
    const next = bitsPerRow(place.clientWidth);
    if (next === perRow) return;
    perRow = next;
    drawing = drawFrameBits(
      { bytes, fields: frame.fields, maxPayloadBytes: maxDrawnBytes },
      perRow,
    );
    place.replaceChildren(drawing.element);
  };
  // Narrow screens have fewer bits in a row.
  new ResizeObserver(draw).observe(place);
  const more = frame.raw.length - maxDrawnBytes;
  return element(
    "div",
    {},
    place,
    ...more > 0
      ? [
        element("p", {
          class: "faint",
          text: `${more} bytes more are not drawn.`,
        }),
      ]
      : [],
    viewFields(frame, bytes, (field) => drawing?.light(field)),
    ...frame.close === undefined ? [] : [viewClose(frame.close)],
    ...frame.maskingKey === undefined || frame.raw.length === 0
      ? []
      : [viewXor(frame.raw, frame.maskingKey, frame.payload)],
  );
}

function viewClose(
  { code, name, meaning, reason }: NonNullable<DissectedFrame["close"]>,
): HTMLElement {
  const text = `Close code ${code}, ${name}: ${meaning}.`;
  return element("p", {
    text: reason === "" ? text : `${text} Reason: “${reason}”`,
  });
}

/** The fields one under the other, for who reads rather than looks. */
export function viewFields(
  { fields }: Pick<DissectedFrame, "fields">,
  bytes: Uint8Array,
  light: (field: number | undefined) => void,
): HTMLElement {
  return element(
    "table",
    { class: "fields" },
    tableHead("Field", "Bits", "Value", "What it says", "Section"),
    element(
      "tbody",
      {},
      ...fields.map((field, index) => {
        const { note, section } = noteOfField(field.kind);
        return element(
          "tr",
          {
            tabindex: 0,
            on: {
              mouseenter: () => light(index),
              mouseleave: () => light(undefined),
              focus: () => light(index),
              blur: () => light(undefined),
            },
          },
          element(
            "td",
            {},
            element("span", { class: `swatch ${field.kind}` }),
            field.name,
          ),
          element("td", {
            "data-label": field.bitLength === 1 ? "bit" : "bits",
            text: placeOf(field.bitOffset, field.bitLength),
          }),
          element(
            "td",
            { "data-label": "value" },
            element("code", { text: valueOf(field, bytes) }),
          ),
          element("td", { text: sayField(field.meaning, note) }),
          element("td", {}, sectionLink(section)),
        );
      }),
    ),
  );
}

function sayField(meaning: string, note: string): string {
  return meaning === "" ? note : `${meaning} (${note})`;
}

function placeOf(bitOffset: number, bitLength: number): string {
  return bitLength === 1
    ? `${bitOffset}`
    : `${bitOffset}–${bitOffset + bitLength - 1}`;
}

function valueOf(
  field: DissectedFrame["fields"][number],
  bytes: Uint8Array,
): string {
  const { kind, bitOffset, bitLength } = field;
  const isBytes = kind === "masking-key" || kind === "payload";
  const first = Math.floor(bitOffset / 8);
  const last = Math.min(bytes.length, (bitOffset + bitLength) / 8);
  if (isBytes) {
    const shown = spacedHex(bytes.subarray(first, Math.min(last, first + 16)));
    return last - first > 16 ? `${shown} …` : shown;
  }
  return bitsOf(field, bytes) || "not there yet";
}

/** What masking did, byte by byte (RFC 6455 §5.3). */
export function viewXor(
  raw: Uint8Array,
  key: Uint8Array,
  payload: Uint8Array,
): HTMLElement {
  const shown = raw.subarray(0, maxXorBytes);
  const row = (name: string, cells: readonly string[]) =>
    element(
      "tr",
      {},
      element("th", { scope: "row", text: name }),
      ...cells.map((text) => element("td", { text })),
    );
  const each = (say: (index: number) => string) =>
    Array.from(shown, (_, index) => say(index));
  return element(
    "div",
    { class: "scroll" },
    element(
      "table",
      { class: "xor" },
      element("caption", {
        class: "faint",
        text: raw.length > maxXorBytes
          ? `Unmasking, the first ${maxXorBytes} bytes`
          : "Unmasking, byte by byte",
      }),
      row("on the wire", each((index) => hexByte(raw[index]!))),
      row("XOR key", each((index) => hexByte(key[index % 4]!))),
      row("= payload", each((index) => hexByte(payload[index]!))),
      row("character", each((index) => characterOf(payload[index]!))),
    ),
  );
}

function viewViolation(violation: Violation): HTMLElement {
  const { code, message, section, closeCode, around, offset, from } = violation;
  const at = offset - around.offset;
  const part = (from: number, to?: number) =>
    spacedHex(around.bytes.subarray(from, to));
  return element(
    "div",
    { class: "item violation", role: "note" },
    element("h3", {
      class: "wrong",
      text: `✗ ${code}, by the ${from}, at byte ${offset}`,
    }),
    element("p", { text: message }),
    element(
      "p",
      { class: "bytes" },
      `${part(0, at)} `,
      element("mark", { text: part(at, at + 1) || "the end" }),
      ` ${part(at + 1)}`,
    ),
    element(
      "p",
      {},
      closeCode === 1006
        ? "No Close frame can tell the peer. "
        : `To be told as close code ${closeCode}. `,
      sectionLink(section),
    ),
  );
}

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

function characterOf(byte: number): string {
  return byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·";
}
