import { assert, assertEquals, assertThrows } from "@std/assert";
import type { ProtocolError } from "../../lib/error/protocol_error.ts";
import {
  type HeadLimits,
  type HeadResult,
  parseRequestHead,
  parseResponseHead,
  type RequestHead,
  type ResponseHead,
  toText,
} from "../../lib/handshake/head.ts";
import { hex } from "../support/hex.ts";
import { assertPure } from "../support/purity.ts";
import { forEachSeed } from "../support/random.ts";
import { concatenated } from "../support/splits.ts";
import { assertInvalid, type Violation } from "../support/violations.ts";
import {
  type HeadCase,
  headText,
  latin1,
  readOnlyRequestCases,
  readOnlyResponseCases,
  requestHeadCases,
  responseHeadCases,
} from "./head_cases.ts";

type Parse<Head> = (
  bytes: Uint8Array,
  limits?: HeadLimits,
  streamOffset?: number,
) => HeadResult<Head>;

/** A parser with the cases that it reads. */
interface Side<Head> {
  readonly name: string;
  readonly parse: Parse<Head>;
  readonly cases: readonly HeadCase<Head>[];
}

const requests: Side<RequestHead> = {
  name: "parseRequestHead()",
  parse: parseRequestHead,
  cases: [...requestHeadCases, ...readOnlyRequestCases],
};

const responses: Side<ResponseHead> = {
  name: "parseResponseHead()",
  parse: parseResponseHead,
  cases: [...responseHeadCases, ...readOnlyResponseCases],
};

/** Runs `check` for every case of both parsers. */
function forEachCase(
  check: (
    parse: Parse<RequestHead | ResponseHead>,
    headCase: HeadCase<RequestHead | ResponseHead>,
    name: string,
  ) => void,
): void {
  const run = <Head extends RequestHead | ResponseHead>(side: Side<Head>) =>
    side.cases.forEach((headCase) =>
      check(side.parse, headCase, `${side.name}: ${headCase.name}`)
    );
  run(requests);
  run(responses);
}

Deno.test("A head is read whole, and its bytes are counted (R25)", () => {
  forEachCase((parse, { text, head }, name) => {
    const bytes = latin1(text);
    assertEquals(
      assertPure(name, parse, bytes),
      { status: "complete", head, bytesRead: bytes.length },
      name,
    );
  });
});

Deno.test("A head is partial at every prefix, and asks for no byte too many (R25)", () => {
  forEachCase((parse, { text }, name) => {
    const bytes = latin1(text);
    // All prefixes of a long head would take quadratic time and show no more.
    const step = bytes.length > 2_000 ? 97 : 1;
    for (let held = 0; held < bytes.length; held += step) {
      const result = parse(bytes.subarray(0, held));
      assert(result.status === "partial", `${name}, ${held} bytes held`);
      const { bytesNeeded } = result;
      assert(
        bytesNeeded > held && bytesNeeded <= bytes.length,
        `${name}: ${bytesNeeded} needed of ${bytes.length}, ${held} held`,
      );
    }
  });
});

Deno.test("A head is read by asking only when there is as much as it needs (R25)", () => {
  forEachCase((parse, { text, head }, name) => {
    const bytes = latin1(text);
    let held = 0;
    let result = parse(bytes.subarray(0, held));
    while (result.status === "partial") {
      held = result.bytesNeeded;
      result = parse(bytes.subarray(0, held));
    }
    assert(result.status === "complete", name);
    assertEquals(result.head, head, name);
    assertEquals(held, bytes.length, name);
  });
});

const trailings = [
  // The first bytes of frames, which no head may hold.
  hex("81 05 48 65 6c 6c 6f"),
  hex("00 0a 0d 7f ff"),
  latin1("GET / HTTP/1.1\r\n\r\n"),
  latin1("\r\n\r\n"),
];

Deno.test("Bytes after a head are left to the caller (R16)", () => {
  forEachCase((parse, { text, head }, name) => {
    for (const trailing of trailings) {
      const bytes = concatenated([latin1(text), trailing]);
      assertEquals(
        assertPure(name, parse, bytes),
        { status: "complete", head, bytesRead: text.length },
        name,
      );
    }
  });
});

