import {
  type ConnectionHooks,
  type ConnectionOptions,
  openConnection,
  type OpenedHandshake,
  requireConnectionOptions,
  type WebSocketConnection,
} from "../../lib/connection/connection.ts";
import {
  decodeFrames,
  type FrameDecoding,
} from "../../lib/frame/decode_frames.ts";
import { noExtensions } from "../../lib/extension/negotiate.ts";
import type { FrameInit, Role } from "../../lib/frame/frame.ts";
import { serializeFrame } from "../../lib/frame/serialize_frame.ts";
import { denoTransport } from "../../lib/transport/deno.ts";
import {
  memoryTransports,
  type MemoryTransportsOptions,
} from "../../lib/transport/memory.ts";
import type { Transport } from "../../lib/transport/transport.ts";
import { accept, key } from "../handshake/handshake_heads.ts";
import { fromPeerOf, linesOf } from "../session/sessions.ts";
import { utf8 } from "../support/hex.ts";
import { concatenated } from "../support/splits.ts";

/** Waits for what must come, but not for ever: a test that hangs says nothing. */
export async function within<T>(
  promise: Promise<T>,
  what: string,
  limitMs = 1_000,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const id = setTimeout(
    () => late.reject(new Error(`Waited in vain for ${what}`)),
    limitMs,
  );
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(id);
  }
}

/** Waits until something is so. */
export async function until(
  isSo: () => boolean,
  what: string,
  limitMs = 1_000,
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`Waited in vain for ${what}`);
    await pause(1);
  }
}

/** Time for what must not happen to happen. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** What is known after a handshake that nobody made. */
export function opened(
  role: Role,
  leftover: Uint8Array = new Uint8Array(0),
): OpenedHandshake {
  return {
    role,
    protocol: "",
    extensions: noExtensions,
    headers: [],
    leftover,
  };
}

/** Opens a connection with options that nobody has judged. */
export function openWith(
  transport: Transport,
  handshake: OpenedHandshake,
  options: ConnectionOptions = {},
  hooks?: ConnectionHooks,
): WebSocketConnection {
  const settings = requireConnectionOptions(options, handshake.role);
  return openConnection(transport, handshake, settings, hooks);
}

/** Both ends of a WebSocket joined in memory. */
export function joinedConnections(
  options: {
    readonly client?: ConnectionOptions;
    readonly server?: ConnectionOptions;
    readonly transports?: MemoryTransportsOptions;
  } = {},
): [WebSocketConnection, WebSocketConnection] {
  const [up, down] = memoryTransports(options.transports);
  return [
    openWith(up, opened("client"), options.client),
    openWith(down, opened("server"), options.server),
  ];
}

/** Closes both, and waits until they are. */
export async function closeBoth(
  ...connections: readonly WebSocketConnection[]
): Promise<void> {
  for (const connection of connections) connection.close();
  // Who is asked for messages has dealt with those before.
  for (const connection of connections) {
    readAll(connection).catch(() => {});
  }
  for (const { closed } of connections) await within(closed, "the end");
}

/** Every message that is still to come. */
export async function readAll(
  connection: WebSocketConnection,
): Promise<(string | Uint8Array)[]> {
  const all: (string | Uint8Array)[] = [];
  for await (const data of connection) all.push(data);
  return all;
}

/** One end of a connection that knows no rules, to break them with. */
export interface RawPeer {
  readonly transport: Transport;
  readonly write: (bytes: Uint8Array | string) => Promise<void>;
  /** Writes frames, as the peer of a connection writes them. */
  readonly say: (...frames: FrameInit[]) => Promise<void>;
  /** Reads an HTTP head. */
  readonly head: () => Promise<string>;
  /** Reads so many frames, a line each. */
  readonly hear: (count: number) => Promise<string[]>;
  /** Reads frames to the end, a line each. */
  readonly hearAll: () => Promise<string[]>;
  /** Reads bytes to the end, as text. */
  readonly readText: () => Promise<string>;
  readonly close: () => void;
}

