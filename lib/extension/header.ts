/** One extension as a `Sec-WebSocket-Extensions` header names it. */
export interface ExtensionHeader {
  /** Its name, such as `"permessage-deflate"`. */
  readonly name: string;
  /** Its parameters in order; one without a value has `undefined`. */
  readonly parameters: readonly (readonly [
    name: string,
    value: string | undefined,
  ])[];
}

// Each is tried at one place only, and none can match a text in two ways: time
// stays linear.
const whitespace = /[ \t]*/y;
const token = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const quotedString = /"((?:[^"\\]|\\.)*)"/y;

/**
 * Reads the `Sec-WebSocket-Extensions` header, over all its lines: names with
 * parameters, separated by commas, values quoted or not. Empty elements are
 * ignored, as in every list of HTTP.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-9.1 | RFC 6455 §9.1}.
 *
 * @param values The values of the header's lines, in order.
 * @returns The extensions in order, or `undefined` if the header is malformed.
 *
 * @example
 * ```ts
 * import { parseExtensions } from "@sluice/websocket/extension";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseExtensions(['a, b; c; d="10"']), [
 *   { name: "a", parameters: [] },
 *   { name: "b", parameters: [["c", undefined], ["d", "10"]] },
 * ]);
 * assertEquals(parseExtensions(["a;"]), undefined);
 * ```
 */
export function parseExtensions(
  values: readonly string[],
): readonly ExtensionHeader[] | undefined {
  const scanner = scan(values.join(","));
  const extensions: ExtensionHeader[] = [];
  while (true) {
    scanner.take(whitespace);
    if (!scanner.isAt(",") && !scanner.isAtEnd()) {
      const extension = readExtension(scanner);
      if (extension === undefined) return undefined;
      extensions.push(extension);
    }
    if (scanner.isAtEnd()) break;
    if (!scanner.skip(",")) return undefined;
  }
  return extensions.length > 0 ? extensions : undefined;
}

/**
 * Writes extensions as one line of a `Sec-WebSocket-Extensions` header, the
 * inverse of {@linkcode parseExtensions}.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-9.1 | RFC 6455 §9.1}.
 *
 * @param extensions At least one, in the order in which they are to be applied.
 * @throws {TypeError} If a name or value is not a token.
 *
 * @example
 * ```ts
 * import { serializeExtensions } from "@sluice/websocket/extension";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   serializeExtensions([{ name: "a", parameters: [["b", "1"], ["c", undefined]] }]),
 *   "a; b=1; c",
 * );
 * ```
 */
export function serializeExtensions(
  extensions: readonly ExtensionHeader[],
): string {
  const text = extensions.map(({ name, parameters }) =>
    [
      name,
      ...parameters.map(([name, value]) =>
        value === undefined ? name : `${name}=${value}`
      ),
    ].join("; ")
  ).join(", ");
  const readBack = parseExtensions([text]);
  if (JSON.stringify(readBack) === JSON.stringify(extensions)) return text;
  throw new TypeError(
    `Cannot serialize extensions: found ${JSON.stringify(extensions)}, ` +
      "wanted names and values that are tokens (RFC 6455 §9.1)",
  );
}

/** `token *( ";" token [ "=" ( token / quoted-string ) ] )` */
function readExtension(scanner: Scanner): ExtensionHeader | undefined {
  const name = scanner.take(token);
  if (name === "") return undefined;
  const parameters: [string, string | undefined][] = [];
  scanner.take(whitespace);
  while (scanner.skip(";")) {
    scanner.take(whitespace);
    const parameter = scanner.take(token);
    if (parameter === "") return undefined;
    scanner.take(whitespace);
    const hasValue = scanner.skip("=");
    const value = hasValue ? readValue(scanner) : undefined;
    if (hasValue && value === undefined) return undefined;
    parameters.push([parameter, value]);
    scanner.take(whitespace);
  }
  return { name, parameters };
}

/** A token, or a quoted string that holds one (RFC 6455 §9.1). */
function readValue(scanner: Scanner): string | undefined {
  scanner.take(whitespace);
  const plain = scanner.take(token);
  if (plain !== "") return plain;
  const quoted = scanner.take(quotedString);
  const value = quoted.slice(1, -1).replace(/\\(.)/g, "$1");
  const inside = scan(value);
  inside.take(token);
  return value !== "" && inside.isAtEnd() ? value : undefined;
}

/** A text, and how far it has been read. */
interface Scanner {
  /** What matches here, perhaps nothing; reading goes on after it. */
  readonly take: (pattern: RegExp) => string;
  /** Goes past `character` if it stands here. */
  readonly skip: (character: string) => boolean;
  readonly isAt: (character: string) => boolean;
  readonly isAtEnd: () => boolean;
}

function scan(text: string): Scanner {
  let at = 0;
  const isAt = (character: string) => text[at] === character;
  return {
    take: (pattern) => {
      pattern.lastIndex = at;
      const [found = ""] = pattern.exec(text) ?? [];
      at += found.length;
      return found;
    },
    skip: (character) => {
      const found = isAt(character);
      if (found) at += 1;
      return found;
    },
    isAt,
    isAtEnd: () => at === text.length,
  };
}
