/**
 * Our server and our client with other implementations, for real:
 *
 *     deno task test:interop [--peer NAME]… [--require-all]
 *
 * `tests/interop/install.sh` installs all of them on Debian 12. What is not there
 * is named and left out; with `--require-all` it is a failure. Writes
 * `tests/interop/RESULTS.md` when every peer was there.
 */
import { connectWebSocket, serveWebSocket } from "@sluice/websocket";
import { permessageDeflate } from "@sluice/websocket/deflate";
import { parseArgs } from "node:util";
import { authority } from "../support/certificate.ts";
import { type Check, converse, type Outcomes } from "./conversation.ts";
import type { Peer, Program, Quirk, Side } from "./peer.ts";
import { talkToClient, talkToServer } from "./socket_io.ts";
import type { StartProxy } from "./proxies.ts";
import { peers } from "./peers.ts";
import { render, type Result } from "./report.ts";
import { beWatched } from "./wireshark.ts";

const { values } = parseArgs({
  options: {
    peer: { type: "string", multiple: true },
    "require-all": { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(`Usage: deno task test:interop [--peer NAME]… [--require-all]

  --peer NAME    only this one; one of ${
    peers.map(({ name }) => name).join(", ")
  }
  --require-all  a peer that is not installed is a failure`);
  Deno.exit();
}

const folder = new URL("../../.interop", import.meta.url).pathname;
/** How long a program may take until it listens, or has connected. */
const startTimeoutMs = 20_000;

const chosen = peers.filter(({ name }) => values.peer?.includes(name) ?? true);
const results: Result[] = [];
const missing: string[] = [];
for (const peer of chosen) {
  const version = await versionOf(peer);
  if (version === undefined) {
    missing.push(peer.name);
    console.log(`${peer.name}: not installed; run tests/interop/install.sh`);
    continue;
  }
  for (const side of ["server", "client", "proxy", "onlooker"] as const) {
    for (const deflate of peer.hasDeflate ? [false, true] : [false]) {
      const result = await talkTwice(peer, version, side, deflate);
      if (result !== undefined) results.push(result);
    }
  }
}
const failures = results.flatMap(({ failed }) => failed).length;
if (missing.length === 0 && values.peer === undefined) {
  const path = new URL("RESULTS.md", import.meta.url);
  await Deno.writeTextFile(path, render(peers, results));
  // So that the table is as `deno task check` wants it.
  await new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", path.pathname],
  }).output();
  console.log("Written to tests/interop/RESULTS.md");
}
const total = results.flatMap(({ outcomes }) => [...outcomes]).length;
console.log(`${total - failures} passed, ${failures} failed`);
Deno.exit(
  failures > 0 || (values["require-all"] && missing.length > 0) ? 1 : 0,
);

async function versionOf(peer: Peer): Promise<string | undefined> {
  const { command, args } = peer.version(folder);
  try {
    const { success, stdout } = await new Deno.Command(command, {
      args: [...args],
      stderr: "null",
    }).output();
    const text = new TextDecoder().decode(stdout).trim();
    return success ? /\d[\w.~+-]*/.exec(text)?.[0] ?? text : undefined;
  } catch {
    return undefined;
  }
}

/** Programs of others may come up late or stumble: what fails is tried again. */
async function talkTwice(
  ...args: Parameters<typeof talk>
): Promise<Result | undefined> {
  const first = await talk(...args);
  if (first === undefined || first.failed.length === 0) return first;
  console.log("       again:");
  return await talk(...args);
}

/** All checks with one peer in one role; nothing if it has not that role. */
async function talk(
  peer: Peer,
  version: string,
  side: Side,
  deflate: boolean,
): Promise<Result | undefined> {
  const begin = beginning(peer, side);
  // A browser cannot be told not to compress: it offers what it offers.
  const isBrowser = peer.serve === undefined && side === "client";
  if (begin === undefined || (isBrowser && !deflate && peer.hasDeflate)) return;
  const quirks = (peer.quirks ?? []).filter((quirk) =>
    (quirk.side ?? side) === side && (quirk.deflate ?? deflate) === deflate
  );
  const leftOut = quirks.filter(({ leaveOut }) => leaveOut)
    .map(({ check }) => check);
  const outcomes = await begin(deflate, leftOut).catch(
    (error): Outcomes => new Map([["subprotocol", String(error)]]),
  );
  const failed = failedOf(outcomes, quirks);
  const result = { peer: peer.name, version, side, deflate, outcomes, failed };
  const words = `${peer.name} as ${side}${deflate ? ", deflate" : ""}`;
  console.log(`${failed.length === 0 ? "ok    " : "FAILED"} ${words}`);
  for (const check of failed) {
    console.log(`       ${check}: ${outcomes.get(check)}`);
  }
  return result;
}

type Begin = (
  deflate: boolean,
  leftOut: readonly Check[],
) => Promise<Outcomes>;

/** How a peer is talked with in a role that it has. */
function beginning(peer: Peer, side: Side): Begin | undefined {
  const { serve, connect, proxy, isSocketIo, isOnlooker } = peer;
  if (side === "onlooker") {
    return isOnlooker &&
      ((deflate) => beWatched(folder, deflate ? [permessageDeflate()] : []));
  }
  if (isSocketIo && serve && side === "server") {
    return () => withSocketIo(serve);
  }
  if (isSocketIo && connect && side === "client") {
    return () => talkToClient((port) => spawn(connect(folder, port, false)));
  }
  if (side === "server") {
    return serve && ((...rest) => withServer(serve, ...rest));
  }
  if (side === "client") {
    return connect && ((...rest) => withClient(connect, ...rest));
  }
  return proxy && ((...rest) => withProxy(proxy, peer, ...rest));
}

/** What went wrong and was not expected to. */
function failedOf(outcomes: Outcomes, quirks: readonly Quirk[]): Check[] {
  return [...outcomes].filter(([check, wrong]) =>
    wrong !== undefined && !quirks.some((quirk) => quirk.check === check)
  ).map(([check]) => check);
}

type Start = NonNullable<Peer["serve"]>;

/** Our client with their server. */
async function withServer(
  start: Start,
  deflate: boolean,
  leftOut: readonly Check[],
): Promise<Outcomes> {
  const port = freePort();
  await using _server = spawn(start(folder, port, deflate));
  const extensions = deflate ? [permessageDeflate({ thresholdBytes: 0 })] : [];
  const connection = await connectPatiently(`ws://127.0.0.1:${port}/`, {
    protocols: ["echo"],
    extensions,
  });
  await using _connection = connection;
  return await converse(connection, { deflate }, leftOut);
}

async function connectPatiently(
  url: string,
  options: Parameters<typeof connectWebSocket>[1],
) {
  const deadline = performance.now() + startTimeoutMs;
  while (true) {
    try {
      return await connectWebSocket(url, options);
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Our example with a Socket.IO server, once that listens. */
async function withSocketIo(start: Start): Promise<Outcomes> {
  const port = freePort();
  await using _server = spawn(start(folder, port, false));
  const url = `ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`;
  await using _connection = await connectPatiently(url, {});
  return await talkToServer(port);
}

/** Our server with their client. */
async function withClient(
  start: Start,
  deflate: boolean,
  leftOut: readonly Check[],
): Promise<Outcomes> {
  const done = Promise.withResolvers<Outcomes>();
  const page = await Deno.readTextFile(
    new URL("programs/page.html", import.meta.url),
  );
  await using server = serveWebSocket({
    hostname: "127.0.0.1",
    port: 0,
    origins: "any",
    protocols: ["echo"],
    extensions: deflate ? [permessageDeflate({ thresholdBytes: 0 })] : [],
    http: () =>
      new Response(page, { headers: { "Content-Type": "text/html" } }),
    onError: () => {},
  }, async (connection) => {
    done.resolve(await converse(connection, { deflate }, leftOut));
  });
  const port = Number(server.address.split(":").at(-1));
  await using _client = spawn(start(folder, port, deflate));
  const id = setTimeout(
    () => done.reject(new Error("no connection came")),
    startTimeoutMs,
  );
  return await done.promise.finally(() => clearTimeout(id));
}

/** Our client with our server, and a proxy between them. */
async function withProxy(
  proxy: StartProxy,
  { isSecure = false, idleCutMs }: Peer,
  deflate: boolean,
  leftOut: readonly Check[],
): Promise<Outcomes> {
  const extensions = deflate ? [permessageDeflate({ thresholdBytes: 0 })] : [];
  await using server = serveWebSocket({
    hostname: "127.0.0.1",
    port: 0,
    protocols: ["echo"],
    extensions,
    onError: () => {},
  }, {
    message: (connection, data) => connection.send(data),
  });
  const to = Number(server.address.split(":").at(-1));
  const listen = freePort();
  const own = `${folder}/proxy-${listen}`;
  await using _proxy = spawn(proxy(own, { listen, to }));
  const scheme = isSecure ? "wss" : "ws";
  const url = `${scheme}://127.0.0.1:${listen}/`;
  await using connection = await connectPatiently(url, {
    protocols: ["echo"],
    extensions,
    caCerts: [authority],
    heartbeat: { intervalMs: (idleCutMs ?? 30_000) / 4, timeoutMs: 10_000 },
  });
  return await converse(connection, { deflate, idleCutMs }, leftOut);
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Starts a program, which ends when it is let go. */
function spawn(program: Program): AsyncDisposable {
  const { command, args, env = {}, folder, files = {} } = program;
  if (folder !== undefined) Deno.mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    Deno.writeTextFileSync(`${folder}/${name}`, text);
  }
  const child = new Deno.Command(command, {
    args: [...args],
    env: { ...env },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  return {
    [Symbol.asyncDispose]: async () => {
      try {
        child.kill("SIGTERM");
      } catch {
        // It has ended already.
      }
      const id = setTimeout(() => child.kill("SIGKILL"), 2_000);
      await child.status;
      clearTimeout(id);
      if (folder !== undefined) await remove(folder);
    },
  };
}

/** Patiently: a browser's last processes may still write there. */
async function remove(folder: string): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt++) {
    try {
      return await Deno.remove(folder, { recursive: true });
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
