import { concatAll } from "../bytes/chunks.ts";
import { isCapture } from "../capture/mod.ts";

/** How bytes are written down. */
export type InputFormat = "capture" | "raw" | "hex" | "base64";

/** Every format by its name. */
export const inputFormats: readonly InputFormat[] = [
  "hex",
  "base64",
  "raw",
  "capture",
];

/** A line of a dump: an offset, then bytes; a column of characters may follow. */
const dumpStart = /^\s*0{4,8}(?::\s|\s\s)\s*[0-9a-f]{2}/i;

/** Digits, and what people write between them. */
const hexText = /^(?:0x|\\x|[0-9a-f]|[\s,;:"'{}[\]()-])+$/i;

const base64Text = /^[a-z0-9+/_-]+={0,2}$/i;

/**
 * What the first bytes of an input look like. What is neither a capture nor digits
 * is taken as it is.
 */
export function guessFormat(bytes: Uint8Array): InputFormat {
  if (isCapture(bytes)) return "capture";
  if (!bytes.every((byte) => byte < 0x7f && (byte >= 0x20 || isSpace(byte)))) {
    return "raw";
  }
  const text = new TextDecoder().decode(bytes);
  if (isHexText(text)) return "hex";
  const lines = text.trim().split(/\r?\n/);
  // Words and paths are made of the same characters, but seldom of so many.
  const isBase64 = (text.trim().length >= 8 || text.trim().endsWith("=")) &&
    !text.startsWith("/") &&
    lines.join("").length % 4 === 0 &&
    lines.every((line) => base64Text.test(line));
  return isBase64 ? "base64" : "raw";
}

/** Whether a text is bytes in hexadecimal digits, plain or as a dump. */
export function isHexText(text: string): boolean {
  return dumpStart.test(text) ||
    (hexText.test(text) && /[0-9a-f]{2}/i.test(text));
}

function isSpace(byte: number): boolean {
  return byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

/** What a decoder made of a part of a text. */
export interface DecodedText {
  /** The bytes that it says. */
  readonly bytes: Uint8Array;
  /** Why it could not be read further, and at which character. */
  readonly broken?: string;
}

/** Reads bytes from a text that comes part by part. */
export interface TextBytes {
  /** The next part of the text. */
  readonly read: (text: string) => DecodedText;
  /** What is left at its end. */
  readonly end: () => DecodedText;
}

/** Reads hexadecimal digits line by line, plain or as a dump. */
export function hexBytes(): TextBytes {
  let rest = "";
  let digits = "";
  let at = 0;
  let isDump: boolean | undefined;
  const readLine = (line: string): DecodedText => {
    isDump ??= line.trim() === "" ? undefined : dumpStart.test(line);
    const text = isDump === true ? withoutMargins(line) : line;
    const wrong = findWrong(text);
    const good = wrong === undefined ? text : text.slice(0, wrong);
    digits += good.replace(/0x|\\x|[^0-9a-f]/gi, "");
    const bytes = fromDigits(digits);
    digits = digits.slice(bytes.length * 2);
    if (wrong === undefined) return { bytes };
    const found = JSON.stringify(text[wrong]);
    const place = at + line.indexOf(text) + wrong;
    return {
      bytes,
      broken: `found ${found} at character ${place}, wanted hexadecimal digits`,
    };
  };
  /** Whole lines; long ones without a break are read as they come. */
  const take = (text: string, isEnd: boolean): DecodedText => {
    const all: Uint8Array[] = [];
    rest += text;
    while (true) {
      const end = rest.indexOf("\n") + 1;
      const isPlain = isDump === false && !isEnd && end === 0;
      const length = isPlain
        // Not between the 0 and the x.
        ? Math.max(0, rest.length - 2)
        : end === 0 && isEnd
        ? rest.length
        : end;
      if (length === 0) return { bytes: concatAll(all) };
      const { bytes, broken } = readLine(rest.slice(0, length));
      all.push(bytes);
      if (broken !== undefined) return { bytes: concatAll(all), broken };
      rest = rest.slice(length);
      at += length;
    }
  };
  return {
    read: (text) => take(text, false),
    end: () => {
      const last = take("", true);
      if (last.broken !== undefined || digits === "") return last;
      const broken = `found one digit, ${
        JSON.stringify(digits)
      }, at the end, wanted two for each byte`;
      return { ...last, broken };
    },
  };
}

/** A line of a dump without its offset and its column of characters. */
function withoutMargins(line: string): string {
  const [, colon, bytes = ""] = /^\s*[0-9a-f]{4,}(:?)\s+(.*)$/i
    .exec(line.trimEnd()) ?? [];
  // `xxd` ends the bytes with two spaces; others have two in the middle.
  const end = bytes.search(colon === ":" ? /\s\s/ : /\s{3}|\s*\|/);
  return end === -1 ? bytes : bytes.slice(0, end);
}

/** The first character that is no part of hexadecimal digits. */
function findWrong(text: string): number | undefined {
  const plain = text.replace(/0x|\\x/gi, "00");
  const at = plain.search(/[^0-9a-f\s,;:"'{}[\]()-]/i);
  return at === -1 ? undefined : at;
}

function fromDigits(digits: string): Uint8Array {
  const bytes = new Uint8Array(digits.length >> 1);
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = parseInt(digits.slice(index * 2, index * 2 + 2), 16);
  }
  return bytes;
}

/** Reads base64, of both alphabets; line breaks are let go. */
export function base64Bytes(): TextBytes {
  let rest = "";
  const take = (text: string, isEnd: boolean): DecodedText => {
    rest += text.replace(/\s/g, "");
    const length = isEnd ? rest.length : rest.length - rest.length % 4;
    const quads = rest.slice(0, length).replaceAll("-", "+")
      .replaceAll("_", "/");
    const wrong = quads.search(/[^a-z0-9+/=]|=(?!=?$)/i);
    rest = rest.slice(length);
    const good = wrong === -1 ? quads : quads.slice(0, wrong - wrong % 4);
    const bytes = fromBase64(good);
    if (wrong === -1 && bytes !== undefined) return { bytes };
    const found = wrong === -1
      ? "an end inside a byte"
      : JSON.stringify(quads[wrong]);
    return {
      bytes: bytes ?? new Uint8Array(),
      broken: `found ${found}, wanted base64`,
    };
  };
  return { read: (text) => take(text, false), end: () => take("", true) };
}

function fromBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
