/**
 * Heads of HTTP. A head is partial until all of it is there, and from then on the
 * answer is the same whatever follows; a broken one stays broken; what was read is
 * written back and read as the same; a request or response is right if no fault is
 * found in it, and then can be answered, and else be refused; and the work is linear
 * in the bytes.
 */
import {
  checkConnectRequest,
  checkConnectResponse,
  refuseConnectRequest,
} from "../../../lib/handshake/extended_connect.ts";
import {
  parseRequestFields,
  parseResponseFields,
  serializeRequestFields,
  serializeResponseFields,
} from "../../../lib/handshake/fields.ts";
import {
  checkResponse,
  responseFaults,
} from "../../../lib/handshake/client.ts";
import {
  type HeadLimits,
  type HeadResult,
  parseRequestHead,
  parseResponseHead,
  type RequestHead,
  type ResponseHead,
} from "../../../lib/handshake/head.ts";
import type { HeaderList } from "../../../lib/handshake/headers.ts";
import {
  serializeRequestHead,
  serializeResponseHead,
} from "../../../lib/handshake/serialize_head.ts";
import {
  acceptRequest,
  checkRequest,
  refuseRequest,
  requestFaults,
} from "../../../lib/handshake/server.ts";
import { joined } from "../../deflate/engines.ts";
import { utf8 } from "../../support/hex.ts";
import { type Random, seededRandom } from "../../support/random.ts";
import {
  assertHolds,
  assertLinear,
  assertSame,
  hashOf,
} from "../invariants.ts";
import type { FuzzTarget } from "../target.ts";

/** The key of RFC 6455 §1.3, and what is accepted for it. */
const key = "dGhlIHNhbXBsZSBub25jZQ==";
const accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

const requestLines = [
  "GET / HTTP/1.1",
  "GET /chat?room=1 HTTP/1.1",
  "GET http://example.com/a HTTP/1.1",
  "POST / HTTP/1.1",
  "GET / HTTP/1.0",
];
const statusLines = [
  "HTTP/1.1 101 Switching Protocols",
  "HTTP/1.1 101",
  "HTTP/1.1 404 Not Found",
  "HTTP/1.0 200 OK",
];
const commonLines = ["Upgrade: websocket", "Connection: keep-alive, Upgrade"];
const requestHeaders = [
  "Host: example.com:80",
  ...commonLines,
  `Sec-WebSocket-Key: ${key}`,
  "Sec-WebSocket-Version: 13",
];
const responseHeaders = [...commonLines, `Sec-WebSocket-Accept: ${accept}`];
const moreHeaders = [
  "Origin: https://example.com",
  "Sec-WebSocket-Protocol: chat, superchat",
  "Sec-WebSocket-Protocol: chat",
  "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
  "Content-Length: 0",
  "Content-Length: 5",
  "Transfer-Encoding: chunked",
  "Sec-WebSocket-Version: 8",
  "Location: /elsewhere",
  "X: \xe9\x80\tb",
  "X:",
];

