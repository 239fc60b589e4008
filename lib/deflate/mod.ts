/**
 * Compression of messages: the extension `permessage-deflate`, RFC 7692.
 *
 * @example
 * ```ts
 * import { acceptExtensions } from "@sluice/websocket/extension";
 * import { permessageDeflate } from "@sluice/websocket/deflate";
 * import { assertEquals } from "@std/assert";
 *
 * const { header } = acceptExtensions(
 *   ["permessage-deflate; server_max_window_bits=10"],
 *   [permessageDeflate()],
 * );
 *
 * assertEquals(header, "permessage-deflate; server_max_window_bits=10");
 * ```
 *
 * @module
 */
export {
  type DeflateEngine,
  type Deflater,
  type DeflaterOptions,
  type Inflated,
  type Inflater,
  type InflaterOptions,
} from "./engine.ts";
export { pakoEngine } from "./pako_engine.ts";
export {
  permessageDeflate,
  type PermessageDeflateOptions,
} from "./permessage_deflate.ts";
export { zlibEngine } from "./zlib_engine.ts";
