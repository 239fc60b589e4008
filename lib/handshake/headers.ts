import type { Invalid } from "../error/protocol_error.ts";
import type { RuleErrors } from "../error/rules_of.ts";
import { quote, shorten } from "../error/quote.ts";
import type { ProtocolErrorCode } from "../error/protocol_rule.ts";

/**
 * The header lines of an HTTP message in their order, repeated ones and all:
 * what `Headers` would fold into one line, the handshake has to refuse.
 */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/**
 * Header lines as a caller may give them: pairs, a `Headers`, or an object
 * with one property a line.
 */
export type HeaderListInit =
  | Iterable<readonly [name: string, value: string]>
  | Readonly<Record<string, string>>;

/** A token of RFC 9110 §5.6.2, of which header names and more are made. */
const tokenPattern = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Whether `text` is a token (RFC 9110 §5.6.2). */
export function isToken(text: string): boolean {
  return tokenPattern.test(text);
}

/**
 * The values of every line that has this name, in order.
 *
 * @example
 * ```ts
 * import { headerValues } from "@sluice/websocket/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * const headers = [["Host", "a"], ["Via", "b"], ["via", "c"]] as const;
 *
 * assertEquals(headerValues(headers, "VIA"), ["b", "c"]);
 * ```
 *
 * @param headers Header lines.
 * @param name The name to look for, in any case.
 */
export function headerValues(headers: HeaderList, name: string): string[] {
  const wanted = name.toLowerCase();
  return headers.filter(([name]) => name.toLowerCase() === wanted)
    .map(([, value]) => value);
}

/**
 * The elements of a comma-separated header, over all its lines, without empty
 * ones (RFC 9110 §5.6.1). Made for lists of tokens: commas inside quotes cut
 * too.
 *
 * @example
 * ```ts
 * import { headerElements } from "@sluice/websocket/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * const headers = [["Connection", "keep-alive, Upgrade"]] as const;
 *
 * assertEquals(headerElements(headers, "connection"), [
 *   "keep-alive",
 *   "Upgrade",
 * ]);
 * ```
 *
 * @param headers Header lines.
 * @param name The name to look for, in any case.
 */
export function headerElements(headers: HeaderList, name: string): string[] {
  return headerValues(headers, name).join(",").split(",")
    .map(trimWhitespace).filter((element) => element !== "");
}

/** Whether a comma-separated header has this element, in any case. */
export function hasElement(
  headers: HeaderList,
  name: string,
  element: string,
): boolean {
  return headerElements(headers, name)
    .some((found) => found.toLowerCase() === element);
}

/** A caller's headers as lines that can be sent; throws `TypeError` if not. */
export function toHeaderList(
  init: HeaderListInit,
  action: string,
): HeaderList {
  const pairs = Symbol.iterator in init
    ? [...init as Iterable<readonly [string, string]>]
    : Object.entries(init);
  for (const [name, value] of pairs) requireHeader(name, value, action);
  return pairs;
}

/** The headers that are the handshake's own to write (RFC 6455 §4). */
const reservedName =
  /^(?:connection|upgrade|sec-websocket-.*|content-length|transfer-encoding)$/i;

/** A line break in a header would begin another header, or the body. */
function requireHeader(name: string, value: string, action: string): void {
  if (reservedName.test(name)) {
    throw new TypeError(
      `${action}: found a header ${name}, wanted headers that are not part ` +
        "of the handshake (RFC 6455 §4)",
    );
  }
  if (!isToken(name)) {
    throw new TypeError(
      `${action}: found header name ${
        JSON.stringify(name)
      }, wanted a token (RFC 9110 §5.1)`,
    );
  }
  if (!isFieldValue(value)) {
    throw new TypeError(
      `${action}: found ${JSON.stringify(value)} in header ${name}, ` +
        "wanted characters up to U+00FF, without controls and without white " +
        "space at the ends (RFC 9110 §5.5)",
    );
  }
}

/**
 * Whether every character is a tab, or visible, or of the upper half, and none
 * at the ends would be taken for white space around the value.
 */
export function isFieldValue(value: string): boolean {
  return value === trimWhitespace(value) &&
    Array.from(value).every((character) => {
      const code = character.codePointAt(0)!;
      return code === 0x09 || (code >= 0x20 && code !== 0x7f && code <= 0xff);
    });
}

/** As many characters as an error shows of a header, or of what is wrong with it. */
const mostShown = 160;

/** What a header says, for an error message. */
export function describeHeader(headers: HeaderList, name: string): string {
  const values = headerValues(headers, name);
  if (values.length === 0) return `no ${name} header`;
  const shown = values.map(quote).join(" and ");
  return `${name} ${shorten(shown, mostShown)}`;
}

/** A rule that a head breaks, and what was found instead. */
export type HeadFault<Code extends ProtocolErrorCode = ProtocolErrorCode> =
  readonly [
    code: Code,
    found: string,
    /** Whose value or absence it is; `undefined` for the start line. */
    header?: string,
  ];

/** The first rule that a head breaks, if there is one. */
export type BrokenHead<Code extends ProtocolErrorCode> =
  | HeadFault<Code>
  | undefined;

/** The fault of a header, with what it says. */
export function headerFault<Code extends ProtocolErrorCode>(
  code: Code,
  headers: HeaderList,
  name: string,
): HeadFault<Code> {
  return [code, describeHeader(headers, name), name];
}

/** The answer to a head that breaks a rule: it is the whole that is wrong. */
export function invalidHead<Code extends ProtocolErrorCode>(
  errorOf: RuleErrors<Code>,
  broken: HeadFault<Code>,
  head: unknown,
): Invalid {
  const [code, found] = broken;
  const error = errorOf(code, {
    found: shorten(found, mostShown),
    offset: 0,
    cause: head,
  });
  return { status: "invalid", error };
}

/**
 * Without spaces and tabs at both ends (RFC 9110 §5.6.3).
 *
 * Not `trim()`, which takes away U+00A0 too, and not a pattern such as
 * `/\s+$/`, which takes quadratic time on a run of spaces inside.
 */
export function trimWhitespace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isWhitespace(text[start]!)) start += 1;
  while (end > start && isWhitespace(text[end - 1]!)) end -= 1;
  return text.slice(start, end);
}

function isWhitespace(character: string): boolean {
  return character === " " || character === "\t";
}
