/** Connections whose bytes are counted, at the socket. */
import { denoTransport, type Transport } from "@sluice/websocket";

/** What went over all connections of a network. */
export interface Traffic {
  sentBytes: number;
  receivedBytes: number;
  requests: number;
}

/** Connects to one server, and counts. */
export interface Network extends Disposable {
  readonly port: number;
  /** What was counted so far; a client adds its requests. */
  readonly traffic: Traffic;
  readonly connect: () => Promise<Transport>;
}

/** Its end closes every connection, so that nobody waits for one any more. */
export function createNetwork(port: number): Network {
  const traffic = { sentBytes: 0, receivedBytes: 0, requests: 0 };
  const opened: Transport[] = [];
  return {
    port,
    traffic,
    connect: async () => {
      const conn = await Deno.connect({ hostname: "127.0.0.1", port });
      conn.setNoDelay(true);
      const transport = counted(denoTransport(conn), traffic);
      opened.push(transport);
      return transport;
    },
    [Symbol.dispose]: () => {
      for (const transport of opened) transport.close();
    },
  };
}

function counted(transport: Transport, traffic: Traffic): Transport {
  return {
    ...transport,
    read: async (room) => {
      const bytes = await transport.read(room);
      traffic.receivedBytes += bytes?.length ?? 0;
      return bytes;
    },
    write: (bytes) => {
      traffic.sentBytes += bytes.length;
      return transport.write(bytes);
    },
  };
}
