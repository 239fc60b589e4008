/**
 * WebSocket over HTTP/2 between every two runtimes, and from Chromium and Deno's
 * own `WebSocket` to each of them:
 *
 *     deno run -A tests/http2/main.ts [name=command…]
 *
 * Deno is there; others are given as `node24=/path/to/node bun=/path/to/bun`.
 */
import { chromium } from "playwright-core";
import { connectWebSocket } from "../../lib/connection/connect.ts";
import { authority } from "../support/certificate.ts";

const runtimes: Record<string, readonly string[]> = {
  deno: [Deno.execPath(), "run", "--quiet", "--allow-all"],
};
for (const arg of Deno.args) {
  const [name = "", command = ""] = arg.split("=");
  runtimes[name] = command.split(" ");
}

const folder = await Deno.makeTempDir();
const peer = `${folder}/peer.mjs`;
const bundled = await new Deno.Command(Deno.execPath(), {
  args: [
    ...["bundle", "--quiet", "--platform", "deno", "--external", "node:*"],
    ...["--output", peer, new URL("peer.ts", import.meta.url).pathname],
  ],
}).output();
if (!bundled.success) throw new Error("The peer could not be bundled");

function start(runtime: string, ...args: string[]): Deno.Command {
  const [command = "", ...before] = runtimes[runtime]!;
  return new Deno.Command(command, {
    args: [...before, peer, ...args],
    stdout: "piped",
    stderr: "piped",
  });
}

/** A server of a runtime, once it listens, and what it has said since. */
async function serve(runtime: string, ...args: string[]) {
  const child = start(runtime, ...args).spawn();
  let said = "";
  const listening = Promise.withResolvers<string>();
  const hear = async (stream: ReadableStream<Uint8Array>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      said += text;
      const [, port] = /^port (\d+)$/m.exec(said) ?? [];
      if (port !== undefined) listening.resolve(port);
    }
    listening.reject(new Error(`${runtime} does not listen: ${said}`));
  };
  listening.promise.catch(() => {});
  hear(child.stdout);
  hear(child.stderr);
  return {
    port: await listening.promise,
    said: () => said,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await child.status;
    },
  };
}

let failures = 0;
function report(who: string, text: string): void {
  for (const line of text.split("\n")) {
    if (!/^(?:ok|FAILED) /.test(line)) continue;
    if (line.startsWith("FAILED")) failures += 1;
    console.log(`${who}: ${line}`);
  }
}

async function attempt(
  who: string,
  name: string,
  run: () => Promise<void>,
): Promise<void> {
  try {
    await run();
    report(who, `ok ${name}`);
  } catch (error) {
    report(who, `FAILED ${name}: ${String(error).replaceAll("\n", " ")}`);
  }
}

function equal(found: unknown, wanted: unknown): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`found ${a}, wanted ${b}`);
}

/** Every client with this server, which offers extended CONNECT or does not. */
async function checkRuntimes(server: string): Promise<void> {
  for (const client of Object.keys(runtimes)) {
    for (const [offer, role] of [["with", "ask"], ["without", "without"]]) {
      await using served = await serve(server, "serve", offer!);
      const { stdout, stderr } = await start(client, role!, served.port)
        .output();
      const decoder = new TextDecoder();
      const text = decoder.decode(stdout) || `FAILED ${decoder.decode(stderr)}`;
      report(`${client} with ${server}`, text);
    }
  }
}

/** What a page does in a browser: three WebSockets to where it came from. */
async function talkInPage() {
  const talk = (at: number) =>
    new Promise((resolve) => {
      const socket = new WebSocket(`wss://${location.host}/${at}`, ["chat"]);
      socket.binaryType = "arraybuffer";
      const said: unknown[] = [];
      socket.onopen = () => {
        socket.send("Hello ".repeat(1_000));
        socket.send(new Uint8Array(300_000).fill(at));
      };
      socket.onmessage = ({ data }: { data: string | ArrayBuffer }) => {
        said.push(typeof data === "string" ? data.length : data.byteLength);
        if (said.length === 2) socket.close(4000, "done");
      };
      socket.onerror = () => said.push("error");
      socket.onclose = (
        { code, wasClean }: { code: number; wasClean: boolean },
      ) =>
        resolve([...said, socket.protocol, socket.extensions, code, wasClean]);
    });
  const sockets = await Promise.all([1, 2, 3].map(talk));
  // Of a page's entries Deno's types know nothing.
  const [navigation] = performance.getEntriesByType(
    "navigation",
  ) as unknown as {
    readonly nextHopProtocol: string;
  }[];
  return { sockets, version: navigation?.nextHopProtocol };
}

async function checkChromium(server: string): Promise<void> {
  const executablePath = Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium";
  await using served = await serve(server, "secure");
  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--ignore-certificate-errors"],
  });
  try {
    const page = await browser.newPage({ ignoreHTTPSErrors: true });
    await page.goto(`https://127.0.0.1:${served.port}/`);
    const found = await page.evaluate(talkInPage);
    const socket = [6_000, 300_000, "chat", "permessage-deflate", 4000, true];
    equal(found, { sockets: [socket, socket, socket], version: "h2" });
    const count = (line: string) => served.said().split(line).length - 1;
    // What a server says comes by another way than what the page does.
    for (let tries = 0; tries < 100 && count("closed ") < 3; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    equal(["session", "opened by CONNECT", "closed 4000"].map(count), [
      1,
      3,
      3,
    ]);
  } finally {
    await browser.close();
  }
}

/** Deno's own `WebSocket`, which asks by HTTP/2 where nothing else is spoken. */
async function checkDenoWebSocket(server: string): Promise<void> {
  await using served = await serve(server, "secure", "alone");
  const client = Deno.createHttpClient({ caCerts: [authority] });
  const socket = new WebSocket(`wss://localhost:${served.port}/`, {
    protocols: ["chat"],
    client,
  });
  const said: unknown[] = [];
  await new Promise<void>((resolve) => {
    socket.onopen = () => socket.send("Hello");
    socket.onmessage = ({ data }) => {
      said.push(data);
      socket.close(4000);
    };
    socket.onerror = (event) => said.push((event as ErrorEvent).message);
    socket.onclose = ({ code, wasClean }) => {
      said.push(code, wasClean);
      resolve();
    };
  });
  client.close();
  equal(said, ["Hello", 4000, true]);
  const by = /opened by \w+/.exec(served.said())?.[0];
  equal(by, "opened by CONNECT");
}

/** Who asks by HTTP/1.1 is served on the same port. */
async function checkHttp1(server: string): Promise<void> {
  await using served = await serve(server, "secure");
  const connection = await connectWebSocket(`wss://localhost:${served.port}/`, {
    caCerts: [authority],
  });
  connection.send("Hello");
  equal(await connection.receive(), "Hello");
  connection.close();
  await connection.closed;
  equal(/opened by \w+/.exec(served.said())?.[0], "opened by GET");
}

for (const server of Object.keys(runtimes)) {
  await checkRuntimes(server);
  const checks = {
    "Chromium": checkChromium,
    "Deno's WebSocket": checkDenoWebSocket,
    "HTTP/1.1 on the same port": checkHttp1,
  };
  for (const [name, check] of Object.entries(checks)) {
    await attempt(
      `${name} with ${server}`,
      "a conversation",
      () => check(server),
    );
  }
}
await Deno.remove(folder, { recursive: true });
Deno.exit(failures === 0 ? 0 : 1);
