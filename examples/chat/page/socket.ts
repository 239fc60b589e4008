import { backoffMs } from "@sluice/websocket/connection";

/** How the connection is. */
export type SocketState =
  | { readonly type: "connecting" }
  | { readonly type: "open" }
  | { readonly type: "waiting"; readonly delayMs: number };

/** Called with what happens. */
export interface SocketHandlers {
  readonly onOpen: (send: (text: string) => void) => void;
  readonly onMessage: (text: string) => void;
  readonly onClose: () => void;
  readonly onState: (state: SocketState) => void;
}

/** A connection that is made again whenever it is lost. */
export interface KeptSocket {
  /** Waits no longer for the next attempt. */
  readonly retry: () => void;
}

/** One that held for so long was a good one: waits begin anew. */
const goodMs = 5_000;

/** Connects by the browser's own WebSocket, and again, with back-off and jitter. */
export function keepConnected(
  url: string,
  { onOpen, onMessage, onClose, onState }: SocketHandlers,
): KeptSocket {
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const connect = () => {
    timer = undefined;
    onState({ type: "connecting" });
    const socket = new WebSocket(url);
    let openedMs = Infinity;
    socket.onopen = () => {
      openedMs = performance.now();
      onState({ type: "open" });
      onOpen((text) => socket.send(text));
    };
    socket.onmessage = ({ data }) => onMessage(data);
    socket.onclose = () => {
      onClose();
      if (performance.now() - openedMs >= goodMs) attempt = 0;
      const delayMs = backoffMs(attempt++, Math.random);
      onState({ type: "waiting", delayMs });
      timer = setTimeout(connect, delayMs);
    };
  };
  const retry = () => {
    if (timer === undefined) return;
    clearTimeout(timer);
    connect();
  };
  // Who was without a network knows when there is one again.
  addEventListener("online", retry);
  connect();
  return { retry };
}
