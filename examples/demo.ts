/**
 * A conversation on raw TCP, with every bit of it shown: an echo server and a
 * client made with this library, and what goes over the wire between them.
 *
 *     deno task demo
 */
import {
  acceptWebSocket,
  type ByteStreams,
  createKey,
  fragment,
  FrameDecoderStream,
  FrameEncoderStream,
  type FrameInit,
  type Message,
  MessageDecoderStream,
  requestHandshake,
} from "@sluice/websocket";
import { parseArgs } from "node:util";
import { showWire } from "./demo/show_wire.ts";

const { values } = parseArgs({
  options: { help: { type: "boolean", short: "h", default: false } },
});
if (values.help) {
  console.log(`Usage: demo.ts

Starts an echo server and a client, and shows every bit that goes between them.`);
  Deno.exit();
}

const color = Deno.stdout.isTerminal() && !Deno.noColor;
const encode = (text: string) => new TextEncoder().encode(text);

/** What the client sends, one after the other, each with what it shows. */
const steps: [title: string, frames: FrameInit[]][] = [
  [
    "A text message",
    fragment({ type: "text", data: "something" }),
  ],
  ["A text message in three fragments", [
    { opcode: 0x1, fin: false, payload: encode("and a ") },
    { opcode: 0x0, fin: false, payload: encode("happy new ") },
    { opcode: 0x0, fin: true, payload: encode("year!") },
  ]],
  [
    "A binary message",
    fragment({ type: "binary", data: Uint8Array.of(0xca, 0xfe, 0xba, 0xbe) }),
  ],
  [
    "A Ping, which the server answers by itself",
    fragment({ type: "ping", data: encode("are you there?") }),
  ],
  [
    "The closing handshake",
    fragment({ type: "close", code: 1000, reason: "done" }),
  ],
];

/** Sends each step, and waits for its answer before the next. */
async function talk(conn: ByteStreams, url: string): Promise<void> {
  const role = "client";
  title("The opening handshake");
  const nonce = crypto.getRandomValues(new Uint8Array(16));
  console.log(`The client's key for this connection: ${createKey(nonce)}`);
  const { readable } = await requestHandshake(conn, url, { nonce });

  const answers = readable
    .pipeThrough(new FrameDecoderStream({ role }))
    .pipeThrough(new MessageDecoderStream({ role }))
    .getReader();
  const encoder = new FrameEncoderStream({ role });
  const sent = encoder.readable.pipeTo(conn.writable);
  const writer = encoder.writable.getWriter();
  for (const [what, frames] of steps) {
    title(what);
    for (const frame of frames) await writer.write(frame);
    const { value } = await answers.read();
    const received = value === undefined ? "nothing more" : describe(value);
    console.log(bold(`The client received: ${received}`));
  }
  await writer.close();
  await sent;
}

function describe(message: Message): string {
  switch (message.type) {
    case "text":
      return `text ${JSON.stringify(message.data)}`;
    case "close":
      return `close ${message.code} ${JSON.stringify(message.reason)}`;
    default:
      return `${message.type}, ${message.data.length} bytes`;
  }
}

function title(text: string): void {
  console.log(`\n${bold(`━━ ${text} ${"━".repeat(68 - text.length)}`)}\n`);
}

function bold(text: string): string {
  return color ? `\x1b[1m${text}\x1b[0m` : text;
}

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
const { port } = listener.addr;
console.log(`An echo server on raw TCP, and a client: ws://127.0.0.1:${port}/`);
const serving = listener.accept().then(async (conn) => {
  const connection = await acceptWebSocket(conn);
  for await (const message of connection) connection.send(message);
  await connection.closed;
});
const conn = await Deno.connect({ hostname: "127.0.0.1", port });
await talk(showWire(conn, { color }), `ws://127.0.0.1:${port}/`);
await serving;
listener.close();
console.log("\nBoth ends are closed.");