/** Bytes that are no head, and the rule and byte by which they are not. */
interface MalformedCase extends Violation {
  readonly name: string;
  readonly source: string;
  readonly bytes: Uint8Array;
}

const start = "GET / HTTP/1.1\r\n";

/** A case of a byte that no head may hold, at its place in `text`. */
function illegalByte(
  name: string,
  source: string,
  text: string,
  offset: number,
): MalformedCase {
  return { name, source, bytes: latin1(text), code: "malformed-head", offset };
}

const controls = Array.from({ length: 0x21 }, (_, code) => code)
  .map((code) => code === 0x20 ? 0x7f : code)
  .filter((code) => ![0x09, 0x0a, 0x0d].includes(code));

const illegalBytes: readonly MalformedCase[] = [
  illegalByte(
    "a bare LF",
    "RFC 9112 §2.2",
    "GET / HTTP/1.1\nHost: a\n\n",
    14,
  ),
  illegalByte(
    "a bare LF after a header",
    "RFC 9112 §2.2",
    `${start}Host: a\nX: y\r\n\r\n`,
    23,
  ),
  illegalByte(
    "a bare LF for the empty line",
    "RFC 9112 §2.2",
    `${start}\n`,
    16,
  ),
  illegalByte("LF first of all", "RFC 9112 §2.2", `\n${start}\r\n`, 0),
  illegalByte(
    "a bare CR in a value",
    "RFC 9112 §2.2",
    `${start}X: a\rb\r\n\r\n`,
    20,
  ),
  illegalByte("two CRs", "RFC 9112 §2.2", `${start}X: a\r\r\n\r\n`, 20),
  illegalByte(
    "a bare CR in the start line",
    "RFC 9112 §2.2",
    "GET /\rHTTP/1.1\r\n\r\n",
    5,
  ),
  ...controls.map((code) =>
    illegalByte(
      `control 0x${code.toString(16)} in a value`,
      "RFC 9110 §5.5",
      `${start}X: a${String.fromCharCode(code)}b\r\n\r\n`,
      20,
    )
  ),
  illegalByte("NUL in a name", "RFC 9110 §5.1", `${start}X\0: a\r\n\r\n`, 17),
  illegalByte(
    "NUL in the target",
    "RFC 9112 §3",
    "GET /\0 HTTP/1.1\r\n\r\n",
    5,
  ),
  {
    name: "a TLS ClientHello",
    source: "RFC 8446 §5.1",
    bytes: hex("16 03 01 00 c8 01 00 00 c4 03 03"),
    code: "malformed-head",
    offset: 0,
  },
  {
    name: "a SETTINGS frame of HTTP/2",
    source: "RFC 9113 §6.5",
    bytes: hex("00 00 12 04 00 00 00 00 00"),
    code: "malformed-head",
    offset: 0,
  },
];

const headerLines: readonly MalformedCase[] = ([
  ["obs-fold", "RFC 9112 §5.2", " folded"],
  ["obs-fold with a tab", "RFC 9112 §5.2", "\tfolded"],
  ["obs-fold with a colon", "RFC 9112 §5.2", " b: c"],
  ["a line of spaces", "RFC 9112 §5.2", "  "],
  ["a space before the colon", "RFC 9112 §5.1", "Host : a"],
  ["a tab before the colon", "RFC 9112 §5.1", "Host\t: a"],
  ["an empty name", "RFC 9112 §5", ": a"],
  ["no colon", "RFC 9112 §5", "Host a"],
  ["a space in a name", "RFC 9110 §5.1", "Ho st: a"],
  ["a byte over 0x7F in a name", "RFC 9110 §5.1", "H\xf6st: a"],
  ["a separator in a name", "RFC 9110 §5.6.2", "Host(1): a"],
] as const).map(([name, source, line]) => ({
  name,
  source,
  bytes: latin1(headText("GET / HTTP/1.1", "A: b", line, "Z: y")),
  code: "malformed-head",
  // The line that is wrong comes after 14 + 2 and 4 + 2 bytes.
  offset: 22,
}));

