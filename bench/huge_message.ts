/**
 * One message of a gibibyte through an echo, piece by piece: how much memory
 * that takes of the server.
 *
 *     deno task bench:huge
 *
 * The server runs in a process of its own, and says twenty times a second how
 * large its resident set is.
 */
import { connectWebSocket, serveWebSocket } from "@sluice/websocket";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    serve: { type: "boolean", default: false },
    mebibytes: { type: "string", default: "1024" },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log("Usage: huge_message.ts [--mebibytes N]   (1024 by default)");
  Deno.exit();
}
if (values.serve) await serve();
else await measure(Number(values.mebibytes));

/** Echoes every message as it comes, without ever holding one. */
async function serve(): Promise<void> {
  const server = serveWebSocket(
    { hostname: "127.0.0.1", port: 0, delivery: "pieces" },
    async (connection) => {
      while (true) {
        const message = await connection.receiveStream();
        if (message === undefined) break;
        await connection.sendFrom(message.type, message.readable);
      }
    },
  );
  console.log(`ws://${server.address}/`);
  setInterval(() => console.log(Deno.memoryUsage().rss), 50);
  await server.finished;
}

async function measure(mebibytes: number): Promise<void> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-net=127.0.0.1", import.meta.filename!, "--serve"],
    stdout: "piped",
  }).spawn();
  try {
    const { url, memory } = await listen(child.stdout);
    // A small one first, so that everything is loaded and compiled.
    await echo(url, 64, () => {});
    const before = memory.highestBytes;
    const startedMs = performance.now();
    await echo(url, mebibytes, (done) => {
      if (done % 64 === 0) showProgress(done, mebibytes);
    });
    const seconds = (performance.now() - startedMs) / 1000;
    const grown = memory.highestBytes - before;
    console.log(`\n${mebibytes} MiB echoed in ${seconds.toFixed(1)} s`);
    console.log(
      `Server's resident set: at most ${inMebibytes(before)} after 64 MiB, ` +
        `${inMebibytes(memory.highestBytes)} after all: grown by ` +
        `${inMebibytes(grown)} (wanted: less than 32 MiB)`,
    );
    if (grown >= 32 * 1024 * 1024) Deno.exitCode = 1;
  } finally {
    child.kill();
    await child.status;
  }
}

/** Sends so many pieces of a mebibyte as one message, and checks its echo. */
async function echo(
  url: string,
  mebibytes: number,
  onMebibyte: (done: number) => void,
): Promise<void> {
  const connection = await connectWebSocket(url, { delivery: "pieces" });
  const piece = new Uint8Array(1024 * 1024).map((_, index) => index % 251);
  function* pieces() {
    for (let count = 0; count < mebibytes; count++) yield piece;
  }
  const sending = connection.sendFrom("binary", pieces());
  const message = await connection.receiveStream();
  let received = 0;
  for await (const data of message!.readable as ReadableStream<Uint8Array>) {
    const before = Math.floor(received / piece.length);
    if (data[0] !== received % piece.length % 251) {
      throw new Error(`Another byte came back at ${received}`);
    }
    received += data.length;
    const after = Math.floor(received / piece.length);
    if (after !== before) onMebibyte(after);
  }
  await sending;
  if (received !== mebibytes * piece.length) {
    throw new Error(`${received} bytes came back`);
  }
  connection.close();
  await connection.closed;
}

/** The server's URL, and from then on the most memory that it has had. */
async function listen(
  stdout: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<{ url: string; memory: { highestBytes: number } }> {
  const memory = { highestBytes: 0 };
  const started = Promise.withResolvers<string>();
  const read = async () => {
    for await (const text of stdout.pipeThrough(new TextDecoderStream())) {
      for (const line of text.trim().split("\n")) {
        if (line.startsWith("ws:")) started.resolve(line);
        else memory.highestBytes = Math.max(memory.highestBytes, Number(line));
      }
    }
  };
  read();
  return { url: await started.promise, memory };
}

function inMebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

function showProgress(done: number, all: number): void {
  const text = `${done} of ${all} MiB`;
  if (Deno.stdout.isTerminal()) {
    Deno.stdout.writeSync(new TextEncoder().encode(`\r${text} `));
  } else console.log(text);
}