const words = [
  ...["\r\n", "\r\n\r\n", "\n", "\r", ": ", ":", ",", ";", " ", "\t", "\0"],
  ...["GET", "HTTP/1.1", "HTTP/1.1 101 ", "http://", "https://", "#", "@"],
  ...["websocket", "Upgrade", "Connection", "Host", "Origin", key, accept],
  ...["Sec-WebSocket-Key", "Sec-WebSocket-Accept", "Sec-WebSocket-Version"],
  ...["Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "13", "chat"],
  ...["Content-Length", "permessage-deflate", "*", "[::1]", "localhost:0"],
];

const maxHeadBytes = [16 * 1024, Infinity, 0, 1, 16, 100, 200, 400];
const maxHeaders = [100, Infinity, 0, 1, 3, 8];

/** How many bytes of an input say how to read the others. */
const optionBytes = 2;

/** Reads and judges a request or a response. */
export const target: FuzzTarget = {
  name: "head",
  files: /^lib\/handshake\//,
  maxInputBytes: 1024,
  tokens: words.map(latin1),
  generate: (random) => {
    const isRequest = random.chance(0.5);
    const startLine = random.pick(isRequest ? requestLines : statusLines);
    const headers = (isRequest ? requestHeaders : responseHeaders)
      .filter(() => random.chance(0.95));
    while (random.chance(0.4)) {
      const at = random.integer(0, headers.length);
      headers.splice(at, 0, random.pick(moreHeaders));
    }
    const text = [startLine, ...headers, "", ""].join("\r\n");
    const options = [
      Number(isRequest),
      random.chance(0.8) ? 0 : random.integer(0, 255),
    ];
    return joined([Uint8Array.from(options), latin1(text)]);
  },
  part: (random) =>
    latin1(`${random.pick([...requestHeaders, ...moreHeaders])}\r\n`),
  check: async (bytes, meter) => {
    const [first = 0, second = 0] = bytes;
    const limits = {
      maxHeadBytes: maxHeadBytes[second % 8]!,
      maxHeaders: maxHeaders[(second >> 4) % maxHeaders.length]!,
    };
    const text = bytes.subarray(optionBytes);
    const linear = <Result>(run: () => Result) =>
      assertLinear(meter, text.length, 100, run);
    const random = seededRandom(hashOf(bytes));
    if ((first & 1) === 1) {
      const result = linear(() => parseRequestHead(text, limits));
      checkPrefixes(parseRequestHead, text, limits, result, random);
      if (result.status !== "complete") return;
      linear(() => checkRequestFields(result.head.headers));
      await checkRequestHead(result.head);
    } else {
      const result = linear(() => parseResponseHead(text, limits));
      checkPrefixes(parseResponseHead, text, limits, result, random);
      if (result.status !== "complete") return;
      linear(() => checkResponseFields(result.head.headers));
      await checkResponseHead(result.head);
    }
  },
};

function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** How many beginnings of a head are read by themselves. */
const prefixCount = 12;

function checkPrefixes<Head>(
  parse: (bytes: Uint8Array, limits: HeadLimits) => HeadResult<Head>,
  text: Uint8Array,
  limits: Required<HeadLimits>,
  whole: HeadResult<Head>,
  random: Random,
): void {
  const end = whole.status === "complete" ? whole.bytesRead : text.length;
  assertHolds(
    end <= limits.maxHeadBytes || whole.status !== "complete",
    "A head is longer than the limit",
  );
  const lengths = Array.from(
    { length: prefixCount },
    () => random.integer(0, text.length),
  );
  for (const length of [...lengths, end - 1, end]) {
    if (length < 0) continue;
    const result = parse(text.subarray(0, length), limits);
    if (result.status === "partial") {
      assertPartial(result.bytesNeeded, length, whole);
    } else {
      assertSame(result, whole, `Of ${text.length} bytes ${length}`);
    }
  }
}

function assertPartial<Head>(
  bytesNeeded: number,
  length: number,
  whole: HeadResult<Head>,
): void {
  assertHolds(bytesNeeded > length, "A partial head needs nothing");
  const isRight = whole.status === "complete"
    ? bytesNeeded <= whole.bytesRead
    : whole.status === "invalid" || bytesNeeded <= whole.bytesNeeded;
  assertHolds(isRight, `A head partial at ${length} needs ${bytesNeeded}`);
}

async function checkRequestHead(head: RequestHead): Promise<void> {
  const again = parseRequestHead(serializeRequestHead(head), noLimits);
  assertHolds(again.status === "complete", "A written request is not read");
  assertSame(again.head, head, "A written request");
  const faults = requestFaults(head);
  const checked = checkRequest(head);
  assertSame(checked.status === "valid", faults.length === 0, "No fault");
  if (checked.status === "invalid") {
    const refusal = refuseRequest(checked.error);
    serializeResponseHead(refusal.head);
    utf8(refusal.body);
    return;
  }
  const { request } = checked;
  const protocol = request.protocols[0];
  const answer = await acceptRequest(request, { protocol });
  serializeResponseHead(answer);
  const opened = await checkResponse(answer, {
    key: request.key!,
    protocols: request.protocols,
  });
  assertSame(opened.status, "valid", "The answer to a right request");
}

async function checkResponseHead(head: ResponseHead): Promise<void> {
  const again = parseResponseHead(serializeResponseHead(head), noLimits);
  assertHolds(again.status === "complete", "A written response is not read");
  assertSame(again.head, head, "A written response");
  const protocols = ["chat", "superchat"];
  const faults = responseFaults(head, { accept, protocols });
  const checked = await checkResponse(head, { key, protocols });
  // No extensions were offered, so that any of them is one fault more.
  assertHolds(
    checked.status === "invalid" || faults.length === 0,
    `A response is valid with ${faults.length} faults`,
  );
}

const noLimits: Required<HeadLimits> = {
  maxHeadBytes: Infinity,
  maxHeaders: Infinity,
};

/** The headers of a head as the fields of HTTP/2, with those it adds in front. */
function fieldsOf(
  pseudo: readonly (readonly [string, string])[],
  headers: HeaderList,
): HeaderList {
  return [
    ...pseudo,
    ...headers.map(([name, value]) => [name.toLowerCase(), value] as const),
  ];
}

function checkRequestFields(headers: HeaderList): void {
  const result = parseRequestFields(fieldsOf([
    [":method", "CONNECT"],
    [":protocol", "websocket"],
    [":scheme", "https"],
    [":authority", "example.com"],
    [":path", "/"],
  ], headers));
  if (result.status === "invalid") {
    refuseConnectRequest(result.error);
    return;
  }
  const fields = serializeRequestFields(result.head);
  assertSame(parseRequestFields(fields), result, "Written fields");
  const checked = checkConnectRequest(result.head);
  if (checked.status === "invalid") refuseConnectRequest(checked.error);
}

function checkResponseFields(headers: HeaderList): void {
  const result = parseResponseFields(fieldsOf([[":status", "200"]], headers));
  if (result.status === "invalid") return;
  const fields = serializeResponseFields(result.head);
  assertSame(parseResponseFields(fields), result, "Written fields");
  checkConnectResponse(result.head, { protocols: ["chat"] });
}
