import type { WebSocketUrl } from "../handshake/client.ts";
import { dialDeno, listenDeno } from "./deno_network.ts";
import type { DialOptions, ListenOptions } from "./dial_options.ts";
import { dialNode, hasNodeNetwork } from "./node_network.ts";
import type { Listener, Transport } from "./transport.ts";

function isDeno(): boolean {
  return "Deno" in globalThis;
}

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
  if (isDeno()) return await dialDeno(url, options, signal);
  if (hasNodeNetwork()) return await dialNode(url, options, signal);
  throw new TypeError(
    "Cannot connect: found a runtime without sockets of Deno or Node, wanted a " +
      "carrier, such as dialCloudflare() or any pair of byte streams",
  );
}

/**
 * Listens by the network of Deno, which does so at once; others have to be waited
 * for.
 *
 * @throws {TypeError} If this is not Deno.
 */
export function listen(options: ListenOptions): Listener {
  if (isDeno()) return listenDeno(options);
  throw new TypeError(
    "Cannot listen: found a runtime other than Deno, wanted a listener, such as " +
      "await listenNode({ port: 3000 }) of @sluice/websocket/transport/node",
  );
}
