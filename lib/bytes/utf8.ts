import { concat, noBytes } from "./chunks.ts";

/**
 * What {@linkcode decodeUtf8} could make of a piece of text.
 *
 * `valid` carries the characters that are complete, and in `pending` the
 * first 1 to 3 bytes of a character that is not: give them to the next call.
 * `invalid` carries the index, in the piece, of the first byte that cannot
 * be part of valid UTF-8.
 */
export type Utf8Result =
  | {
    readonly status: "valid";
    readonly text: string;
    readonly pending: Uint8Array;
  }
  | { readonly status: "invalid"; readonly offset: number };

// Used only for whole calls, never with `stream: true`, so they hold no state.
const strictDecoder = new TextDecoder("utf-8", {
  fatal: true,
  ignoreBOM: true,
});
const lenientDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** What a lenient decoder puts for what it cannot read. */
const replacement = "\ufffd";

/**
 * The well-formed byte sequences of RFC 3629 §4. The range of the second byte
 * is what rules out overlong forms, surrogates and values over U+10FFFF.
 */
const sequences = [
  { leads: [0x00, 0x7f], second: [0x00, 0x00], byteLength: 1 },
  { leads: [0xc2, 0xdf], second: [0x80, 0xbf], byteLength: 2 },
  { leads: [0xe0, 0xe0], second: [0xa0, 0xbf], byteLength: 3 },
  { leads: [0xe1, 0xec], second: [0x80, 0xbf], byteLength: 3 },
  { leads: [0xed, 0xed], second: [0x80, 0x9f], byteLength: 3 },
  { leads: [0xee, 0xef], second: [0x80, 0xbf], byteLength: 3 },
  { leads: [0xf0, 0xf0], second: [0x90, 0xbf], byteLength: 4 },
  { leads: [0xf1, 0xf3], second: [0x80, 0xbf], byteLength: 4 },
  { leads: [0xf4, 0xf4], second: [0x80, 0x8f], byteLength: 4 },
] as const;

/**
 * Decodes one piece of a UTF-8 text, as soon as it has arrived.
 *
 * A piece may end inside a character: its bytes come back as `pending` and
 * belong in front of the next piece. The answer is `invalid` as soon as the
 * bytes cannot become valid, without waiting for the rest. A byte order mark
 * is kept as U+FEFF. Neither argument is changed; `pending` is a view.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-8.1 | RFC 6455 §8.1}
 * and {@link https://www.rfc-editor.org/rfc/rfc3629#section-4 | RFC 3629 §4}.
 *
 * @param bytes The piece, of any length.
 * @param pending The unfinished character that the piece before ended with.
 * @throws {RangeError} If the text is longer than a string can be, which is
 * 2^29 - 24 characters in V8.
 */
export function decodeUtf8(
  bytes: Uint8Array,
  pending: Uint8Array = noBytes,
): Utf8Result {
  const run = pending.length === 0 ? bytes : concat(pending, bytes);
  const tail = scanTail(run);
  if (tail.status === "valid") {
    const { unfinishedBytes } = tail;
    const end = run.length - unfinishedBytes;
    const whole = unfinishedBytes === 0 ? run : run.subarray(0, end);
    const text = decodeWhole(whole);
    if (text !== undefined) {
      const rest = unfinishedBytes === 0 ? noBytes : run.subarray(end);
      return { status: "valid", text, pending: rest };
    }
  }
  return { status: "invalid", offset: firstInvalidByte(run) - pending.length };
}

const nothingUnfinished: Utf8Scan = { status: "valid", unfinishedBytes: 0 };

/** Judges the last character, which most often is one byte of ASCII. */
function scanTail(run: Uint8Array): Utf8Scan {
  const endsInAscii = run.length === 0 || run[run.length - 1]! < 0x80;
  return endsInAscii ? nothingUnfinished : scanUtf8(run, lastLeadIndex(run));
}

// Up to here a loop over the bytes is faster than a call of the decoder.
const shortBytes = 16;

/**
 * The native decoder says only that something is wrong, so it is asked first. A
 * lenient one is up to eight times as fast as a strict one, and a text without a
 * replacement character is what both make of it.
 */
function decodeWhole(bytes: Uint8Array): string | undefined {
  if (bytes.length <= shortBytes) {
    const text = decodeAscii(bytes);
    if (text !== undefined) return text;
  }
  try {
    const text = lenientDecoder.decode(bytes);
    // Somebody may as well have sent a replacement character.
    return text.includes(replacement) ? strictDecoder.decode(bytes) : text;
  } catch {
    return undefined;
  }
}

/**
 * A text if all of it is ASCII: eight characters at a time, since each call of
 * `fromCharCode` costs more than a character.
 */
function decodeAscii(bytes: Uint8Array): string | undefined {
  let text = "";
  let at = 0;
  for (; at + 8 <= bytes.length; at += 8) {
    const a = bytes[at]!, b = bytes[at + 1]!, c = bytes[at + 2]!;
    const d = bytes[at + 3]!, e = bytes[at + 4]!, f = bytes[at + 5]!;
    const g = bytes[at + 6]!, h = bytes[at + 7]!;
    if ((a | b | c | d | e | f | g | h) >= 0x80) return undefined;
    text += String.fromCharCode(a, b, c, d, e, f, g, h);
  }
  for (; at < bytes.length; at++) {
    if (bytes[at]! >= 0x80) return undefined;
    text += String.fromCharCode(bytes[at]!);
  }
  return text;
}

/** And when it has said so, the slow way finds out where. */
function firstInvalidByte(bytes: Uint8Array): number {
  const scan = scanUtf8(bytes);
  if (scan.status === "invalid") return scan.offset;
  throw new RangeError(
    `Cannot decode text: found ${bytes.length} bytes, wanted at most what a ` +
      "string of this engine can hold",
  );
}

type Utf8Scan =
  | { readonly status: "valid"; readonly unfinishedBytes: number }
  | { readonly status: "invalid"; readonly offset: number };

/**
 * Judges bytes one at a time by the table of RFC 3629, from the index `from`
 * on, which has to be the start of a character.
 *
 * This is the plain statement of the rule: {@linkcode decodeUtf8} uses it for
 * the last character and to find the place of an error, and the tests compare
 * the two.
 */
export function scanUtf8(bytes: Uint8Array, from = 0): Utf8Scan {
  let at = from;
  while (at < bytes.length) {
    const lead = bytes[at]!;
    const row = sequences.find(({ leads: [low, high] }) =>
      lead >= low && lead <= high
    );
    if (row === undefined) return { status: "invalid", offset: at };
    for (let index = 1; index < row.byteLength; index++) {
      const byte = bytes[at + index];
      if (byte === undefined) {
        return { status: "valid", unfinishedBytes: bytes.length - at };
      }
      const [low, high] = index === 1 ? row.second : [0x80, 0xbf];
      if (byte < low || byte > high) {
        return { status: "invalid", offset: at + index };
      }
    }
    at += row.byteLength;
  }
  return { status: "valid", unfinishedBytes: 0 };
}

/** Where the last character may begin: at most 3 continuation bytes back. */
function lastLeadIndex(bytes: Uint8Array): number {
  const lowest = Math.max(0, bytes.length - 4);
  let at = bytes.length;
  while (at > lowest) {
    at -= 1;
    if ((bytes[at]! & 0xc0) !== 0x80) return at;
  }
  return at;
}
