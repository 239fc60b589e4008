import { concat } from "../bytes/chunks.ts";
import { decodeUtf8 } from "../bytes/utf8.ts";
import { requireInteger } from "../error/require.ts";
import { isControlOpcode, Opcode, type Role } from "../frame/frame.ts";
import { closeCodeName } from "../message/close.ts";
import { drawFrame } from "./draw_frame.ts";
import { escapeControls } from "../error/escape_controls.ts";
import { countBytes, spacedHex } from "./hex.ts";
import type {
  DissectedFrame,
  DissectedHead,
  DissectedItem,
  DissectedMessage,
  JudgedHeader,
  JudgedLine,
  Unread,
  Violation,
} from "./item.ts";
import { type Painter, painter } from "./paint.ts";

/** How {@linkcode renderItem} writes. */
export interface RenderOptions {
  /**
   * `"full"` draws each frame and says what every header is for; `"brief"` gives
   * a line a frame.
   *
   * @default {"full"}
   */
  readonly detail?: "full" | "brief";
  /**
   * Colours, for a terminal.
   *
   * @default {false}
   */
  readonly color?: boolean;
  /**
   * How many bytes of a payload, or characters of a text, are written.
   *
   * @default {64}
   */
  readonly maxShownBytes?: number;
}

/** How the parts of a text are written. */
interface Style extends Required<Omit<RenderOptions, "color">> {
  readonly color: boolean;
  readonly paint: Painter;
}

/** Who sends, as an arrow between a client on the left and a server. */
const arrows: Readonly<Record<Role, string>> = { client: "→", server: "←" };

/**
 * Writes what a dissection found, for people: lines of text, without a line break
 * at the end.
 *
 * Nothing of the conversation is written as it is but what can be read: control
 * characters are escaped, so that a peer's bytes do nothing to a terminal.
 *
 * @param item What `dissect` or a dissector gave.
 * @param options How much to write.
 * @returns The text; empty for what says nothing that is not said already, such as
 * a message that came in one frame.
 *
 * @example
 * ```ts
 * import { dissect, renderItem } from "@sluice/websocket/inspect";
 * import { assertEquals } from "@std/assert";
 *
 * const items = await dissect(Uint8Array.of(0x89, 0x02, 0x48, 0x69));
 *
 * assertEquals(
 *   items.map((item) => renderItem(item, { detail: "brief" })),
 *   ['← frame 1  ping  FIN  2 bytes  "Hi"'],
 * );
 * ```
 */
export function renderItem(
  item: DissectedItem,
  options: RenderOptions = {},
): string {
  const { detail = "full", color = false, maxShownBytes = 64 } = options;
  requireInteger(maxShownBytes, "Cannot render", "maxShownBytes");
  const style = { detail, color, maxShownBytes, paint: painter(color) };
  switch (item.type) {
    case "head":
      return renderHead(item, style);
    case "frame":
      return renderFrame(item, style);
    case "message":
      return renderMessage(item, style);
    case "violation":
      return renderViolation(item, style);
    case "unread":
      return renderUnread(item, style);
  }
}

function renderHead(head: DissectedHead, style: Style): string {
  const { from, offset, byteLength, startLine, headers, missing } = head;
  const name = from === "client" ? "request" : "response";
  const where = span(offset, byteLength);
  return [
    style.paint(from, `${arrows[from]} ${name}  ${where}`),
    ...renderLine(startLine, style),
    ...headers.flatMap((header) => renderLine(header, style)),
    ...missing.flatMap((header) => renderMissing(header, style)),
  ].join("\n");
}

const marks = { right: "✓", wrong: "✗", unjudged: "·" } as const;

function renderLine(
  { verdict, text, note, section }: JudgedLine,
  { detail, paint }: Style,
): string[] {
  const line = `  ${paint(verdict, marks[verdict])} ${escapeControls(text)}`;
  const isSaid = note !== "" && (detail === "full" || verdict === "wrong");
  if (!isSaid) return [line];
  return [
    line,
    `      ${paint("note", `${escapeControls(note)} · ${section}`)}`,
  ];
}

function renderMissing(header: JudgedHeader, style: Style): string[] {
  return renderLine({ ...header, text: `(no ${header.name})` }, style);
}

