import { encodeBase64 } from "@std/encoding/base64";
import { joined } from "./wire.ts";

const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const extensionsName = "sec-websocket-extensions";

/** What the other side said to open the connection. */
export interface Opened {
  /** What it says of extensions; empty for nothing. */
  readonly extensions: string;
  /** What came after the handshake. */
  readonly leftover: Uint8Array;
}

/**
 * The tester's own opening handshake as a client.
 *
 * @param extensions What to offer; `undefined` for nothing.
 */
export async function requestWebSocket(
  connection: Deno.TcpConn,
  extensions?: string,
): Promise<Opened> {
  const key = encodeBase64(crypto.getRandomValues(new Uint8Array(16)));
  await writeHead(connection, [
    "GET / HTTP/1.1",
    "Host: 127.0.0.1",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${key}`,
    "Sec-WebSocket-Version: 13",
    ...extensionLines(extensions),
  ]);
  const { lines, leftover } = await readHead(connection);
  require(lines[0]!.startsWith("HTTP/1.1 101 "), lines[0]!);
  require(/^websocket$/i.test(header(lines, "upgrade")), "no Upgrade");
  require(/\bupgrade\b/i.test(header(lines, "connection")), "no Connection");
  require(
    header(lines, "sec-websocket-accept") === await acceptOf(key),
    "a wrong Sec-WebSocket-Accept",
  );
  return { extensions: header(lines, extensionsName), leftover };
}

/**
 * The tester's own opening handshake as a server.
 *
 * @param extensions What to agree to, whatever is offered; `undefined` for nothing.
 */
export async function answerWebSocket(
  connection: Deno.TcpConn,
  extensions?: string,
): Promise<Opened> {
  const { lines, leftover } = await readHead(connection);
  require(/^GET \S+ HTTP\/1\.1$/.test(lines[0]!), lines[0]!);
  require(header(lines, "sec-websocket-version") === "13", "no version 13");
  const key = header(lines, "sec-websocket-key");
  require(/^[\w+/]{22}==$/.test(key), `the key ${key}`);
  await writeHead(connection, [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${await acceptOf(key)}`,
    ...extensionLines(extensions),
  ]);
  return { extensions: header(lines, extensionsName), leftover };
}

function extensionLines(extensions: string | undefined): string[] {
  return extensions === undefined
    ? []
    : [`Sec-WebSocket-Extensions: ${extensions}`];
}

async function writeHead(
  connection: Deno.TcpConn,
  lines: readonly string[],
): Promise<void> {
  const bytes = new TextEncoder().encode(lines.join("\r\n") + "\r\n\r\n");
  for (let at = 0; at < bytes.length;) {
    at += await connection.write(bytes.subarray(at));
  }
}

async function readHead(
  connection: Deno.TcpConn,
): Promise<{ readonly lines: string[]; readonly leftover: Uint8Array }> {
  let bytes: Uint8Array = new Uint8Array(0);
  const chunk = new Uint8Array(4096);
  for (;;) {
    const text = new TextDecoder("latin1").decode(bytes);
    const end = text.indexOf("\r\n\r\n");
    if (end !== -1) {
      const lines = text.slice(0, end).split("\r\n");
      return { lines, leftover: bytes.slice(end + 4) };
    }
    const length = await connection.read(chunk);
    if (length === null) throw new Error("Handshake: the connection ended");
    bytes = joined([bytes, chunk.subarray(0, length)]);
  }
}

function header(lines: readonly string[], name: string): string {
  const own = lines.filter((line) => line.toLowerCase().startsWith(`${name}:`));
  require(own.length <= 1, `${own.length} lines of ${name}`);
  return own[0]?.slice(name.length + 1).trim() ?? "";
}

async function acceptOf(key: string): Promise<string> {
  const bytes = new TextEncoder().encode(key + guid);
  return encodeBase64(await crypto.subtle.digest("SHA-1", bytes));
}

function require(isRight: boolean, found: string): void {
  if (!isRight) throw new Error(`Handshake: found ${found}`);
}