const requestLines: readonly MalformedCase[] = ([
  ["nothing", ""],
  ["an empty line before it", "\r\nGET / HTTP/1.1"],
  ["no version", "GET /"],
  ["no version but a space", "GET / "],
  ["no target", "GET HTTP/1.1"],
  ["an empty target", "GET  HTTP/1.1"],
  ["HTTP in lower case", "GET / http/1.1"],
  ["HTTP in mixed case", "GET / Http/1.1"],
  ["another protocol", "GET / HTTPS/1.1"],
  ["a version of one number", "GET / HTTP/1"],
  ["a version of two digits", "GET / HTTP/1.10"],
  ["a version with a comma", "GET / HTTP/1,1"],
  ["something after the version", "GET / HTTP/1.1 x"],
  ["a space at the end", "GET / HTTP/1.1 "],
  ["a space at the beginning", " GET / HTTP/1.1"],
  ["two spaces before the target", "GET  / HTTP/1.1"],
  ["two spaces after the target", "GET /  HTTP/1.1"],
  ["a tab before the target", "GET\t/ HTTP/1.1"],
  ["a tab after the target", "GET /\tHTTP/1.1"],
  ["a space in the target", "GET /a b HTTP/1.1"],
  ["a byte over 0x7F in the target", "GET /\xe9 HTTP/1.1"],
  ["a method that is no token", "G{}T / HTTP/1.1"],
  ["a response", "HTTP/1.1 200 OK"],
] as const).map(([name, line]) => ({
  name: `request line: ${name}`,
  source: "RFC 9112 §3",
  bytes: latin1(headText(line, "Host: a")),
  code: "malformed-head",
  offset: 0,
}));

const statusLines: readonly MalformedCase[] = ([
  ["nothing", ""],
  ["no status", "HTTP/1.1"],
  ["an empty status", "HTTP/1.1  OK"],
  ["two digits", "HTTP/1.1 20 OK"],
  ["four digits", "HTTP/1.1 2000 OK"],
  ["a zero in front", "HTTP/1.1 099 OK"],
  ["letters", "HTTP/1.1 2OO OK"],
  ["a sign", "HTTP/1.1 +20 OK"],
  ["two spaces before the status", "HTTP/1.1  200 OK"],
  ["a tab before the status", "HTTP/1.1\t200 OK"],
  ["a tab after the status", "HTTP/1.1 200\tOK"],
  ["HTTP in lower case", "http/1.1 200 OK"],
  ["a version of one number", "HTTP/1 200 OK"],
  ["a space at the beginning", " HTTP/1.1 200 OK"],
  ["another protocol", "ICY 200 OK"],
  ["a request", "GET / HTTP/1.1"],
] as const).map(([name, line]) => ({
  name: `status line: ${name}`,
  source: "RFC 9112 §4",
  bytes: latin1(headText(line, "Server: a")),
  code: "malformed-head",
  offset: 0,
}));

const malformedRequests = [...illegalBytes, ...headerLines, ...requestLines];

/** What the first prefix says that is not partial, the whole included. */
function parseByteByByte<Head>(
  parse: Parse<Head>,
  bytes: Uint8Array,
  limits?: HeadLimits,
): HeadResult<Head> {
  for (let held = 0; held < bytes.length; held++) {
    const result = parse(bytes.subarray(0, held), limits);
    if (result.status !== "partial") return result;
  }
  return parse(bytes, limits);
}

/** The parts of an error that a peer or a log gets to see. */
function facts({ code, offset, message, httpStatus }: ProtocolError) {
  return { code, offset, message, httpStatus };
}

function assertMalformed<Head>(
  parse: Parse<Head>,
  { name, source, bytes, code, offset }: MalformedCase,
  limits?: HeadLimits,
): void {
  const label = `${name} (${source})`;
  const whole = assertInvalid(
    assertPure(label, parse, bytes, limits),
    { code, offset },
    label,
  );
  const single = parseByteByByte(parse, bytes, limits);
  assert(single.status === "invalid", `${label}, byte by byte`);
  assertEquals(facts(single.error), facts(whole), label);
  const later = parse(bytes, limits, 1000);
  assertInvalid(later, { code, offset: offset + 1000 }, `${label}, at 1000`);
}

Deno.test("parseRequestHead() refuses a malformed head, cut or whole, at the same byte (R25)", () => {
  for (const malformed of malformedRequests) {
    assertMalformed(parseRequestHead, malformed);
    const result = parseRequestHead(malformed.bytes);
    assert(result.status === "invalid");
    assertEquals(result.error.httpStatus, 400, malformed.name);
    assertEquals(result.error.closeCode, 1006, malformed.name);
  }
});