/** The other end of a connection of `role`. */
export function rawPeer(transport: Transport, role: Role): RawPeer {
  let left: Uint8Array = new Uint8Array(0);
  let decoding: FrameDecoding | undefined;
  const lines: string[] = [];
  const read = async (): Promise<Uint8Array | null> => {
    if (left.length > 0) {
      const bytes = left;
      left = new Uint8Array(0);
      return bytes;
    }
    try {
      const bytes = await within(transport.read(), "bytes of the connection");
      return bytes === null ? null : bytes.slice();
    } catch (error) {
      // A reset is an end, too.
      if (error instanceof Deno.errors.ConnectionReset) return null;
      throw error;
    }
  };
  const hearMore = async (): Promise<boolean> => {
    const bytes = await read();
    if (bytes === null) return false;
    const { frames, state, error } = decodeFrames(bytes, decoding);
    if (error !== undefined) throw error;
    decoding = state;
    lines.push(
      ...frames.flatMap((frame) => linesOf(role, [serializeFrame(frame)])),
    );
    return true;
  };
  const write = (bytes: Uint8Array | string) =>
    transport.write(
      typeof bytes === "string" ? utf8(bytes) : new Uint8Array(bytes),
    );
  return {
    transport,
    write,
    say: (...frames) => write(fromPeerOf(role, ...frames)),
    head: async () => {
      let bytes: Uint8Array = new Uint8Array(0);
      while (true) {
        const chunk = await read();
        if (chunk === null) throw new Error("Found the end inside a head");
        bytes = concatenated([bytes, chunk]);
        const text = String.fromCharCode(...bytes);
        const end = text.indexOf("\r\n\r\n");
        if (end === -1) continue;
        left = bytes.slice(end + 4);
        return text.slice(0, end + 4);
      }
    },
    hear: async (count) => {
      while (lines.length < count) {
        if (!await hearMore()) throw new Error(`Found the end after ${lines}`);
      }
      return lines.splice(0, count);
    },
    hearAll: async () => {
      while (await hearMore());
      return lines.splice(0);
    },
    readText: async () => {
      let text = "";
      while (true) {
        const bytes = await read();
        if (bytes === null) return text;
        text += new TextDecoder().decode(bytes);
      }
    },
    close: transport.close,
  };
}

/** A connection in memory, and a peer of it that knows no rules. */
export function connectionWithPeer(
  role: Role,
  options: ConnectionOptions = {},
  more: {
    readonly hooks?: ConnectionHooks;
    readonly leftover?: Uint8Array;
    readonly transports?: MemoryTransportsOptions;
  } = {},
): { readonly connection: WebSocketConnection; readonly peer: RawPeer } {
  const [own, other] = memoryTransports(more.transports);
  const connection = openWith(
    own,
    opened(role, more.leftover),
    options,
    more.hooks,
  );
  return { connection, peer: rawPeer(other, role) };
}

/** A request for a WebSocket, with these lines more. */
export function requestText(...lines: readonly string[]): string {
  return [
    "GET /chat?room=1 HTTP/1.1",
    "Host: server.example.com",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${key}`,
    "Sec-WebSocket-Version: 13",
    ...lines,
    "\r\n",
  ].join("\r\n");
}

/** The answer to a request with this key. */
export async function responseText(
  request: string,
  ...lines: readonly string[]
): Promise<string> {
  const sent = /^sec-websocket-key: (.*)\r$/im.exec(request)?.[1] ?? key;
  const value = sent === key ? accept : await acceptOf(sent);
  return [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${value}`,
    ...lines,
    "\r\n",
  ].join("\r\n");
}

async function acceptOf(sent: string): Promise<string> {
  const text = `${sent}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const digest = await crypto.subtle.digest("SHA-1", utf8(text));
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}

/** Connects to `host:port` by TCP, as a client that knows no rules. */
export async function dialRaw(address: string): Promise<RawPeer> {
  const { hostname, port } = new URL(`http://${address}`);
  const conn = await Deno.connect({ hostname, port: Number(port) });
  return rawPeer(denoTransport(conn), "server");
}

/** The same, with the handshake made. */
export async function dialOpen(
  address: string,
  ...lines: readonly string[]
): Promise<RawPeer> {
  const peer = await dialRaw(address);
  await peer.write(requestText(...lines));
  await peer.head();
  return peer;
}

/** A server that does what it is told with each client, and knows no rules. */
export interface RawServer extends AsyncDisposable {
  /** Host and port. */
  readonly address: string;
  readonly port: number;
}

/** Serves clients of `serve`, one after the other or at once. */
export function serveRaw(
  serve: (peer: RawPeer, conn: Deno.Conn) => void | Promise<void>,
): RawServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const conns: Deno.Conn[] = [];
  const serving: (void | Promise<void>)[] = [];
  const accepting = (async () => {
    for await (const conn of listener) {
      conns.push(conn);
      serving.push(serve(rawPeer(denoTransport(conn), "client"), conn));
    }
  })();
  let isClosed = false;
  return {
    address: `127.0.0.1:${port}`,
    port,
    [Symbol.asyncDispose]: async () => {
      if (isClosed) return;
      isClosed = true;
      listener.close();
      await accepting;
      for (const conn of conns) denoTransport(conn).close();
      await Promise.allSettled(serving);
    },
  };
}
