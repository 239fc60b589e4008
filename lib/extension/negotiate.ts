import { quote } from "../error/quote.ts";
import {
  type Agreement,
  composeCodecs,
  type Extension,
  type ExtensionCodec,
} from "./extension.ts";
import {
  type ExtensionHeader,
  parseExtensions,
  serializeExtensions,
} from "./header.ts";

/** The extensions that both sides have agreed on. */
export interface NegotiatedExtensions {
  /** As the answer names them, in the order of their use; empty for none. */
  readonly header: string;
  /** The RSV bits that they use. */
  readonly rsv: number;
  /** What they do, together, on one connection; `undefined` for none. */
  readonly open: () => ExtensionCodec | undefined;
}

/** No extensions. */
export const noExtensions: NegotiatedExtensions = {
  header: "",
  rsv: 0,
  open: () => undefined,
};

/**
 * What a client asks for: its extensions in the order in which they are wanted,
 * each with its offers, as the value of `Sec-WebSocket-Extensions`.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-9.1 | RFC 6455 §9.1}.
 *
 * @param extensions None give `undefined`: no header is to be sent.
 */
export function offerExtensions(
  extensions: readonly Extension[],
): string | undefined {
  const offers = extensions.flatMap(({ name, offer }) =>
    offer().map((parameters) => ({ name, parameters }))
  );
  return offers.length === 0 ? undefined : serializeExtensions(offers);
}

/**
 * What a server makes of a client's offers: of each extension the first offer
 * that it can do. What is unknown, wrong, or wants an RSV bit that has been given
 * away, is declined; that is no error.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-9.1 | RFC 6455 §9.1}
 * and {@link https://www.rfc-editor.org/rfc/rfc7692#section-5 | RFC 7692 §5}.
 *
 * @example
 * ```ts
 * import { acceptExtensions } from "@sluice/websocket/extension";
 * import { permessageDeflate } from "@sluice/websocket/deflate";
 * import { assertEquals } from "@std/assert";
 *
 * const { header, rsv } = acceptExtensions(
 *   ["unknown, permessage-deflate; bad, permessage-deflate"],
 *   [permessageDeflate()],
 * );
 *
 * assertEquals(header, "permessage-deflate");
 * assertEquals(rsv, 0x40);
 * ```
 *
 * @param values The values of the request's `Sec-WebSocket-Extensions` lines,
 * which have been judged to be well-formed.
 * @param extensions Those that the server can do.
 */
export function acceptExtensions(
  values: readonly string[],
  extensions: readonly Extension[],
): NegotiatedExtensions {
  if (extensions.length === 0) return noExtensions;
  const taken: Taken[] = [];
  for (const { name, parameters } of parseExtensions(values) ?? []) {
    const extension = extensions.find((one) => one.name === name);
    if (extension === undefined || conflictOf(extension, taken)) continue;
    const agreement = extension.accept(parameters);
    if (agreement !== undefined) taken.push({ extension, agreement });
  }
  return negotiated(taken);
}

/**
 * What a client makes of the answer to its offers. Everything in it has to be
 * right, since a server that speaks otherwise would not be understood.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-9.1 | RFC 6455 §9.1}
 * and {@link https://www.rfc-editor.org/rfc/rfc7692#section-5 | RFC 7692 §5}.
 *
 * @param values The values of the response's `Sec-WebSocket-Extensions` lines.
 * @param extensions Those that were offered.
 * @returns What is agreed on, or which rule is broken by what.
 */
export function confirmExtensions(
  values: readonly string[],
  extensions: readonly Extension[],
): NegotiatedExtensions | WrongExtensions {
  if (values.length === 0) return noExtensions;
  if (values.length > 1) {
    return wrong(`${values.length} lines of Sec-WebSocket-Extensions`);
  }
  const answers = parseExtensions(values);
  if (answers === undefined) return wrong(quote(values[0]!));
  const taken: Taken[] = [];
  for (const { name, parameters } of answers) {
    const extension = extensions.find((one) => one.name === name);
    if (extension === undefined) {
      return { code: "unrequested-extension", found: name };
    }
    const conflict = conflictOf(extension, taken);
    if (conflict !== undefined) return wrong(`${name} ${conflict}`);
    const agreement = extension.confirm(parameters);
    if (typeof agreement === "string") return wrong(`${name} ${agreement}`);
    taken.push({ extension, agreement });
  }
  return negotiated(taken);
}

/** Which rule an answer breaks, and what in it does. */
export interface WrongExtensions {
  /** The rule. */
  readonly code: "unrequested-extension" | "wrong-extension";
  /** What the answer says, in words. */
  readonly found: string;
}

function wrong(found: string): WrongExtensions {
  return { code: "wrong-extension", found };
}

interface Taken {
  readonly extension: Extension;
  readonly agreement: Agreement;
}

/** Why an extension cannot be used beside others: each bit has one meaning. */
function conflictOf(
  { name, rsv }: Extension,
  taken: readonly Taken[],
): string | undefined {
  for (const { extension } of taken) {
    if (extension.name === name) return "a second time";
    if ((extension.rsv & rsv) !== 0) {
      return `beside ${extension.name}, which has the same RSV bit`;
    }
  }
}

function negotiated(taken: readonly Taken[]): NegotiatedExtensions {
  if (taken.length === 0) return noExtensions;
  const headers: ExtensionHeader[] = taken.map(({ extension, agreement }) => ({
    name: extension.name,
    parameters: agreement.parameters,
  }));
  return {
    header: serializeExtensions(headers),
    rsv: taken.reduce((bits, { extension }) => bits | extension.rsv, 0),
    open: () => composeCodecs(taken.map(({ agreement }) => agreement.open())),
  };
}
