import type { Transport } from "./transport.ts";

/** Clients that have come and wait to be taken. */
export interface ClientQueue {
  /** One more; after the end it is hung up on. */
  readonly put: (client: Transport) => void;
  /** The next one; `null` at the end. */
  readonly take: () => Promise<Transport | null>;
  /** No more are taken. */
  readonly close: () => void;
}

/** Makes an empty queue. */
export function createClientQueue(): ClientQueue {
  const clients: Transport[] = [];
  let waiting: ((client: Transport | null) => void) | undefined;
  let isClosed = false;
  return {
    put: (client) => {
      if (isClosed) return client.close();
      if (waiting === undefined) return void clients.push(client);
      waiting(client);
      waiting = undefined;
    },
    take: () => {
      if (isClosed) return Promise.resolve(null);
      const client = clients.shift();
      if (client !== undefined) return Promise.resolve(client);
      return new Promise((resolve) => waiting = resolve);
    },
    close: () => {
      isClosed = true;
      clients.forEach((client) => client.close());
      clients.length = 0;
      waiting?.(null);
    },
  };
}
