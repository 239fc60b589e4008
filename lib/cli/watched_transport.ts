import type { Transport } from "../transport/transport.ts";
import type { LiveDissection } from "./live_dissection.ts";

/** A client's transport, with everything that passes taken apart. */
export function watchedTransport(
  transport: Transport,
  live: LiveDissection,
): Transport {
  return {
    ...transport,
    // Copies: what is read or written is used again before it is taken apart.
    read: async (room) => {
      const bytes = await transport.read(room);
      // Waited for, so that a terminal that is slow holds the server back.
      if (bytes !== null) await live.read("server", bytes.slice());
      return bytes;
    },
    write: (bytes) => {
      live.read("client", bytes.slice());
      return transport.write(bytes);
    },
  };
}
