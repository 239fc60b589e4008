/**
 * Raw bytes to the echo, carried by the messages of a WebSocket: a page has no
 * other way to choose every bit that it sends.
 */
import type { WebSocketConnection } from "@sluice/websocket";

/** A connection to the echo, in the name of a page. */
export interface Tunnel {
  /** Passes bytes on to the echo. */
  readonly write: (data: string | Uint8Array) => Promise<void>;
  /** The page has gone. */
  readonly close: () => void;
}

const bufferBytes = 16 * 1024;

/** Connects to the echo on loopback; only there, whoever asks. */
export function openTunnel(
  page: WebSocketConnection,
  port: number,
): Tunnel {
  const opening = Deno.connect({ hostname: "127.0.0.1", port });
  const reading = opening.then((conn) => passBack(conn, page));
  reading.catch(() => page.close({ closeCode: 1014, reason: "No echo there" }));
  let last: Promise<void> = Promise.resolve();
  return {
    write: (data) => {
      const bytes = typeof data === "string"
        ? new TextEncoder().encode(data)
        : data;
      // A page that goes on after the echo has hung up is told by its end.
      last = last.then(async () => await writeAll(await opening, bytes))
        .catch(() => {});
      return last;
    },
    close: () => opening.then((conn) => closeOnce(conn), () => {}),
  };
}

async function passBack(
  conn: Deno.Conn,
  page: WebSocketConnection,
): Promise<void> {
  const buffer = new Uint8Array(bufferBytes);
  try {
    while (true) {
      const length = await conn.read(buffer);
      if (length === null) break;
      page.send(buffer.subarray(0, length));
      await page.drained();
    }
    page.close();
  } finally {
    closeOnce(conn);
  }
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    written += await conn.write(bytes.subarray(written));
  }
}

function closeOnce(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // It was closed.
  }
}
