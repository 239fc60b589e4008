import type { Invalid } from "../error/protocol_error.ts";
import { headError } from "../error/head_rules.ts";
import { quote } from "../error/quote.ts";
import {
  requireBytes,
  requireInteger,
  requireLimit,
} from "../error/require.ts";
import { type HeaderList, isToken, trimWhitespace } from "./headers.ts";

/** The head of an HTTP/1.1 request, as a plain value. */
export interface RequestHead {
  /** Such as `"GET"`. */
  readonly method: string;
  /** The request target, such as `"/chat?room=1"`. */
  readonly target: string;
  /** Such as `"1.1"`. */
  readonly httpVersion: string;
  /** The header lines, in order. */
  readonly headers: HeaderList;
}

/** The head of an HTTP/1.1 response, as a plain value. */
export interface ResponseHead {
  /** Such as `"1.1"`. */
  readonly httpVersion: string;
  /** Such as 101. */
  readonly status: number;
  /** Such as `"Switching Protocols"`; may be empty. */
  readonly reason: string;
  /** The header lines, in order. */
  readonly headers: HeaderList;
}

/** How much of a head is read before it is refused. */
export interface HeadLimits {
  /**
   * The largest head accepted, in bytes, with the empty line at its end. Node
   * and nginx read 16 and 32 KiB.
   *
   * @default {16384}
   */
  readonly maxHeadBytes?: number;
  /**
   * The most header lines accepted. Apache reads 100, python `websockets` 128.
   *
   * @default {100}
   */
  readonly maxHeaders?: number;
}

/** What {@linkcode parseRequestHead} says of the bytes it was given. */
export type HeadResult<Head> =
  | {
    /** The whole head was read. */
    readonly status: "complete";
    /** The head. */
    readonly head: Head;
    /** Its bytes, to the end of the empty line. What follows is not HTTP. */
    readonly bytesRead: number;
  }
  | {
    /** The head is right as far as it goes. */
    readonly status: "partial";
    /** How many bytes to hold, in total, before asking again. */
    readonly bytesNeeded: number;
  }
  | Invalid;

/** The largest head read by default, in bytes. */
export const defaultMaxHeadBytes: number = 16 * 1024;
/** The most header lines read by default. */
export const defaultMaxHeaders = 100;

const tab = 0x09;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const endOfHead = [carriageReturn, lineFeed, carriageReturn, lineFeed];

/**
 * Reads the head of an HTTP/1.1 request from the front of `bytes`.
 *
 * Strict: lines end with CR LF, names are tokens with the colon right after
 * them, no line is folded, and a byte that no head may hold is refused as soon
 * as it is there. `bytes` is not changed. Values are given as ISO 8859-1, one
 * character a byte.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc9112#section-2 | RFC 9112 §2}.
 *
 * @param bytes Received bytes, from the start of the request.
 * @param limits How large a head may be.
 * @param streamOffset Where the request begins in the stream, in bytes; an error's
 * offset counts from there. 0 by default.
 * @returns The head and its size, or how many bytes are needed, or what is
 * wrong with it.
 * @throws {TypeError} If `bytes` is not a `Uint8Array`.
 * @throws {RangeError} If a limit is not an integer >= 0 or `Infinity`.
 *
 * @example The first bytes of a frame may follow the head
 * ```ts
 * import { parseRequestHead } from "@sluice/websocket/handshake";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("GET /chat HTTP/1.1\r\nHost: a\r\n\r\n...");
 * const result = parseRequestHead(bytes);
 *
 * assert(result.status === "complete");
 * assertEquals(result.head.target, "/chat");
 * assertEquals(result.head.headers, [["Host", "a"]]);
 * assertEquals(bytes.length - result.bytesRead, 3);
 * ```
 */
export function parseRequestHead(
  bytes: Uint8Array,
  limits: HeadLimits = {},
  streamOffset = 0,
): HeadResult<RequestHead> {
  return parseHead(bytes, limits, parseRequestLine, streamOffset);
}

/**
 * Reads the head of an HTTP/1.1 response from the front of `bytes`, as
 * {@linkcode parseRequestHead} reads that of a request.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc9112#section-4 | RFC 9112 §4}.
 *
 * @param bytes Received bytes, from the start of the response.
 * @param limits How large a head may be.
 * @param streamOffset Where the response begins in the stream, in bytes; an error's
 * offset counts from there. 0 by default.
 * @returns The head and its size, or how many bytes are needed, or what is
 * wrong with it.
 * @throws {TypeError} If `bytes` is not a `Uint8Array`.
 * @throws {RangeError} If a limit is not an integer >= 0 or `Infinity`.
 *
 * @example
 * ```ts
 * import { parseResponseHead } from "@sluice/websocket/handshake";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("HTTP/1.1 404 Not Found\r\n\r\n");
 * const result = parseResponseHead(bytes);
 *
 * assert(result.status === "complete");
 * assertEquals(result.head.status, 404);
 * ```
 */
export function parseResponseHead(
  bytes: Uint8Array,
  limits: HeadLimits = {},
  streamOffset = 0,
): HeadResult<ResponseHead> {
  return parseHead(bytes, limits, parseStatusLine, streamOffset);
}

/** What a start line says, everything but the header lines. */
type StartLine<Head> = Omit<Head, "headers">;

