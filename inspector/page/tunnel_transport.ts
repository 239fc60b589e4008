import type { Transport } from "@sluice/websocket/transport";

/**
 * Raw bytes to the echo behind this page, through the browser's own WebSocket: the
 * only way for a page to choose every bit that it sends.
 */
export function tunnelTransport(url: string): Transport {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  const opened = new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = () => reject(new Error(`Cannot open the tunnel ${url}`));
  });
  opened.catch(() => {});
  const chunks: Uint8Array[] = [];
  let isEnded = false;
  let wake = () => {};
  socket.onmessage = ({ data }) => {
    chunks.push(new Uint8Array(data as ArrayBuffer));
    wake();
  };
  socket.onclose = () => {
    isEnded = true;
    wake();
  };
  return {
    read: async () => {
      await opened;
      while (chunks.length === 0 && !isEnded) {
        await new Promise<void>((resolve) => wake = resolve);
      }
      return chunks.shift() ?? null;
    },
    write: async (bytes) => {
      await opened;
      socket.send(bytes);
    },
    closeWrite: () => Promise.resolve(socket.close()),
    close: () => socket.close(),
  };
}
