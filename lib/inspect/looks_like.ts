/** What a stream may begin with. */
export type Beginning = "request" | "response" | "http2" | "tls" | "frames";

const methods = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "CONNECT",
  "OPTIONS",
  "TRACE",
  "PATCH",
];

/** What stands at the front, and what it is the beginning of. */
const patterns: readonly (readonly [prefix: readonly number[], Beginning])[] = [
  ...methods.map((method) => [ascii(`${method} `), "request"] as const),
  [ascii("HTTP/1."), "response"],
  [ascii("PRI * HTTP/2.0"), "http2"],
  // A record of TLS that holds the first part of its handshake (RFC 8446 §5.1).
  [[0x16, 0x03], "tls"],
];

function ascii(text: string): readonly number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}

/**
 * What a stream is that begins with `bytes`; `undefined` while it may still be
 * more than one thing. What is nothing else is frames: no frame that is legal
 * begins as a head does.
 */
export function looksLike(bytes: Uint8Array): Beginning | undefined {
  const possible = patterns.filter(([prefix]) => agree(prefix, bytes));
  if (possible.length === 0) return "frames";
  const whole = possible.find(([prefix]) => prefix.length <= bytes.length);
  return whole?.[1];
}

/** Whether two sequences are equal as far as both go. */
function agree(prefix: readonly number[], bytes: Uint8Array): boolean {
  return prefix.slice(0, bytes.length)
    .every((byte, index) => byte === bytes[index]);
}
