import { denoTransport, withoutDelay } from "./deno.ts";
import {
  alpnProtocols,
  formatAddress,
  type ListenOptions,
  requireListenOptions,
} from "./dial_options.ts";
import type { Listener } from "./transport.ts";

/**
 * Listens on Deno: TCP, TLS or a Unix socket.
 *
 * @param options Where.
 * @returns The listener, which listens.
 * @throws {TypeError} If the options cannot be used together.
 * @throws {Error} If somebody else listens there, or it may not be.
 */
export function listenDeno(options: ListenOptions): Listener {
  const { port = 0, hostname, unixPath, cert, key } = options;
  requireListenOptions(options);
  if (unixPath !== undefined) {
    return toListener(
      Deno.listen({ transport: "unix", path: unixPath }),
      unixPath,
      (conn) => conn,
    );
  }
  const address = hostname === undefined ? { port } : { port, hostname };
  if (cert !== undefined && key !== undefined) {
    const listener = Deno.listenTls({
      ...address,
      cert,
      key,
      alpnProtocols: [...alpnProtocols],
    });
    return toListener(listener, addressOf(listener.addr), (conn) => conn);
  }
  const listener = Deno.listen(address);
  return toListener(listener, addressOf(listener.addr), withoutDelay);
}

function addressOf({ hostname, port }: Deno.NetAddr): string {
  return formatAddress(hostname, port);
}

function toListener<Conn extends Deno.Conn>(
  listener: Deno.Listener<Conn, Deno.Addr>,
  address: string,
  prepare: (conn: Conn) => Conn,
): Listener {
  return {
    address,
    accept: async () => {
      while (true) {
        try {
          return denoTransport(prepare(await listener.accept()));
        } catch (error) {
          if (error instanceof Deno.errors.BadResource) return null;
          if (error instanceof Deno.errors.Interrupted) return null;
          // One client that went away, or one that failed at TLS.
          if (isOfOneClient(error)) continue;
          throw error;
        }
      }
    },
    close: () => listener.close(),
  };
}

function isOfOneClient(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.InvalidData;
}
