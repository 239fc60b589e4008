/**
 * Extensions and subprotocols. A header says the same in one line and in many; what
 * was read of it is written back and read as the same; a server answers no offer
 * with what the offer does not allow; a client confirms what a server of this
 * library answers it, and both then understand each other; and the work is linear
 * in the header.
 */
import { permessageDeflate } from "../../../lib/deflate/permessage_deflate.ts";
import { pakoEngine } from "../../../lib/deflate/pako_engine.ts";
import type { ExtensionCodec } from "../../../lib/extension/extension.ts";
import {
  type ExtensionHeader,
  parseExtensions,
  serializeExtensions,
} from "../../../lib/extension/header.ts";
import {
  acceptExtensions,
  confirmExtensions,
  offerExtensions,
} from "../../../lib/extension/negotiate.ts";
import { checkProtocols } from "../../../lib/handshake/request_checks.ts";
import { headerElements, isToken } from "../../../lib/handshake/headers.ts";
import { joined } from "../../deflate/engines.ts";
import { utf8 } from "../../support/hex.ts";
import type { Random } from "../../support/random.ts";
import { assertHolds, assertLinear, assertSame } from "../invariants.ts";
import type { FuzzTarget } from "../target.ts";

const name = "permessage-deflate";
const flags = ["server_no_context_takeover", "client_no_context_takeover"];
const bits = ["server_max_window_bits", "client_max_window_bits"];
const values = ["", "=8", "=9", "=10", "=15", '="12"', "=16", "=7", '="\\8"'];

/** How many bytes of an input say how both sides are configured. */
const optionBytes = 4;

/** Reads a header, and negotiates with it. */
export const target: FuzzTarget = {
  name: "extensions",
  files: /^lib\/(extension\/(header|negotiate)|deflate\/parameters)/,
  maxInputBytes: 1024,
  tokens: [name, ...flags, ...bits, ...values, ",", ";", "=", '"', "\\", "\n"]
    .map(utf8),
  generate: (random) => {
    const options = random.bytes(optionBytes);
    const elements = Array.from(
      { length: random.integer(1, 3) },
      () => randomElement(random),
    );
    const text = elements.join(random.pick([", ", ",", " ,\t", "\n"]));
    return joined([options, utf8(text)]);
  },
  part: (random) => utf8(`, ${randomElement(random)}`),
  check: (bytes, meter) => {
    const text = Array.from(
      bytes.subarray(optionBytes),
      (byte) => String.fromCharCode(byte),
    ).join("");
    const linear = <Result>(run: () => Result) =>
      assertLinear(meter, bytes.length, 100, run);
    linear(() => checkHeader(text));
    linear(() => checkProtocolHeader(text));
    const client = extensionOf(bytes[0] ?? 0, bytes[1] ?? 0);
    const server = extensionOf(bytes[2] ?? 0, bytes[3] ?? 0);
    linear(() => checkOffer(text, server));
    linear(() => void confirmExtensions([text], [client]));
    checkAgreement(client, server);
  },
};

function randomElement(random: Random): string {
  const parameters = Array.from(
    { length: random.integer(0, 4) },
    () =>
      random.chance(0.4)
        ? random.pick(flags)
        : `${random.pick(bits)}${random.pick(values)}`,
  );
  return [random.chance(0.9) ? name : "x-other", ...parameters].join("; ");
}

function extensionOf(first: number, second: number) {
  return permessageDeflate({
    engine: pakoEngine,
    serverNoContextTakeover: (first & 1) !== 0,
    clientNoContextTakeover: (first & 2) !== 0,
    serverMaxWindowBits: 8 + (second & 7),
    clientMaxWindowBits: 8 + (second >> 4 & 7),
    thresholdBytes: 0,
  });
}

type Deflate = ReturnType<typeof extensionOf>;

function checkHeader(text: string): void {
  const lines = text.split("\n");
  const parsed = parseExtensions(lines);
  const inOne = parseExtensions([lines.join(",")]);
  assertSame(parsed, inOne, "A header in several lines");
  if (parsed === undefined) return;
  const again = parseExtensions([serializeExtensions(parsed)]);
  assertSame(again, parsed, "A written header");
}

function checkProtocolHeader(text: string): void {
  const header = "Sec-WebSocket-Protocol";
  const headers = text.split("\n").map((line) => [header, line] as const);
  const inOne = [[header, text.split("\n").join(",")] as const];
  const elements = headerElements(headers, header);
  assertSame(elements, headerElements(inOne, header), "Several lines");
  const isRight = elements.length > 0 && elements.every(isToken) &&
    new Set(elements).size === elements.length;
  const fault = checkProtocols({ headers });
  assertSame(fault === undefined, isRight, "Whether protocols are right");
}

/** An answer names nothing that was not on offer (RFC 7692 §7.1). */
function checkOffer(text: string, server: Deflate): void {
  const lines = text.split("\n");
  const { header, open } = acceptExtensions(lines, [server]);
  if (header === "") return;
  const [answer] = parseExtensions([header]) ?? [];
  assertHolds(answer !== undefined, "An answer cannot be read");
  const offers = parseExtensions(lines)!.filter((offer) => offer.name === name);
  assertHolds(
    offers.some((offer) => isAllowed(answer, offer)),
    `No offer of ${JSON.stringify(offers)} allows ${JSON.stringify(answer)}`,
  );
  open()?.close?.();
}

function isAllowed(answer: ExtensionHeader, offer: ExtensionHeader): boolean {
  const valueOf = (of: ExtensionHeader, name: string) =>
    of.parameters.find(([found]) => found === name);
  const asked = valueOf(offer, bits[0]!);
  const given = valueOf(answer, bits[0]!);
  const isServerRight = asked === undefined ||
    (given !== undefined && Number(given[1]) <= Number(asked[1]));
  const limited = valueOf(answer, bits[1]!);
  const understood = valueOf(offer, bits[1]!);
  const isClientRight = limited === undefined ||
    (understood !== undefined &&
      Number(limited[1]) <= Number(understood[1] ?? 15));
  const isTakeoverRight = valueOf(offer, flags[0]!) === undefined ||
    valueOf(answer, flags[0]!) !== undefined;
  return isServerRight && isClientRight && isTakeoverRight;
}

/** Both sides of this library agree, and read what the other writes. */
function checkAgreement(client: Deflate, server: Deflate): void {
  const accepted = acceptExtensions([offerExtensions([client])!], [server]);
  assertHolds(accepted.header !== "", "A server declined a client's offer");
  const confirmed = confirmExtensions([accepted.header], [client]);
  assertHolds(
    !("found" in confirmed),
    `A client refuses ${JSON.stringify(accepted.header)}`,
  );
  const [ours, theirs] = [confirmed.open()!, accepted.open()!];
  const text = utf8("Hello, Hello, Hello");
  for (const [from, to] of [[ours, theirs], [theirs, ours], [ours, theirs]]) {
    assertSame(sendThrough(from!, to!, text), text, "A compressed message");
  }
  ours.close?.();
  theirs.close?.();
}

function sendThrough(
  from: ExtensionCodec,
  to: ExtensionCodec,
  payload: Uint8Array,
): Uint8Array {
  const whole = { messageType: "binary", first: true, last: true } as const;
  const sent = from.encode({ ...whole, payload, compress: true });
  const piece = { ...whole, ...sent, start: true, offset: 0 };
  const read = to.decode(piece, Infinity);
  if (read.status === "invalid") throw read.error;
  return joined(read.payloads);
}
