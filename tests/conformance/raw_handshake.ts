import { encodeBase64 } from "@std/encoding/base64";
import { joined } from "./wire.ts";

const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** The tester's own opening handshake as a client; gives what came after it. */
export async function requestWebSocket(
  connection: Deno.TcpConn,
): Promise<Uint8Array> {
  const key = encodeBase64(crypto.getRandomValues(new Uint8Array(16)));
  await writeHead(connection, [
    "GET / HTTP/1.1",
    "Host: 127.0.0.1",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${key}`,
    "Sec-WebSocket-Version: 13",
  ]);
  const { lines, leftover } = await readHead(connection);
  require(lines[0]!.startsWith("HTTP/1.1 101 "), lines[0]!);
  require(/^websocket$/i.test(header(lines, "upgrade")), "no Upgrade");
  require(/\bupgrade\b/i.test(header(lines, "connection")), "no Connection");
  require(
    header(lines, "sec-websocket-accept") === await acceptOf(key),
    "a wrong Sec-WebSocket-Accept",
  );
  return leftover;
}

/** The tester's own opening handshake as a server; gives what came after it. */
export async function answerWebSocket(
  connection: Deno.TcpConn,
): Promise<Uint8Array> {
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
  ]);
  return leftover;
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
  const line = lines.find((line) => line.toLowerCase().startsWith(`${name}:`));
  return line?.slice(name.length + 1).trim() ?? "";
}

async function acceptOf(key: string): Promise<string> {
  const bytes = new TextEncoder().encode(key + guid);
  return encodeBase64(await crypto.subtle.digest("SHA-1", bytes));
}

function require(isRight: boolean, found: string): void {
  if (!isRight) throw new Error(`Handshake: found ${found}`);
}
