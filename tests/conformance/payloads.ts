/**
 * What the compressed messages are made of: five kinds of data that stand for the
 * five files of the plan, generated from a seed, so that every run sends the same.
 */

/** A kind of data, of which a case sends one piece after the other. */
export interface PayloadKind {
  readonly name: string;
  readonly type: "text" | "binary";
  /** All of it; made when needed. */
  readonly bytes: () => Uint8Array;
}

/**
 * About as much as the plan's smaller files have: more than the longest message,
 * and no multiple of any, so that pieces begin at ever other places.
 */
const byteLength = 200_003;

/** Text that compresses very well, with few characters beyond ASCII. */
export const json: PayloadKind = {
  name: "JSON",
  type: "text",
  bytes: once(() => filledWith(jsonRecord, 1)),
};

/** Bytes of which only some of the bits can be guessed: a picture in grey. */
export const bitmap: PayloadKind = {
  name: "bitmap",
  type: "binary",
  bytes: once(() => {
    const { below } = createRandom(2);
    return Uint8Array.from({ length: byteLength }, (_, at) => {
      const [x, y] = [at % 512, Math.floor(at / 512)];
      return 128 + 80 * Math.sin(x / 60) * Math.cos(y / 45) + below(16);
    });
  }),
};

/** German sentences in UTF-8, sent as bytes, as in the plan. */
export const prose: PayloadKind = {
  name: "German prose",
  type: "binary",
  bytes: once(() => filledWith(germanSentence, 3)),
};

/** Text in which all lengths of characters occur. */
export const html: PayloadKind = {
  name: "HTML",
  type: "text",
  bytes: once(() => filledWith(htmlParagraph, 4)),
};

/** Bytes that do not compress, as most of a PDF, with a few that do. */
export const pdf: PayloadKind = {
  name: "PDF",
  type: "binary",
  bytes: once(() => {
    const { below } = createRandom(5);
    const bytes = Uint8Array.from({ length: byteLength }, () => below(256));
    for (let at = 0, id = 1; at + 8000 < byteLength; at += 8000, id++) {
      bytes.set(
        encode(`${id} 0 obj\n<< /Filter /FlateDecode >>\nstream\n`),
        at,
      );
    }
    return bytes;
  }),
};

/**
 * So many bytes of a kind, those of the message after `index` others of the same
 * length; after the last byte comes the first again. In a text, what is left of a
 * character that was cut gives way to spaces, so that the length stays.
 */
export function payloadOf(
  { type, bytes }: PayloadKind,
  index: number,
  length: number,
): Uint8Array {
  const all = bytes();
  const start = (index * length) % all.length;
  const payload = new Uint8Array(length);
  const first = all.subarray(start, start + length);
  payload.set(first);
  payload.set(all.subarray(0, length - first.length), first.length);
  return type === "text" ? mended(payload) : payload;
}

/** Random numbers of a generator that needs no more than a seed: xorshift32. */
interface Random {
  /** An integer of at least 0 and less than `limit`. */
  readonly below: (limit: number) => number;
  readonly oneOf: (words: readonly string[]) => string;
}

function createRandom(seed: number): Random {
  let state = seed * 0x9e3779b1;
  const below = (limit: number) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
  return { below, oneOf: (words) => words[below(words.length)]! };
}

function filledWith(
  next: (random: Random) => string,
  seed: number,
): Uint8Array {
  const random = createRandom(seed);
  const bytes = new Uint8Array(byteLength);
  for (let at = 0; at < byteLength;) {
    const part = encode(next(random)).subarray(0, byteLength - at);
    bytes.set(part, at);
    at += part.length;
  }
  return mended(bytes);
}

const names = ["Ada", "Grace", "Émilie", "Søren", "Zoë", "Łukasz", "Юлия"];
const tags = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"];

function jsonRecord({ below, oneOf }: Random): string {
  return JSON.stringify({
    id: below(1_000_000),
    isActive: below(2) === 1,
    name: oneOf(names),
    balance: below(10_000_000) / 100,
    position: { latitude: below(180_000) / 1000 - 90, longitude: below(360) },
    tags: [oneOf(tags), oneOf(tags)],
  }) + ",\n";
}

const subjects = ["Der Geist", "Ein Bürger", "Die Königin", "Das Mädchen"];
const verbs = ["sucht", "verläßt", "begrüßt", "vergißt", "fürchtet", "liebt"];
const objects = [
  "den Himmel",
  "die Welt",
  "das Wort",
  "den Schüler",
  "die Tür",
];
const ends = ["für immer", "im Morgenrot", "ohne Ruh", "mit heißem Bemühn"];

function germanSentence({ oneOf }: Random): string {
  const words = [oneOf(subjects), oneOf(verbs), oneOf(objects), oneOf(ends)];
  return `${words.join(" ")}${oneOf([".", "!", ";", ",\r\n"])}\r\n`;
}

const phrases = [
  "naïve café",
  "Привет, мир",
  "こんにちは世界",
  "你好，世界",
  "🙂🚀",
  "שלום",
];

function htmlParagraph({ below, oneOf }: Random): string {
  const id = below(100_000);
  return `<p class="${oneOf(tags)}" id="p${id}">${oneOf(phrases)} ` +
    `<a href="/${oneOf(tags)}/${id}">${oneOf(phrases)}</a></p>\n`;
}

/** The same bytes with spaces for the halves of characters at both ends. */
function mended(bytes: Uint8Array): Uint8Array {
  const isInside = (byte: number | undefined) => ((byte ?? 0) & 0xc0) === 0x80;
  const start = bytes.findIndex((byte) => !isInside(byte));
  bytes.fill(0x20, 0, start === -1 ? bytes.length : start);
  let last = bytes.length - 1;
  while (isInside(bytes[last])) last -= 1;
  if (last + lengthAfter(bytes[last]!) > bytes.length) bytes.fill(0x20, last);
  return bytes;
}

/** How many bytes a character has that begins with this one. */
function lengthAfter(first: number): number {
  return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => made ??= make();
}
