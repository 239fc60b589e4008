/**
 * Raw bytes to the echo, carried by the messages of a WebSocket: a page has no
 * other way to choose every bit that it sends.
 */
import {
  denoTransport,
  type Transport,
  type WebSocketConnection,
} from "@sluice/websocket";

/** A connection to the echo, in the name of a page. */
export interface Tunnel {
  /** Passes bytes on to the echo. */
  readonly write: (data: string | Uint8Array) => Promise<void>;
  /** The page has gone. */
  readonly close: () => void;
}

/** Connects to the echo on loopback; only there, whoever asks. */
export function openTunnel(
  page: WebSocketConnection,
  port: number,
): Tunnel {
  const opening = Deno.connect({ hostname: "127.0.0.1", port })
    .then(denoTransport);
  const reading = opening.then((echo) => passBack(echo, page));
  reading.catch(() => page.close({ closeCode: 1014, reason: "No echo there" }));
  let last: Promise<void> = Promise.resolve();
  return {
    write: (data) => {
      const bytes = typeof data === "string"
        ? new TextEncoder().encode(data)
        : data;
      // A page that goes on after the echo has hung up is told by its end.
      last = last.then(async () => {
        await (await opening).write(bytes as Uint8Array<ArrayBuffer>);
      }).catch(() => {});
      return last;
    },
    close: () => opening.then((echo) => echo.close(), () => {}),
  };
}

async function passBack(
  echo: Transport,
  page: WebSocketConnection,
): Promise<void> {
  try {
    while (true) {
      const bytes = await echo.read();
      if (bytes === null) break;
      page.send(bytes);
      await page.drained();
    }
    page.close();
  } finally {
    echo.close();
  }
}
