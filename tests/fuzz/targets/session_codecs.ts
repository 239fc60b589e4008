import { pakoEngine } from "../../../lib/deflate/pako_engine.ts";
import { permessageDeflate } from "../../../lib/deflate/permessage_deflate.ts";
import type {
  Extension,
  ExtensionCodec,
} from "../../../lib/extension/extension.ts";
import {
  acceptExtensions,
  confirmExtensions,
  offerExtensions,
} from "../../../lib/extension/negotiate.ts";
import type { Role } from "../../../lib/frame/frame.ts";
import { assertHolds } from "../invariants.ts";

/** permessage-deflate on both sides of one connection. */
export interface Codecs {
  readonly own: ExtensionCodec;
  readonly peer: ExtensionCodec;
}

/**
 * An extension for one connection alone: a compressor that has been used before
 * may choose other matches than a new one, since it looks at old bytes behind the
 * end of what it is given.
 */
function extensionOf(isReset: boolean): Extension {
  return permessageDeflate({
    engine: pakoEngine,
    thresholdBytes: 8,
    memLevel: 1,
    level: 1,
    serverNoContextTakeover: isReset,
    clientNoContextTakeover: isReset,
  });
}

/** Has both sides agree, and opens what they agreed on. */
export function openCodecs(
  { role, isReset }: { readonly role: Role; readonly isReset: boolean },
): Codecs {
  const extension = [extensionOf(isReset)];
  const accepted = acceptExtensions([offerExtensions(extension)!], extension);
  const confirmed = confirmExtensions([accepted.header], extension);
  assertHolds(!("found" in confirmed), "A client refuses the answer");
  const [client, server] = [confirmed.open()!, accepted.open()!];
  return role === "client"
    ? { own: client, peer: server }
    : { own: server, peer: client };
}