function renderFrame(frame: DissectedFrame, style: Style): string {
  return style.detail === "brief"
    ? renderFrameLine(frame, style)
    : renderWholeFrame(frame, style);
}

function renderFrameLine(frame: DissectedFrame, style: Style): string {
  const { from, number } = frame;
  const text = [
    `${arrows[from]} frame ${number}`,
    frame.opcodeName,
    flagsOf(frame),
    lengthOf(frame),
    sayPayload(frame, style),
  ].filter((part) => part !== "").join("  ");
  return style.paint(from, text);
}

/** FIN and the RSV bits that are set, the mask, and how far it came. */
function flagsOf({ fin, rsv, header, status }: DissectedFrame): string {
  return [
    fin ? "FIN" : "",
    (rsv & 0x40) !== 0 ? "RSV1" : "",
    (rsv & 0x20) !== 0 ? "RSV2" : "",
    (rsv & 0x10) !== 0 ? "RSV3" : "",
    // The key may not have come.
    (header[1]! & 0x80) === 0 ? "" : "masked",
    status === "whole" ? "" : status,
  ].filter((flag) => flag !== "").join(" ");
}

function lengthOf(
  { payloadLength, payloadRead, status }: DissectedFrame,
): string {
  if (payloadLength === undefined) return "length not known";
  const length = payloadLength === Infinity
    ? "2^63 bytes or more"
    : countBytes(payloadLength);
  return status === "cut" && payloadRead < payloadLength
    ? `${payloadRead} of ${length}`
    : length;
}

/** What a payload says to who reads more than hex. */
function sayPayload(frame: DissectedFrame, style: Style): string {
  const { close, payload, payloadRead } = frame;
  if (close !== undefined) {
    const reason = close.reason === "" ? "" : ` ${quote(close.reason, style)}`;
    return `${close.code} ${close.name}${reason}`;
  }
  if (payload.length === 0) return "";
  const text = readable(frame);
  return text === undefined
    ? hex(payload, style, payloadRead)
    : quote(text, style, payload.length < payloadRead);
}

/** The text in a payload, unless it is said to be none, or is not. */
function readable(
  { opcode, content, payload, payloadLength = 0 }: DissectedFrame,
): string | undefined {
  // A Close whose body could not be read is no text, whatever it looks like.
  if (opcode === Opcode.close) return undefined;
  const said = content ?? (opcode === Opcode.text ? "text" : undefined);
  if (said !== "text" && !isControlOpcode(opcode)) return undefined;
  const decoded = decodeUtf8(payload);
  if (decoded.status === "invalid") return undefined;
  // A character may be cut by the end of what is shown, or of the fragment.
  const isCut = decoded.pending.length > 0 || payload.length < payloadLength;
  return isCut && decoded.text === "" ? undefined : decoded.text;
}

function renderWholeFrame(frame: DissectedFrame, style: Style): string {
  const { from, number, offset, header, payloadRead, position } = frame;
  const { color, paint } = style;
  const place = frame.message === undefined
    ? ""
    : `, ${
      position === "alone" ? "all" : position
    } of message ${frame.message}`;
  const title = `${
    arrows[from]
  } frame ${number}  ${frame.opcodeName}${place}  ${
    span(offset, header.length + payloadRead)
  }`;
  const drawing = drawFrame(concat(header, frame.raw), { color });
  return [
    paint(from, title),
    ...drawing.split("\n").filter((line) => line !== ""),
    ...renderFacts(factsOf(frame, style), style),
  ].join("\n");
}

type Fact = readonly [name: string, value: string];

function factsOf(frame: DissectedFrame, style: Style): Fact[] {
  const { maskingKey, raw, payload, payloadRead, close } = frame;
  const said = sayPayload(frame, style);
  const isText = said.startsWith('"');
  return [
    ...frame.status === "whole" ? [] : [["status", statusOf(frame)] as const],
    ...maskingKey === undefined
      ? []
      : [["masking key", spacedHex(maskingKey)] as const],
    ...maskingKey === undefined || raw.length === 0
      ? []
      : [["masked", hex(raw, style, payloadRead)] as const],
    ...payload.length === 0 ? [] : [
      [
        maskingKey === undefined ? "payload" : "unmasked",
        hex(payload, style, payloadRead),
      ] as const,
    ],
    ...isText ? [["text", said] as const] : [],
    ...close === undefined ? [] : [
      ["close code", `${said}: ${close.meaning}`] as const,
    ],
  ];
}

