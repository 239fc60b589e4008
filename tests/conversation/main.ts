/**
 * A long conversation over permessage-deflate: 10,000 random messages, whole and in
 * fragments, compressed and not, with Pings between, their bytes cut anywhere, with
 * ourselves and with `ws` on Node, in ten settings of the extension:
 *
 *     deno task test:conversation [--messages N] [--seed N]
 *
 * Every message has to come back as it was. The seed is printed, and makes the same
 * conversation again.
 */
import {
  acceptWebSocket,
  connectWebSocket,
  denoTransport,
  memoryTransports,
  type Transport,
  type WebSocketConnection,
} from "@sluice/websocket";
import {
  pakoEngine,
  permessageDeflate,
  type PermessageDeflateOptions,
  zlibEngine,
} from "@sluice/websocket/deflate";
import { parseArgs } from "node:util";
import { installPeers, type Peers } from "../../bench/peers.ts";
import { serverOf } from "../../bench/plan.ts";
import { type Random, seededRandom } from "../support/random.ts";

const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "10000" },
    seed: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log("Usage: deno task test:conversation [--messages N] [--seed N]");
  Deno.exit();
}
const messages = Number(values.messages);
const seed = Number(
  values.seed ?? crypto.getRandomValues(new Uint32Array(1))[0],
);
console.log(`Seed ${seed}, ${messages} messages with each`);

/** What is agreed on, round after round; the same for either peer. */
const settings: readonly PermessageDeflateOptions[] = [
  {},
  { serverNoContextTakeover: true },
  { clientNoContextTakeover: true },
  { serverNoContextTakeover: true, clientNoContextTakeover: true },
  { serverMaxWindowBits: 9, clientMaxWindowBits: 9 },
  { serverMaxWindowBits: 10, clientNoContextTakeover: true },
  { clientMaxWindowBits: 8 },
  { engine: pakoEngine },
  { engine: pakoEngine, serverMaxWindowBits: 9, clientMaxWindowBits: 12 },
  { level: 1, memLevel: 1, serverNoContextTakeover: true },
];

/** How many messages are under way before the first has to be back. */
const mostUnderWay = 16;

using peers = await installPeers([serverOf("ws_node")]);
for (
  const [name, connect] of [["ourselves", toOurselves], ["ws", toWs]] as const
) {
  const startedMs = performance.now();
  let count = 0;
  for (const [round, options] of settings.entries()) {
    const random = seededRandom(seed + round);
    const share = Math.ceil((messages - count) / (settings.length - round));
    await using link = await connect(options, random, peers);
    if (!link.connection.extensions.startsWith("permessage-deflate")) {
      throw new Error(`${name}: not compressed`);
    }
    await converse(link.connection, share, random);
    count += share;
  }
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`ok ${name}: ${count} messages came back, ${seconds} s`);
}

/** A connection to somebody who sends back what they get. */
interface Link extends AsyncDisposable {
  readonly connection: WebSocketConnection;
}

async function toOurselves(
  options: PermessageDeflateOptions,
  random: Random,
): Promise<Link> {
  const [up, down] = memoryTransports();
  const engine = random.chance(0.5) ? pakoEngine : zlibEngine() ?? pakoEngine;
  const serving = acceptWebSocket(cutting(down, random), {
    extensions: [permessageDeflate({ ...options, engine })],
  }).then(async (connection) => {
    for await (const data of connection) {
      connection.send(data, { compress: random.chance(0.7) });
    }
  });
  const connection = await connectWebSocket("ws://127.0.0.1/", {
    carrier: cutting(up, random),
    extensions: [permessageDeflate(options)],
  });
  return {
    connection,
    [Symbol.asyncDispose]: async () => {
      await connection[Symbol.asyncDispose]();
      await serving;
    },
  };
}

