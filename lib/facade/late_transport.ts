import { type Carrier, toTransport } from "../connection/carrier.ts";
import type { Transport } from "../transport/transport.ts";

/**
 * A transport that is still being made: what is read and written waits for it,
 * and one that comes after `close` is closed at once.
 */
export function lateTransport(making: Promise<Carrier>): Transport {
  let made: Transport | undefined;
  const coming = making.then((carrier) => made = toTransport(carrier));
  // Told by read() and write().
  coming.catch(() => {});
  const closed = Promise.withResolvers<never>();
  closed.promise.catch(() => {});
  const arrived = () => Promise.race([coming, closed.promise]);
  return {
    read: async (room) => await (made ?? await arrived()).read(room),
    write: async (bytes) => await (made ?? await arrived()).write(bytes),
    closeWrite: async () => await (made ?? await arrived()).closeWrite(),
    close: () => {
      if (made !== undefined) return made.close();
      closed.reject(new Error("Cannot connect: the transport is closed"));
      coming.then((transport) => transport.close(), () => {});
    },
  };
}
