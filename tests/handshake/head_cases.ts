import type { RequestHead, ResponseHead } from "../../lib/handshake/head.ts";

/** A head, as a value and as it stands on the wire. */
export interface HeadCase<Head> {
  /** What is special about it. */
  readonly name: string;
  /** Where it is from, or which section allows it. */
  readonly source: string;
  /** The bytes, one character each. */
  readonly text: string;
  /** The same head as a value. */
  readonly head: Head;
}

/** One byte for each character, as ISO 8859-1 has it. */
export function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Lines with CR LF after each, and the empty line. */
export function headText(...lines: readonly string[]): string {
  return [...lines, "", ""].join("\r\n");
}

const upperHalf = Array.from(
  { length: 128 },
  (_, index) => String.fromCharCode(0x80 + index),
).join("");

const visible = Array.from(
  { length: 94 },
  (_, index) => String.fromCharCode(0x21 + index),
).join("");

/** Requests for reading and writing alike. */
export const requestHeadCases: readonly HeadCase<RequestHead>[] = [
  {
    name: "the example",
    source: "RFC 6455 §1.2",
    text: headText(
      "GET /chat HTTP/1.1",
      "Host: server.example.com",
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      "Origin: http://example.com",
      "Sec-WebSocket-Protocol: chat, superchat",
      "Sec-WebSocket-Version: 13",
    ),
    head: {
      method: "GET",
      target: "/chat",
      httpVersion: "1.1",
      headers: [
        ["Host", "server.example.com"],
        ["Upgrade", "websocket"],
        ["Connection", "Upgrade"],
        ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="],
        ["Origin", "http://example.com"],
        ["Sec-WebSocket-Protocol", "chat, superchat"],
        ["Sec-WebSocket-Version", "13"],
      ],
    },
  },
  {
    name: "no headers",
    source: "RFC 9112 §2.1",
    text: headText("GET / HTTP/1.1"),
    head: { method: "GET", target: "/", httpVersion: "1.1", headers: [] },
  },
  {
    name: "an empty value",
    source: "RFC 9110 §5.5",
    text: headText("GET / HTTP/1.1", "X: ", "Y: 1"),
    head: {
      method: "GET",
      target: "/",
      httpVersion: "1.1",
      headers: [["X", ""], ["Y", "1"]],
    },
  },
  {
    name: "repeated names in any case",
    source: "RFC 9110 §5.3",
    text: headText("GET / HTTP/1.1", "Via: a", "via: b", "VIA: a"),
    head: {
      method: "GET",
      target: "/",
      httpVersion: "1.1",
      headers: [["Via", "a"], ["via", "b"], ["VIA", "a"]],
    },
  },
  {
    name: "colons, quotes and tabs in a value",
    source: "RFC 9110 §5.5",
    text: headText("GET / HTTP/1.1", 'X: a: b:\t"c, d"; e='),
    head: {
      method: "GET",
      target: "/",
      httpVersion: "1.1",
      headers: [["X", 'a: b:\t"c, d"; e=']],
    },
  },
  {
    name: "bytes 0x80 to 0xFF in a value",
    source: "RFC 9110 §5.5, obs-text",
    text: headText("GET / HTTP/1.1", `X: ${upperHalf}`),
    head: {
      method: "GET",
      target: "/",
      httpVersion: "1.1",
      headers: [["X", upperHalf]],
    },
  },
  {
    name: "U+00A0 at both ends of a value",
    source: "RFC 9110 §5.6.3",
    text: headText("GET / HTTP/1.1", "X: \xa0a\xa0"),
    head: {
      method: "GET",
      target: "/",
      httpVersion: "1.1",
      headers: [["X", "\xa0a\xa0"]],
    },
  },
  {
    name: "every character of a token as a name",
    source: "RFC 9110 §5.6.2",
    text: headText("GET / HTTP/1.1", "!#$%&'*+-.^_`|~09AZaz: x"),
    head: {
      method: "GET",
      target: "/",
      httpVersion: "1.1",
      headers: [["!#$%&'*+-.^_`|~09AZaz", "x"]],
    },
  },
  {
    name: "every visible character in the target",
    source: "RFC 9112 §3.2",
    text: headText(`GET /${visible} HTTP/1.1`),
    head: {
      method: "GET",
      target: `/${visible}`,
      httpVersion: "1.1",
      headers: [],
    },
  },
  {
    name: "another method, target and version",
    source: "RFC 9112 §3",
    text: headText("OPTIONS * HTTP/1.0", "Host: a"),
    head: {
      method: "OPTIONS",
      target: "*",
      httpVersion: "1.0",
      headers: [["Host", "a"]],
    },
  },
];

/** Responses for reading and writing alike. */
export const responseHeadCases: readonly HeadCase<ResponseHead>[] = [
  {
    name: "the example",
    source: "RFC 6455 §1.2 and §1.3",
    text: headText(
      "HTTP/1.1 101 Switching Protocols",
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
      "Sec-WebSocket-Protocol: chat",
    ),
    head: {
      httpVersion: "1.1",
      status: 101,
      reason: "Switching Protocols",
      headers: [
        ["Upgrade", "websocket"],
        ["Connection", "Upgrade"],
        ["Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="],
        ["Sec-WebSocket-Protocol", "chat"],
      ],
    },
  },
  {
    name: "no reason",
    source: "RFC 9112 §4",
    text: headText("HTTP/1.1 404 "),
    head: { httpVersion: "1.1", status: 404, reason: "", headers: [] },
  },
  {
    name: "a reason with spaces, tabs and bytes 0x80 to 0xFF",
    source: "RFC 9112 §4",
    text: headText(`HTTP/1.0 599 \t a ${upperHalf} `, "X: y"),
    head: {
      httpVersion: "1.0",
      status: 599,
      reason: `\t a ${upperHalf} `,
      headers: [["X", "y"]],
    },
  },
  {
    name: "the largest status of three digits",
    source: "RFC 9110 §15",
    text: headText("HTTP/1.1 999 Odd"),
    head: { httpVersion: "1.1", status: 999, reason: "Odd", headers: [] },
  },
];

const plain = { method: "GET", target: "/", httpVersion: "1.1" };

/** Requests that are read so, but never written so. */
export const readOnlyRequestCases: readonly HeadCase<RequestHead>[] = [
  {
    name: "no space after the colon",
    source: "RFC 9112 §5",
    text: headText("GET / HTTP/1.1", "Host:a", "X:"),
    head: { ...plain, headers: [["Host", "a"], ["X", ""]] },
  },
  {
    name: "spaces and tabs around values",
    source: "RFC 9112 §5",
    text: headText("GET / HTTP/1.1", "Host:\t a \t", "X:   ", "Y: a  b "),
    head: { ...plain, headers: [["Host", "a"], ["X", ""], ["Y", "a  b"]] },
  },
  {
    name: "a run of 10,000 spaces inside a value",
    source: "RFC 9112 §5",
    text: headText("GET / HTTP/1.1", `X: a${" ".repeat(10_000)}b `),
    head: { ...plain, headers: [["X", `a${" ".repeat(10_000)}b`]] },
  },
];

/** Responses that are read so, but never written so. */
export const readOnlyResponseCases: readonly HeadCase<ResponseHead>[] = [
  {
    name: "no space after the status, as some servers have it",
    source: "RFC 9112 §4",
    text: headText("HTTP/1.1 204", "X:y"),
    head: {
      httpVersion: "1.1",
      status: 204,
      reason: "",
      headers: [["X", "y"]],
    },
  },
];