function statusOf(frame: DissectedFrame): string {
  if (frame.status === "broken") return "its header breaks a rule";
  return frame.payloadLength === undefined
    ? "cut: before its length is said"
    : `cut: ${lengthOf(frame)} of payload`;
}

function renderFacts(facts: readonly Fact[], { paint }: Style): string[] {
  return facts.map(([name, value]) =>
    `  ${paint("note", name.padEnd(12))} ${value}`
  );
}

function renderMessage(message: DissectedMessage, style: Style): string {
  const { from, number, messageType, frames, coding, status } = message;
  if (frames === 1 && coding === "plain" && status === "whole") return "";
  const fragments = frames === 1 ? "1 frame" : `${frames} frames`;
  const length = coding === "compressed"
    ? `${countBytes(message.wireBytes)} inflated to ${message.byteLength}`
    : countBytes(message.wireBytes);
  const parts = [
    `${arrows[from]} message ${number}`,
    `${messageType} in ${fragments}${status === "cut" ? ", cut" : ""}`,
    length,
    sayMessage(message, style),
  ];
  return style.paint(from, parts.filter((part) => part !== "").join("  "));
}

function sayMessage(message: DissectedMessage, style: Style): string {
  const { coding, text, data, byteLength } = message;
  if (coding === "unknown") return "under an extension that is not known here";
  if (text !== undefined) return quote(text, style, isCut(text, byteLength));
  return data === undefined ? "" : hex(data, style, byteLength);
}

function renderViolation(
  { from, code, message, closeCode, around, offset }: Violation,
  { paint }: Style,
): string {
  const close = closeCode === 1006
    ? "no Close frame can tell the peer"
    : `to be told as close code ${closeCode} ${closeCodeName(closeCode)}`;
  return [
    paint("wrong", `✗ ${arrows[from]} ${code}`),
    `  ${escapeControls(message)}`,
    ...renderAround(around.bytes, offset - around.offset).map((line) =>
      paint("note", `  ${line}`)
    ),
    `  ${close}`,
  ].join("\n");
}

/** Bytes with a sign under the one that breaks the rule. */
function renderAround(bytes: Uint8Array, at: number): string[] {
  if (bytes.length === 0) return [];
  const pointer = `${"   ".repeat(at)}^^`;
  // Beyond the last byte: the stream ended there.
  return [spacedHex(bytes), at <= bytes.length ? pointer : ""]
    .filter((line) => line !== "");
}

function renderUnread(
  { from, offset, byteLength, why }: Unread,
  { paint }: Style,
): string {
  const arrow = from === undefined ? "·" : arrows[from];
  const text = `${arrow} not read  ${span(offset, byteLength)}  ${why}`;
  return paint("note", text);
}

function span(offset: number, byteLength: number): string {
  return byteLength === 1
    ? `byte ${offset}`
    : `bytes ${offset}–${offset + byteLength - 1}`;
}

/** Whether a text is only the beginning of one of so many bytes. */
function isCut(text: string, byteLength: number): boolean {
  return new TextEncoder().encode(text).length < byteLength;
}

/** @param byteLength How many bytes there are, of which these are the first. */
function hex(
  bytes: Uint8Array,
  { maxShownBytes }: Style,
  byteLength: number,
): string {
  const shown = bytes.subarray(0, maxShownBytes);
  const more = byteLength > shown.length ? " …" : "";
  return `${spacedHex(shown)}${more}`.trimStart();
}

/** @param hasMore Whether there is more of the text than this. */
function quote(
  text: string,
  { maxShownBytes }: Style,
  hasMore = false,
): string {
  const shown = text.slice(0, maxShownBytes);
  const more = hasMore || shown.length < text.length ? "…" : "";
  return escapeControls(JSON.stringify(`${shown}${more}`));
}
