/**
 * Extensions of the protocol, RFC 6455 §9: the header that negotiates them.
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
export * from "./header.ts";