Deno.test("parseResponseHead() refuses a malformed head, cut or whole, at the same byte (R23)", () => {
  for (const malformed of statusLines) {
    assertMalformed(parseResponseHead, malformed);
  }
  for (const name of ["a space before the colon", "obs-fold", "no colon"]) {
    const { bytes } = headerLines.find((line) => line.name === name)!;
    // A status line of the same length, so that the offset is the same too.
    const text = toText(bytes).replace("GET / HTTP/1.1", "HTTP/1.1 200 O");
    assertMalformed(parseResponseHead, {
      name,
      source: "RFC 9112 §5",
      bytes: latin1(text),
      code: "malformed-head",
      offset: 22,
    });
  }
});

Deno.test("A byte that no head may hold is refused as soon as it is there (R25)", () => {
  for (const { name, bytes, offset } of illegalBytes) {
    // A CR is wrong only because of what comes after it.
    const seenAt = bytes[offset] === 0x0d ? offset + 2 : offset + 1;
    const before = parseRequestHead(bytes.subarray(0, seenAt - 1));
    assertEquals(before.status, "partial", name);
    const at = parseRequestHead(bytes.subarray(0, seenAt));
    assertInvalid(at, { code: "malformed-head", offset }, name);
  }
});

Deno.test("A TLS ClientHello is refused on its first byte (R25)", () => {
  for (const parse of [parseRequestHead, parseResponseHead]) {
    const result = parse(hex("16"));
    assertInvalid(result, { code: "malformed-head", offset: 0 }, "0x16");
  }
});

const limited = headText("GET / HTTP/1.1", "Host: a", "X: y");

const tooLarge = { code: "head-too-large", offset: 0 } as const;

Deno.test("A head as large as the limit is read, and one byte more is not (R76)", () => {
  const bytes = latin1(limited);
  const { length } = bytes;
  const exact = parseRequestHead(bytes, { maxHeadBytes: length });
  assertEquals(exact.status, "complete");
  for (const maxHeadBytes of [0, 1, 2, length - 2, length - 1]) {
    const limits = { maxHeadBytes };
    const whole = parseRequestHead(bytes, limits);
    const error = assertInvalid(whole, tooLarge, `${maxHeadBytes}`);
    const later = parseRequestHead(bytes, limits, 1000);
    assertInvalid(later, { ...tooLarge, offset: 1000 }, `${maxHeadBytes}`);
    assertEquals(error.httpStatus, 431);
    const single = parseByteByByte(parseRequestHead, bytes, limits);
    assert(single.status === "invalid", `${maxHeadBytes}`);
    assertEquals(facts(single.error), facts(error), `${maxHeadBytes}`);
  }
});

Deno.test("A head is too large as soon as it cannot end within the limit (R76)", () => {
  const limits = { maxHeadBytes: 32 };
  const bytes = latin1(`GET /${"a".repeat(100)}`);
  assertEquals(
    parseRequestHead(bytes.subarray(0, 31), limits).status,
    "partial",
  );
  const result = parseRequestHead(bytes.subarray(0, 32), limits);
  assertInvalid(result, tooLarge, "32 bytes");
});

Deno.test("The largest head is 16 KiB when nothing else is said (R76)", () => {
  const filled = (size: number) => {
    const [before, after] = ["GET / HTTP/1.1\r\nX: ", "\r\n\r\n"];
    const value = "a".repeat(size - before.length - after.length);
    return latin1(`${before}${value}${after}`);
  };
  assertEquals(parseRequestHead(filled(16_384)).status, "complete");
  assertInvalid(parseRequestHead(filled(16_385)), tooLarge, "16,385 bytes");
  assertEquals(
    parseRequestHead(filled(100_000), { maxHeadBytes: Infinity }).status,
    "complete",
  );
});

