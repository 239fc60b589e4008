/**
 * Extensions of the protocol, RFC 6455 §9: how they are negotiated, and what one
 * has to be.
 *
 * @example
 * ```ts
 * import { parseExtensions } from "@sluice/websocket/extension";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   parseExtensions(["permessage-deflate; client_max_window_bits"]),
 *   [{
 *     name: "permessage-deflate",
 *     parameters: [["client_max_window_bits", undefined]],
 *   }],
 * );
 * ```
 *
 * @module
 */
export type {
  Agreement,
  DecodedPiece,
  EncodedPiece,
  Extension,
  ExtensionCodec,
  ExtensionParameters,
  IncomingPiece,
  OutgoingPiece,
} from "./extension.ts";
export * from "./header.ts";
export {
  acceptExtensions,
  confirmExtensions,
  type NegotiatedExtensions,
  noExtensions,
  offerExtensions,
  type WrongExtensions,
} from "./negotiate.ts";
