import type { Invalid } from "../error/protocol_error.ts";
import { headError } from "../error/head_rules.ts";
import { quote } from "../error/quote.ts";
import { requireLimit } from "../error/require.ts";
import {
  defaultMaxHeadBytes,
  defaultMaxHeaders,
  type HeadLimits,
} from "./head.ts";
import { type HeaderList, isFieldValue, isToken } from "./headers.ts";

/**
 * The head of a request of HTTP/2 or HTTP/3, as a plain value: what a
 * pseudo-header says, and the rest. A pseudo-header that is not there is
 * `undefined`.
 */
export interface ConnectRequestHead {
  /** `:method`, such as `"CONNECT"`. */
  readonly method: string;
  /** `:protocol`, such as `"websocket"`: what makes a CONNECT an extended one. */
  readonly protocol: string | undefined;
  /** `:scheme`: `"https"` or `"http"`. */
  readonly scheme: string | undefined;
  /** `:authority`: the host, and the port if it is not the default. */
  readonly authority: string | undefined;
  /** `:path`: path and query, such as `"/chat?room=1"`. */
  readonly path: string | undefined;
  /** The other fields, in order, their names in lower case. */
  readonly headers: HeaderList;
}

/** The head of a response of HTTP/2 or HTTP/3, as a plain value. */
export interface ConnectResponseHead {
  /** `:status`, such as 200. */
  readonly status: number;
  /** The other fields, in order, their names in lower case. */
  readonly headers: HeaderList;
}

/** What {@linkcode parseRequestFields} says of the fields it was given. */
export type FieldsResult<Head> =
  | {
    /** The fields make a head. */
    readonly status: "complete";
    /** That head. */
    readonly head: Head;
  }
  | Invalid;

/** The pseudo-headers of requests (RFC 9113 §8.3.1, RFC 8441 §4). */
const requestNames = [":method", ":protocol", ":scheme", ":authority", ":path"];

/**
 * Reads the fields of a request of HTTP/2 or HTTP/3, as a decoder of HPACK or
 * QPACK gives them, pseudo-headers first.
 *
 * Strict, as {@linkcode parseRequestHead} is for HTTP/1.1; the decoder may have
 * been less so. `fields` is not changed.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc9113#section-8.3 | RFC 9113 §8.3}
 * and {@link https://www.rfc-editor.org/rfc/rfc9114#section-4.3 | RFC 9114 §4.3}.
 *
 * @param fields Names and values, in order.
 * @param limits How large a head may be; a field has the size that RFC 9113
 * §6.5.2 gives it, 32 bytes beside name and value.
 * @returns The head, or what is wrong with it.
 * @throws {RangeError} If a limit is not an integer >= 0 or `Infinity`.
 *
 * @example
 * ```ts
 * import { parseRequestFields } from "@sluice/websocket/handshake";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const result = parseRequestFields([
 *   [":method", "CONNECT"],
 *   [":protocol", "websocket"],
 *   [":scheme", "https"],
 *   [":path", "/chat"],
 *   [":authority", "server.example.com"],
 *   ["sec-websocket-version", "13"],
 * ]);
 *
 * assert(result.status === "complete");
 * assertEquals(result.head.protocol, "websocket");
 * assertEquals(result.head.headers, [["sec-websocket-version", "13"]]);
 * ```
 */
export function parseRequestFields(
  fields: HeaderList,
  limits: HeadLimits = {},
): FieldsResult<ConnectRequestHead> {
  const read = readFields(fields, requestNames, limits);
  if ("status" in read) return read;
  const { pseudo, headers } = read;
  const method = pseudo.get(":method");
  if (method === undefined || !isToken(method)) {
    return malformed(describe(":method", method));
  }
  return {
    status: "complete",
    head: {
      method,
      protocol: pseudo.get(":protocol"),
      scheme: pseudo.get(":scheme"),
      authority: pseudo.get(":authority"),
      path: pseudo.get(":path"),
      headers,
    },
  };
}

/**
 * Reads the fields of a response of HTTP/2 or HTTP/3, as
 * {@linkcode parseRequestFields} reads those of a request.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc9113#section-8.3.2 | RFC 9113 §8.3.2}.
 *
 * @param fields Names and values, in order.
 * @param limits How large a head may be.
 * @returns The head, or what is wrong with it.
 * @throws {RangeError} If a limit is not an integer >= 0 or `Infinity`.
 *
 * @example
 * ```ts
 * import { parseResponseFields } from "@sluice/websocket/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseResponseFields([[":status", "200"]]), {
 *   status: "complete",
 *   head: { status: 200, headers: [] },
 * });
 * ```
 */
export function parseResponseFields(
  fields: HeaderList,
  limits: HeadLimits = {},
): FieldsResult<ConnectResponseHead> {
  const read = readFields(fields, [":status"], limits);
  if ("status" in read) return read;
  const { pseudo, headers } = read;
  const status = pseudo.get(":status");
  if (status === undefined || !/^[1-9][0-9]{2}$/.test(status)) {
    return malformed(describe(":status", status));
  }
  return { status: "complete", head: { status: Number(status), headers } };
}

