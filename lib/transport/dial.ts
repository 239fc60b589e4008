import type { WebSocketUrl } from "../handshake/client.ts";
import { dialDeno } from "./deno_dial.ts";
import type { DialOptions } from "./dial_options.ts";
import { hasNodeNetwork } from "./node_builtins.ts";
import { dialNode } from "./node_dial.ts";
import type { Transport } from "./transport.ts";

/**
 * Connects to a server by the network of this runtime: Deno's, or `node:net`.
 *
 * @throws {TypeError} (rejects) If it has neither.
 */
export async function dial(
  url: WebSocketUrl,
  options: DialOptions,
  signal?: AbortSignal,
): Promise<Transport> {
  if ("Deno" in globalThis) return await dialDeno(url, options, signal);
  if (hasNodeNetwork()) return await dialNode(url, options, signal);
  throw new TypeError(
    "Cannot connect: found a runtime without sockets of Deno or Node, wanted a " +
      "carrier, such as dialCloudflare() or any pair of byte streams",
  );
}
