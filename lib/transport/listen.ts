import { listenDeno } from "./deno_listen.ts";
import type { ListenOptions } from "./dial_options.ts";
import type { Listener } from "./transport.ts";

/**
 * Listens by the network of Deno, which does so at once; others have to be waited
 * for.
 *
 * @throws {TypeError} If this is not Deno.
 */
export function listen(options: ListenOptions): Listener {
  if ("Deno" in globalThis) return listenDeno(options);
  throw new TypeError(
    "Cannot listen: found a runtime other than Deno, wanted a listener, such as " +
      "await listenNode({ port: 3000 }) of @sluice/websocket/transport/node",
  );
}