/**
 * The fields of a request, to be encoded and sent: the inverse of
 * {@linkcode parseRequestFields}.
 *
 * @example
 * ```ts
 * import { createConnectRequest, serializeRequestFields } from "@sluice/websocket/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * const head = createConnectRequest("wss://server.example.com/chat");
 *
 * assertEquals(serializeRequestFields(head), [
 *   [":method", "CONNECT"],
 *   [":protocol", "websocket"],
 *   [":scheme", "https"],
 *   [":authority", "server.example.com"],
 *   [":path", "/chat"],
 *   ["sec-websocket-version", "13"],
 * ]);
 * ```
 *
 * @param head What to send.
 * @returns A new list.
 * @throws {TypeError} If the head would not be read back as it is.
 */
export function serializeRequestFields(head: ConnectRequestHead): HeaderList {
  const { method, protocol, scheme, authority, path, headers } = head;
  const pseudo: readonly (readonly [string, string | undefined])[] = [
    [":method", method],
    [":protocol", protocol],
    [":scheme", scheme],
    [":authority", authority],
    [":path", path],
  ];
  return serialize([...pseudo.filter(isGiven), ...headers], parseRequestFields);
}

/**
 * The fields of a response, to be encoded and sent: the inverse of
 * {@linkcode parseResponseFields}.
 *
 * @example
 * ```ts
 * import { serializeResponseFields } from "@sluice/websocket/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   serializeResponseFields({ status: 200, headers: [["x", "1"]] }),
 *   [[":status", "200"], ["x", "1"]],
 * );
 * ```
 *
 * @param head What to send.
 * @returns A new list.
 * @throws {TypeError} If the head would not be read back as it is.
 */
export function serializeResponseFields(head: ConnectResponseHead): HeaderList {
  const { status, headers } = head;
  return serialize(
    [[":status", String(status)], ...headers],
    parseResponseFields,
  );
}

function isGiven(
  field: readonly [string, string | undefined],
): field is readonly [string, string] {
  return field[1] !== undefined;
}

/** Fields that can be read; whoever encodes them may not look. */
function serialize(
  fields: HeaderList,
  parse: (fields: HeaderList, limits: HeadLimits) => FieldsResult<unknown>,
): HeaderList {
  const noLimits = { maxHeadBytes: Infinity, maxHeaders: Infinity };
  const result = parse(fields, noLimits);
  if (result.status === "complete") return fields;
  throw new TypeError(
    `Cannot serialize HTTP fields: ${result.error.message}`,
    { cause: result.error },
  );
}

/** Fields that have been told apart. */
interface ReadFields {
  readonly pseudo: ReadonlyMap<string, string>;
  readonly headers: HeaderList;
}

function readFields(
  fields: HeaderList,
  known: readonly string[],
  limits: HeadLimits,
): ReadFields | Invalid {
  const tooLarge = checkSize(fields, limits);
  if (tooLarge !== undefined) return tooLarge;
  const pseudo = new Map<string, string>();
  const headers: (readonly [string, string])[] = [];
  for (const [name, value] of fields) {
    const isPseudo = name.startsWith(":");
    const isRight = isFieldValue(value) &&
      (isPseudo
        ? known.includes(name) && !pseudo.has(name) && headers.length === 0
        : isToken(name) && name === name.toLowerCase());
    if (!isRight) return malformed(describe(name, value));
    if (isPseudo) pseudo.set(name, value);
    else headers.push([name, value]);
  }
  return { pseudo, headers };
}

/** The size of a field beside its name and its value (RFC 9113 §6.5.2). */
const fieldOverheadBytes = 32;

function checkSize(
  fields: HeaderList,
  limits: HeadLimits,
): Invalid | undefined {
  const { maxHeadBytes = defaultMaxHeadBytes, maxHeaders = defaultMaxHeaders } =
    limits;
  const action = "Cannot parse HTTP fields";
  requireLimit(maxHeadBytes, action, "maxHeadBytes");
  requireLimit(maxHeaders, action, "maxHeaders");
  const byteLength = fields.reduce(
    (sum, [name, value]) =>
      sum + name.length + value.length + fieldOverheadBytes,
    0,
  );
  const [found, wanted] = byteLength > maxHeadBytes
    ? [`${byteLength} bytes`, `at most ${maxHeadBytes} bytes`]
    : [`${fields.length} fields`, `at most ${maxHeaders} headers`];
  if (byteLength <= maxHeadBytes && fields.length <= maxHeaders) return;
  const error = headError("head-too-large", {
    found,
    wanted,
    offset: 0,
  });
  return { status: "invalid", error };
}

/** A field in a few words, for an error message. */
function describe(name: string, value: string | undefined): string {
  if (value === undefined) return `no ${name}`;
  return `${quote(name)}: ${quote(value)}`;
}

function malformed(found: string): Invalid {
  const error = headError("malformed-fields", { found, offset: 0 });
  return { status: "invalid", error };
}
