import type { Extension, ExtensionCodec } from "../extension/extension.ts";
import { parseExtensions } from "../extension/header.ts";
import { acceptExtensions, confirmExtensions } from "../extension/negotiate.ts";
import type { Role } from "../frame/frame.ts";
import type { HeadFault } from "../handshake/headers.ts";
import { type Coding, noCoding } from "./message_dissector.ts";

/** What the two sides do to their messages. */
export interface Codings extends Readonly<Record<Role, Coding>> {
  /** The rule that the answer breaks, if it does. */
  readonly fault: HeadFault | undefined;
}

/** Nothing. */
export const noCodings: Codings = {
  client: noCoding,
  server: noCoding,
  fault: undefined,
};

const name = "Sec-WebSocket-Extensions";

/** Every RSV bit (RFC 6455 §5.2). */
const allRsv = 0x70;

/**
 * What was agreed on by the answer of a server, for who reads both sides.
 *
 * @param values The values of the response's `Sec-WebSocket-Extensions` lines.
 * @param offered The names that the request had; `undefined` if nobody saw it.
 * @param known The extensions that can be undone here.
 */
export function codingsOf(
  values: readonly string[],
  offered: readonly string[] | undefined,
  known: readonly Extension[],
): Codings {
  if (values.length === 0) return noCodings;
  const names = (parseExtensions(values) ?? []).map(({ name }) => name);
  const unasked = names.find((one) => offered?.includes(one) === false);
  if (unasked !== undefined) {
    const fault = ["unrequested-extension", unasked, name] as const;
    return { ...noCodings, fault };
  }
  const isKnown = (wanted: string) => known.some(({ name }) => name === wanted);
  // Who marks what is not known, so that all the rest can be read.
  if (!names.every(isKnown)) return unknownCodings();
  const confirmed = confirmExtensions(values, known);
  if ("found" in confirmed) {
    const fault = [confirmed.code, confirmed.found, name] as const;
    return { ...noCodings, fault };
  }
  const { rsv } = confirmed;
  // What the client sends is for the server to read, and the other way round.
  const accepted = acceptExtensions(values, known);
  return {
    client: { ...noCoding, rsv, codec: accepted.open() },
    server: { ...noCoding, rsv, codec: confirmed.open() },
    fault: undefined,
  };
}

/** The names of the extensions that a request offers. */
export function offeredNames(values: readonly string[]): string[] {
  return (parseExtensions(values) ?? []).map(({ name }) => name);
}

/** What is sent under extensions of which one is not known here. */
function unknownCodings(): Codings {
  const create = (): Coding => ({
    rsv: 0,
    codec: createUnknownCodec(),
    unknownRsv: allRsv,
  });
  return { client: create(), server: create(), fault: undefined };
}

/** Nothing can be said of a message that bears a mark nobody here knows. */
function createUnknownCodec(): ExtensionCodec {
  let isMarked = false;
  return {
    encode: ({ payload }) => ({ payload, rsv: 0 }),
    decode: (piece) => {
      if (piece.first) isMarked = piece.rsv !== 0;
      return { status: "valid", payloads: isMarked ? [] : [piece.payload] };
    },
  };
}
