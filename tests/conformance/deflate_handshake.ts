/**
 * How permessage-deflate is agreed on (RFC 7692 §7.1), as the tester says and
 * judges it, with nothing of `lib/`.
 */
import type { DeflateParameters } from "./wire_deflate.ts";

const name = "permessage-deflate";

/** What the tester offers as a client: the header's value, the best first. */
export function offerHeader(offers: readonly DeflateParameters[]): string {
  return offers.map(offerOf).join(", ");
}

/** What the tester answers as a server: the header's value. */
export function answerHeader(parameters: DeflateParameters): string {
  return [name, ...wordsOf(parameters)].join("; ");
}

/**
 * What is wrong with a server's answer; `undefined` if nothing is. It has to take
 * the first offer, with all that it asks for and nothing else.
 */
export function judgeAnswer(
  header: string,
  offered: DeflateParameters,
): string | undefined {
  const wanted = wordsOf(offered);
  const [foundName, ...found] = header.split(";").map((word) => word.trim());
  // A window that a server does not limit it need not mention (§7.1.2.2).
  const unlimited = "client_max_window_bits=15";
  const isUnsaid = wanted.includes(unlimited) && !found.includes(unlimited);
  const all = isUnsaid ? [...found, unlimited] : found;
  const isRight = foundName === name &&
    all.toSorted().join() === wanted.toSorted().join();
  return isRight ? undefined : differs(answerHeader(offered), header);
}

/**
 * What is wrong with a client's offer; `undefined` if nothing is. The examples
 * leave all to the server, and let it limit their window, as browsers do.
 */
export function judgeOffer(header: string): string | undefined {
  const wanted = `${name}; client_max_window_bits`;
  return header === wanted ? undefined : differs(wanted, header);
}

function offerOf(parameters: DeflateParameters): string {
  const hint = parameters.maxWindowBits === "any"
    ? ["client_max_window_bits"]
    : [];
  return [name, ...wordsOf(parameters), ...hint].join("; ");
}

/** What is asked of both sides. */
function wordsOf(
  { noContextTakeover, maxWindowBits }: DeflateParameters,
): string[] {
  return ["server", "client"].flatMap((side) => [
    ...(noContextTakeover ? [`${side}_no_context_takeover`] : []),
    ...(typeof maxWindowBits === "number"
      ? [`${side}_max_window_bits=${maxWindowBits}`]
      : []),
  ]);
}

function differs(wanted: string, found: string): string {
  return `handshake: expected the extensions "${wanted}", saw "${found}"`;
}
