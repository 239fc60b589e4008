/** A peer that is bound by no rule: bytes on a socket, written as one likes. */
import {
  createItemReader,
  type Item,
  joined,
  type OutgoingFrame,
  writeFrame,
} from "../../conformance/wire.ts";
import { within } from "../../connection/connections.ts";

/** The longest that anything may take that an attack waits for. */
export const patienceMs = 20_000;

/** One end of a TCP connection, on which anything may be said. */
export interface RawPeer extends Disposable {
  readonly conn: Deno.TcpConn;
  /** Writes all of it; throws when the other end is gone. */
  readonly write: (bytes: Uint8Array | string) => Promise<void>;
  /** Reads up to the empty line; gives what was read after it to the items. */
  readonly readHead: () => Promise<string>;
  /** The next item of the other end; nothing at its end. */
  readonly readItem: () => Promise<Item | undefined>;
  /** All items until the other end hangs up, however it does. */
  readonly readToEnd: () => Promise<Item[]>;
  /** What comes as it is, until the other end hangs up. */
  readonly readBytesToEnd: () => Promise<Uint8Array>;
}

const utf8 = new TextEncoder();

/** Takes a connection over. */
export function rawPeer(
  conn: Deno.TcpConn,
  from: "client" | "server" = "server",
): RawPeer {
  const items = createItemReader(from);
  const buffer = new Uint8Array(64 * 1024);
  /** What came; nothing at the end, of whichever kind. */
  const read = async (): Promise<Uint8Array | undefined> => {
    try {
      const reading = conn.read(buffer);
      const length = await within(reading, "bytes", patienceMs);
      return length === null ? undefined : buffer.slice(0, length);
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionReset) return undefined;
      throw error;
    }
  };
  const readItem = async () => {
    while (true) {
      const item = items.next();
      if (item !== undefined) return item;
      const bytes = await read();
      if (bytes === undefined) return undefined;
      items.push(bytes);
    }
  };
  return {
    conn,
    write: async (data) => {
      const bytes = typeof data === "string" ? utf8.encode(data) : data;
      for (let at = 0; at < bytes.length;) {
        at += await conn.write(bytes.subarray(at));
      }
    },
    readHead: async () => {
      let bytes: Uint8Array = new Uint8Array(0);
      while (true) {
        const text = new TextDecoder("latin1").decode(bytes);
        const end = text.indexOf("\r\n\r\n");
        if (end !== -1) {
          items.push(bytes.slice(end + 4));
          return text.slice(0, end);
        }
        const more = await read();
        if (more === undefined) return text;
        bytes = joined([bytes, more]);
      }
    },
    readItem,
    readToEnd: async () => {
      const all: Item[] = [];
      for (let item; (item = await readItem()) !== undefined;) all.push(item);
      return all;
    },
    readBytesToEnd: async () => {
      const parts: Uint8Array[] = [];
      for (let part; (part = await read()) !== undefined;) parts.push(part);
      return joined(parts);
    },
    [Symbol.dispose]: () => {
      try {
        conn.close();
      } catch {
        // The attack has closed it itself.
      }
    },
  };
}

/** Connects to a port of this machine. */
export async function connectRaw(port: number): Promise<RawPeer> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  conn.setNoDelay(true);
  return rawPeer(conn);
}

/** The lines of a request that is right. */
export function requestLines(
  target = "/",
  more: readonly string[] = [],
): string[] {
  return [
    `GET ${target} HTTP/1.1`,
    "Host: 127.0.0.1",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
    ...more,
  ];
}

/** Lines as they are sent. */
export function headOf(lines: readonly string[]): string {
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** Connects and opens a WebSocket. */
export async function openRaw(
  port: number,
  target?: string,
  extensions?: string,
): Promise<RawPeer> {
  const peer = await connectRaw(port);
  const more = extensions === undefined
    ? []
    : [`Sec-WebSocket-Extensions: ${extensions}`];
  await peer.write(headOf(requestLines(target, more)));
  const head = await peer.readHead();
  if (head.startsWith("HTTP/1.1 101 ")) return peer;
  peer[Symbol.dispose]();
  throw new Error(`Cannot open: found ${head.split("\r\n")[0]}, wanted 101`);
}

/** A frame of a client with FIN and a mask, unless `fields` say otherwise. */
export function frame(
  opcode: number,
  payload: Uint8Array | string = "",
  fields: Partial<OutgoingFrame> = {},
): Uint8Array {
  return writeFrame(frameOf(opcode, payload, fields), "client");
}

/** The same of a server, without a mask. */
export function serverFrame(
  opcode: number,
  payload: Uint8Array | string = "",
  fields: Partial<OutgoingFrame> = {},
): Uint8Array {
  return writeFrame(frameOf(opcode, payload, fields), "server");
}

function frameOf(
  opcode: number,
  payload: Uint8Array | string,
  fields: Partial<OutgoingFrame>,
): OutgoingFrame {
  const data = typeof payload === "string" ? utf8.encode(payload) : payload;
  return { fin: true, rsv: 0, opcode, payload: data, ...fields };
}

/** The header alone of a client's frame, with any length, in eight bytes. */
export function headerOf(firstByte: number, length: bigint): Uint8Array {
  const header = new Uint8Array(14);
  header.set([firstByte, 0xff]);
  new DataView(header.buffer).setBigUint64(2, length);
  header.set([1, 2, 3, 4], 10);
  return header;
}