async function toWs(
  options: PermessageDeflateOptions,
  random: Random,
  { folderOf }: Peers,
): Promise<Link> {
  const program = new URL("../interop/programs/ws_echo.mjs", import.meta.url);
  const port = freePort();
  const child = new Deno.Command("node", {
    args: [program.pathname, "serve", String(port), "--deflate"],
    env: { PEERS: folderOf("ws") },
  }).spawn();
  const connection = await connectPatiently(port, options, random);
  return {
    connection,
    [Symbol.asyncDispose]: async () => {
      await connection[Symbol.asyncDispose]();
      child.kill("SIGTERM");
      await child.status;
    },
  };
}

async function connectPatiently(
  port: number,
  options: PermessageDeflateOptions,
  random: Random,
): Promise<WebSocketConnection> {
  for (let attempt = 0;; attempt++) {
    try {
      const conn = await Deno.connect({ hostname: "127.0.0.1", port });
      conn.setNoDelay(true);
      return await connectWebSocket(`ws://127.0.0.1:${port}/`, {
        carrier: cutting(denoTransport(conn), random),
        extensions: [permessageDeflate(options)],
      });
    } catch (error) {
      if (attempt === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** A transport whose bytes come in pieces of any size. */
function cutting(transport: Transport, random: Random): Transport {
  let rest: Uint8Array = new Uint8Array(0);
  return {
    ...transport,
    read: async () => {
      if (rest.length === 0) {
        const bytes = await transport.read();
        if (bytes === null) return null;
        rest = bytes.slice();
      }
      const longest = random.chance(0.3) ? 3 : 5_000;
      const length = Math.min(rest.length, random.integer(1, longest));
      const part = rest.subarray(0, length);
      rest = rest.subarray(length);
      return part;
    },
  };
}

/** Sends so many messages, and compares what comes back. */
async function converse(
  connection: WebSocketConnection,
  count: number,
  random: Random,
): Promise<void> {
  const underWay: (string | Uint8Array)[] = [];
  for (let sent = 0; sent < count; sent++) {
    const message = randomMessage(random);
    underWay.push(message);
    if (random.chance(0.1)) connection.ping().catch(() => {});
    await send(connection, message, random);
    while (underWay.length >= random.integer(1, mostUnderWay)) {
      await compare(connection, underWay.shift()!);
    }
  }
  for (const message of underWay) await compare(connection, message);
}

async function send(
  connection: WebSocketConnection,
  message: string | Uint8Array,
  random: Random,
): Promise<void> {
  const compress = random.chance(0.7);
  if (random.chance(0.6)) return void connection.send(message, { compress });
  const type = typeof message === "string" ? "text" : "binary";
  await connection.sendFrom(type, pieces(), { compress });

  async function* pieces() {
    let rest = message;
    for (let count = random.integer(1, 5); count > 0; count--) {
      const length = count === 1 ? rest.length : random.integer(0, rest.length);
      yield rest.slice(0, length);
      rest = rest.slice(length);
      if (random.chance(0.2)) await connection.ping();
    }
  }
}

async function compare(
  connection: WebSocketConnection,
  wanted: string | Uint8Array,
): Promise<void> {
  const found = await connection.receive();
  const isSame = typeof wanted === "string"
    ? found === wanted
    : found instanceof Uint8Array && found.length === wanted.length &&
      wanted.every((byte, index) => byte === found[index]);
  if (isSame) return;
  throw new Error(
    `Seed ${seed}: found ${typeof found} of ${found?.length}, wanted ` +
      `${typeof wanted} of ${wanted.length}, or other contents`,
  );
}

/** Short ones mostly; some that compress well, some not at all. */
function randomMessage(random: Random): string | Uint8Array {
  const length = random.chance(0.9)
    ? random.integer(0, 2_000)
    : random.integer(0, 100_000);
  if (random.chance(0.3)) return random.bytes(length);
  const alphabet = ["a", "e", "the ", "WebSocket ", "é", "中", "🌍", '{"id":'];
  let text = "";
  while (text.length < length) {
    text += alphabet[random.integer(0, alphabet.length - 1)];
  }
  return text;
}