Deno.test("As many headers as the limit are read, and one more is not (R76)", () => {
  const lines = (count: number) =>
    latin1(headText(
      "GET / HTTP/1.1",
      ...Array.from({ length: count }, (_, index) => `X: ${index}`),
    ));
  for (const maxHeaders of [0, 1, 7]) {
    const limits = { maxHeaders };
    const exact = parseRequestHead(lines(maxHeaders), limits);
    assertEquals(exact.status, "complete", `${maxHeaders}`);
    const more = parseRequestHead(lines(maxHeaders + 1), limits);
    const error = assertInvalid(more, tooLarge, `${maxHeaders}`);
    assertEquals(error.httpStatus, 431);
    const single = parseByteByByte(
      parseRequestHead,
      lines(maxHeaders + 1),
      limits,
    );
    assert(single.status === "invalid", `${maxHeaders}`);
    assertEquals(facts(single.error), facts(error), `${maxHeaders}`);
  }
  assertEquals(parseRequestHead(lines(100)).status, "complete");
  assertInvalid(parseRequestHead(lines(101)), tooLarge, "101 headers");
  const unlimited = { maxHeaders: Infinity };
  assertEquals(parseRequestHead(lines(500), unlimited).status, "complete");
});

Deno.test("The limits hold for responses too (R76)", () => {
  const bytes = latin1(headText("HTTP/1.1 404 Not Found", "X: y"));
  const { length } = bytes;
  for (const limits of [{ maxHeadBytes: length - 1 }, { maxHeaders: 0 }]) {
    assertInvalid(parseResponseHead(bytes, limits), tooLarge, String(limits));
  }
  const exact = { maxHeadBytes: length, maxHeaders: 1 };
  assertEquals(parseResponseHead(bytes, exact).status, "complete");
});

Deno.test("A bare CR as the last byte within the limit is judged the same, cut or whole (R25)", () => {
  const text = "GET / HTTP/1.1\rX: y\r\n\r\n";
  const limits = { maxHeadBytes: text.indexOf("\r") + 1 };
  const whole = parseRequestHead(latin1(text), limits);
  const single = parseByteByByte(parseRequestHead, latin1(text), limits);
  assert(whole.status === "invalid" && single.status === "invalid");
  assertEquals(facts(whole.error), facts(single.error));
});

Deno.test("Any bytes get the same answer whole and byte by byte (R25)", () => {
  const alphabet = latin1(":\r\n\r\n\r\n \tab/1.H\0\xe9");
  const { text } = requestHeadCases[0]!;
  forEachSeed((random) => {
    for (let round = 0; round < 10; round++) {
      const bytes = latin1(text);
      for (let change = random.integer(1, 3); change > 0; change--) {
        const at = random.integer(0, bytes.length - 1);
        bytes[at] = random.pick(Array.from(alphabet));
      }
      const whole = parseRequestHead(bytes);
      const single = parseByteByByte(parseRequestHead, bytes);
      assertEquals(single.status, whole.status, toText(bytes));
      if (whole.status === "invalid" && single.status === "invalid") {
        assertEquals(facts(single.error), facts(whole.error), toText(bytes));
      } else {
        assertEquals(single, whole, toText(bytes));
      }
    }
  });
});

Deno.test("An error shows no more than the beginning of a long line", () => {
  const result = parseRequestHead(latin1(headText("a".repeat(10_000))));
  const at = { code: "malformed-head", offset: 0 } as const;
  const { message } = assertInvalid(result, at, "10,000 characters");
  assert(message.length < 250, `${message.length} characters`);
});

Deno.test("parseRequestHead() and parseResponseHead() throw for a caller's mistake", () => {
  for (const parse of [parseRequestHead, parseResponseHead]) {
    assertThrows(
      () => parse("GET / HTTP/1.1" as unknown as Uint8Array),
      TypeError,
      "wanted a Uint8Array",
    );
    for (const streamOffset of [-1, 0.5, NaN, Infinity]) {
      assertThrows(
        () => parse(new Uint8Array(0), {}, streamOffset),
        RangeError,
        "streamOffset",
      );
    }
    for (const limit of [-1, 0.5, NaN, -Infinity]) {
      assertThrows(
        () => parse(new Uint8Array(0), { maxHeadBytes: limit }),
        RangeError,
        "maxHeadBytes",
      );
      assertThrows(
        () => parse(new Uint8Array(0), { maxHeaders: limit }),
        RangeError,
        "maxHeaders",
      );
    }
  }
});

Deno.test("toText() gives one character for each byte", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const text = assertPure("toText()", toText, bytes);
  assertEquals(text.length, 256);
  assertEquals(latin1(text), bytes);
});
