import type { ExtensionParameters } from "../extension/extension.ts";

/** What the two sides agree on, or one of them wants. */
export interface DeflateParameters {
  /** Whether the server compresses each message by itself (RFC 7692 §7.1.1.1). */
  readonly serverNoContextTakeover: boolean;
  /** Whether the client does (§7.1.1.2). */
  readonly clientNoContextTakeover: boolean;
  /** The most that the server's window has, in bits (§7.1.2.1). */
  readonly serverMaxWindowBits: number;
  /** The most that the client's has (§7.1.2.2). */
  readonly clientMaxWindowBits: number;
}

/** The parameters as a header has them. */
interface Written {
  readonly server_no_context_takeover?: true;
  readonly client_no_context_takeover?: true;
  readonly server_max_window_bits?: number;
  /** `true` in an offer: it is understood, and any value will do. */
  readonly client_max_window_bits?: number | true;
}

const flags = ["server_no_context_takeover", "client_no_context_takeover"];
const bits = ["server_max_window_bits", "client_max_window_bits"];

/** The largest window of DEFLATE, in bits, and what no parameter means. */
export const mostWindowBits = 15;

/**
 * What a client that wants these parameters offers (RFC 7692 §7.1). That it can
 * limit its own window is always said, so that the server may ask for it.
 */
export function writeOffer(wanted: DeflateParameters): ExtensionParameters {
  const { clientMaxWindowBits, serverMaxWindowBits } = wanted;
  return [
    ...writeFlags(wanted),
    ...writeBits(bits[0]!, serverMaxWindowBits, mostWindowBits),
    clientMaxWindowBits === mostWindowBits
      ? [bits[1]!, undefined]
      : [bits[1]!, String(clientMaxWindowBits)],
  ];
}

/**
 * What a server that wants these parameters makes of an offer: what both agree on,
 * and the answer that says so. `undefined` declines an offer that breaks a rule.
 */
export function acceptOffer(
  offer: ExtensionParameters,
  wanted: DeflateParameters,
):
  | {
    readonly agreed: DeflateParameters;
    readonly answer: ExtensionParameters;
  }
  | undefined {
  const offered = read(offer);
  if (typeof offered === "string") return undefined;
  const {
    server_max_window_bits: serverBits = mostWindowBits,
    client_max_window_bits: clientBits,
  } = offered;
  const agreed = {
    // The first has to be done; the second is a hint, and saves memory here.
    serverNoContextTakeover: wanted.serverNoContextTakeover ||
      offered.server_no_context_takeover === true,
    clientNoContextTakeover: wanted.clientNoContextTakeover ||
      offered.client_no_context_takeover === true,
    serverMaxWindowBits: Math.min(serverBits, wanted.serverMaxWindowBits),
    // Who has not said that it understands this cannot be asked for it.
    clientMaxWindowBits: clientBits === undefined ? mostWindowBits : Math.min(
      clientBits === true ? mostWindowBits : clientBits,
      wanted.clientMaxWindowBits,
    ),
  };
  const answer = [
    ...writeFlags(agreed),
    ...writeBits(
      bits[0]!,
      agreed.serverMaxWindowBits,
      // What was asked for is said again, also when it means nothing.
      offered.server_max_window_bits === undefined ? mostWindowBits : 0,
    ),
    ...writeBits(bits[1]!, agreed.clientMaxWindowBits, mostWindowBits),
  ];
  return { agreed, answer };
}

/**
 * What a client that wanted these parameters makes of the answer: what is agreed
 * on, or, in words, what is wrong.
 */
export function confirmAnswer(
  answer: ExtensionParameters,
  wanted: DeflateParameters,
): DeflateParameters | string {
  const answered = read(answer);
  if (typeof answered === "string") return answered;
  const { server_max_window_bits: serverBits, client_max_window_bits } =
    answered;
  if (client_max_window_bits === true) {
    return "with client_max_window_bits without a value";
  }
  if (wanted.serverNoContextTakeover && !answered.server_no_context_takeover) {
    return "without the server_no_context_takeover that was asked for";
  }
  const {
    serverMaxWindowBits: mostServer,
    clientMaxWindowBits: mostClient,
  } = wanted;
  if (mostServer < mostWindowBits && serverBits === undefined) {
    return "without the server_max_window_bits that was asked for";
  }
  if ((serverBits ?? 0) > mostServer) {
    return `with server_max_window_bits=${serverBits}, over ${mostServer}`;
  }
  if ((client_max_window_bits ?? 0) > mostClient) {
    return `with client_max_window_bits=${client_max_window_bits}, ` +
      `over ${mostClient}`;
  }
  return {
    serverNoContextTakeover: answered.server_no_context_takeover === true,
    clientNoContextTakeover: wanted.clientNoContextTakeover ||
      answered.client_no_context_takeover === true,
    serverMaxWindowBits: serverBits ?? mostWindowBits,
    clientMaxWindowBits: client_max_window_bits ?? mostClient,
  };
}

/** Parameters in the form of a header, or what is wrong with them, in words. */
function read(parameters: ExtensionParameters): Written | string {
  const written: Record<string, number | true> = {};
  for (const [name, value] of parameters) {
    if (Object.hasOwn(written, name)) return `with ${name} twice`;
    const isFlag = flags.includes(name);
    if (!isFlag && !bits.includes(name)) {
      return `with ${name}, which it does not define`;
    }
    if (isFlag && value !== undefined) return `with a value for ${name}`;
    // A client may say so much as that it understands the parameter.
    const mayLackValue = isFlag || name === bits[1];
    if (value === undefined && !mayLackValue) {
      return `with no value for ${name}`;
    }
    if (value !== undefined && !/^(?:[89]|1[0-5])$/.test(value)) {
      return `with ${name}=${value}, not 8 to 15`;
    }
    written[name] = value === undefined ? true : Number(value);
  }
  return written as Written;
}

function writeFlags(wanted: DeflateParameters): [string, undefined][] {
  const isWanted = [
    wanted.serverNoContextTakeover,
    wanted.clientNoContextTakeover,
  ];
  return flags.filter((_, index) => isWanted[index])
    .map((name) => [name, undefined]);
}

/** A parameter only where it says something. */
function writeBits(
  name: string,
  value: number,
  unsaid: number,
): [string, string][] {
  return value === unsaid ? [] : [[name, String(value)]];
}
