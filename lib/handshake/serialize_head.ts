import {
  type HeadLimits,
  type HeadResult,
  parseRequestHead,
  parseResponseHead,
  type RequestHead,
  type ResponseHead,
  toText,
} from "./head.ts";
import type { HeaderList } from "./headers.ts";

/**
 * Writes the head of a request as bytes, the inverse of
 * {@linkcode parseRequestHead}.
 *
 * @example
 * ```ts
 * import { serializeRequestHead } from "@sluice/websocket/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = serializeRequestHead({
 *   method: "GET",
 *   target: "/",
 *   httpVersion: "1.1",
 *   headers: [["Host", "a"]],
 * });
 *
 * assertEquals(
 *   new TextDecoder().decode(bytes),
 *   "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
 * );
 * ```
 *
 * @param head What to send.
 * @returns A new array.
 * @throws {TypeError} If a part of the head would not be read back as it is,
 * such as a header value with a line break in it.
 */
export function serializeRequestHead(
  head: RequestHead,
): Uint8Array<ArrayBuffer> {
  const { method, target, httpVersion, headers } = head;
  return serializeHead(
    `${method} ${target} HTTP/${httpVersion}`,
    headers,
    parseRequestHead,
  );
}

/**
 * Writes the head of a response as bytes, the inverse of
 * {@linkcode parseResponseHead}.
 *
 * @example
 * ```ts
 * import { serializeResponseHead } from "@sluice/websocket/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = serializeResponseHead({
 *   httpVersion: "1.1",
 *   status: 404,
 *   reason: "Not Found",
 *   headers: [],
 * });
 *
 * assertEquals(new TextDecoder().decode(bytes), "HTTP/1.1 404 Not Found\r\n\r\n");
 * ```
 *
 * @param head What to send.
 * @returns A new array.
 * @throws {TypeError} If a part of the head would not be read back as it is,
 * such as a header value with a line break in it.
 */
export function serializeResponseHead(
  head: ResponseHead,
): Uint8Array<ArrayBuffer> {
  const { httpVersion, status, reason, headers } = head;
  return serializeHead(
    `HTTP/${httpVersion} ${status} ${reason}`,
    headers,
    parseResponseHead,
  );
}

/** Text as ISO 8859-1, and reads it back to see that nothing was lost. */
function serializeHead(
  startLine: string,
  headers: HeaderList,
  parse: (bytes: Uint8Array, limits: HeadLimits) => HeadResult<unknown>,
): Uint8Array<ArrayBuffer> {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  const text = `${startLine}\r\n${lines.join("")}\r\n`;
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  const result = parse(bytes, { maxHeadBytes: Infinity, maxHeaders: Infinity });
  const readBack = result.status === "complete" &&
    result.bytesRead === bytes.length && toText(bytes) === text &&
    isSame((result.head as { headers: HeaderList }).headers, headers);
  if (readBack) return bytes;
  throw new TypeError(
    `Cannot serialize HTTP head: found ${
      JSON.stringify(text)
    }, wanted a start line and headers without controls (RFC 9112 §2)`,
  );
}

function isSame(a: HeaderList, b: HeaderList): boolean {
  return a.length === b.length && a.every(([name, value], index) => {
    const [otherName, otherValue] = b[index]!;
    return name === otherName && value === otherValue;
  });
}