function parseHead<Head>(
  bytes: Uint8Array,
  limits: HeadLimits,
  parseStartLine: (line: string) => StartLine<Head> | undefined,
  streamOffset: number,
): HeadResult<Head & { readonly headers: HeaderList }> {
  const { maxHeadBytes = defaultMaxHeadBytes, maxHeaders = defaultMaxHeaders } =
    limits;
  const action = "Cannot parse HTTP head";
  requireBytes(bytes, action);
  requireLimit(maxHeadBytes, action, "maxHeadBytes");
  requireLimit(maxHeaders, action, "maxHeaders");
  requireInteger(streamOffset, action, "streamOffset");
  const tooLarge = (found: string, limit: string) =>
    invalid("head-too-large", found, streamOffset, `at most ${limit}`);
  const end = findHeadEnd(bytes, maxHeadBytes);
  const within = bytes.subarray(0, end?.bytesRead ?? maxHeadBytes);
  const illegal = findIllegalByte(within, streamOffset);
  if (illegal !== undefined) return illegal;
  if (end === undefined) {
    return bytes.length >= maxHeadBytes
      ? tooLarge(`no end after ${maxHeadBytes} bytes`, `${maxHeadBytes} bytes`)
      : { status: "partial", bytesNeeded: bytes.length + missingEnd(bytes) };
  }
  const { bytesRead } = end;
  // Without the CR LF of the last line and the empty line after it.
  const lines = toText(bytes.subarray(0, bytesRead - 4)).split("\r\n");
  const startLine = parseStartLine(lines[0]!);
  if (startLine === undefined) {
    return malformed("start line", lines[0]!, streamOffset);
  }
  if (lines.length - 1 > maxHeaders) {
    return tooLarge(`${lines.length - 1} headers`, `${maxHeaders} headers`);
  }
  const headers = parseHeaders(lines, streamOffset);
  return "status" in headers ? headers : {
    status: "complete",
    head: { ...startLine, headers } as Head & { readonly headers: HeaderList },
    bytesRead,
  };
}

/** The end of the first empty line, if it lies within the limit. */
function findHeadEnd(
  bytes: Uint8Array,
  maxHeadBytes: number,
): { readonly bytesRead: number } | undefined {
  let at = bytes.indexOf(lineFeed);
  while (at !== -1 && at < maxHeadBytes) {
    if (endsWith(bytes, at + 1, endOfHead.length)) return { bytesRead: at + 1 };
    at = bytes.indexOf(lineFeed, at + 1);
  }
}

/** Whether the `count` bytes before `end` are the first of CR LF CR LF. */
function endsWith(bytes: Uint8Array, end: number, count: number): boolean {
  return end >= count && endOfHead.slice(0, count)
    .every((byte, index) => bytes[end - count + index] === byte);
}

/** How many bytes of CR LF CR LF are still to come, at the least. */
function missingEnd(bytes: Uint8Array): number {
  const held = [3, 2, 1].find((count) => endsWith(bytes, bytes.length, count));
  return endOfHead.length - (held ?? 0);
}

/** The first byte that may not stand in a head, such as a lone LF. */
function findIllegalByte(
  head: Uint8Array,
  streamOffset: number,
): Invalid | undefined {
  const at = head.findIndex((byte, index) => {
    const next = head[index + 1];
    if (byte === carriageReturn) return next !== undefined && next !== lineFeed;
    if (byte === lineFeed) return head[index - 1] !== carriageReturn;
    return byte !== tab && (byte < 0x20 || byte === 0x7f);
  });
  if (at === -1) return undefined;
  const hex = head[at]!.toString(16).padStart(2, "0");
  return invalid("malformed-head", `byte 0x${hex}`, streamOffset + at);
}

const requestLine = /^([^ ]+) ([!-~]+) HTTP\/([0-9]\.[0-9])$/;

function parseRequestLine(line: string): StartLine<RequestHead> | undefined {
  const [, method, target, httpVersion] = requestLine.exec(line) ?? [];
  if (!method || !target || !httpVersion || !isToken(method)) return undefined;
  return { method, target, httpVersion };
}

const statusLine = /^HTTP\/([0-9]\.[0-9]) ([1-9][0-9]{2})(?: (.*))?$/;

function parseStatusLine(line: string): StartLine<ResponseHead> | undefined {
  const [, httpVersion, status, reason = ""] = statusLine.exec(line) ?? [];
  if (!httpVersion || !status) return undefined;
  return { httpVersion, status: Number(status), reason };
}

/** Every line but the first, as a name and a value (RFC 9112 §5). */
function parseHeaders(
  lines: readonly string[],
  streamOffset: number,
): HeaderList | Invalid {
  const headers: [string, string][] = [];
  let offset = streamOffset + lines[0]!.length + 2;
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0));
    if (!isToken(name)) return malformed("header line", line, offset);
    headers.push([name, trimWhitespace(line.slice(colon + 1))]);
    offset += line.length + 2;
  }
  return headers;
}

/** Bytes as ISO 8859-1; the decoder of that name knows only windows-1252. */
export function toText(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function malformed(what: string, line: string, offset: number): Invalid {
  return invalid("malformed-head", `${what} ${quote(line)}`, offset);
}

function invalid(
  code: "malformed-head" | "head-too-large",
  found: string,
  offset: number,
  wanted?: string,
): Invalid {
  const init = wanted === undefined
    ? { found, offset }
    : { found, offset, wanted };
  return { status: "invalid", error: headError(code, init) };
}
