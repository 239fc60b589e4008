/**
 * The server that is attacked: `server.ts OPTIONS`, with {@link SubjectOptions}
 * as JSON. Messages to `/` are sent back; other targets are below.
 */
import { answers } from "../../../bench/servers/report_usage.mjs";
import {
  type MessageData,
  ProtocolError,
  serveWebSocket,
  type WebSocketConnection,
  type WebSocketRequest,
} from "@sluice/websocket";
import { permessageDeflate } from "@sluice/websocket/deflate";
import process from "node:process";
import { jumpAbout } from "./jumping_clock.ts";
import { listeningBy } from "./listening.ts";
import type { ServerState, SubjectOptions } from "./subject_state.ts";

const options: SubjectOptions = JSON.parse(Deno.args[0] ?? "{}");
const errors: Record<string, number> = {};
const messages: Record<string, number> = {};
const targets = new WeakMap<WebSocketConnection, string>();
let unhandled = 0;

/** Asked for at once, and answered when somebody listens. */
const where = Promise.withResolvers<{ port: number; pid: number }>();
answers["where"] = () => where.promise;

for (const type of ["error", "unhandledrejection"] as const) {
  globalThis.addEventListener(type, (event) => {
    event.preventDefault();
    unhandled += 1;
    console.error(event);
  });
}

/** What becomes of a message, by the target of the connection. */
const handlers: Record<
  string,
  (connection: WebSocketConnection, data: MessageData) => unknown
> = {
  "/": (connection, data) => connection.send(data),
  "/sink": () => {},
  // A full disk throws, which is the application's failure and not ours.
  "/disk": (connection, data) => {
    using file = Deno.openSync(options.diskPath!, {
      append: true,
      create: true,
    });
    const bytes = new TextEncoder().encode(String(data));
    for (let at = 0; at < bytes.length;) {
      at += file.writeSync(bytes.subarray(at));
    }
    connection.send("written");
  },
  "/stall": (connection, data) => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(data));
    connection.send("back");
  },
};

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

/** Reads by itself: all of it, or one message and never another. */
async function readAlone(
  connection: WebSocketConnection,
  { resourceName }: WebSocketRequest,
): Promise<void> {
  if (resourceName === "/asleep") {
    await connection.receive();
    await connection.closed;
  }
  for await (const data of connection) connection.send(data);
}

const server = serveWebSocket(
  {
    ...await listeningBy(options.carrying ?? "tcp"),
    ...options.accepting,
    extensions: options.deflate === undefined
      ? []
      : [permessageDeflate(options.deflate)],
    onError: (error) =>
      count(
        errors,
        error instanceof ProtocolError ? error.code : String(error),
      ),
  },
  options.readsAlone ? readAlone : {
    open: (connection, request) => {
      targets.set(connection, request.resourceName);
    },
    message: (connection, data) => {
      const target = targets.get(connection) ?? "";
      count(messages, target);
      return handlers[target]?.(connection, data);
    },
  },
);

function stateOf(): ServerState {
  const { user, system } = process.cpuUsage();
  const waiting = [...server.connections].map((one) => one.bufferedBytes);
  return {
    connections: server.connections.size,
    mostBufferedBytes: Math.max(0, ...waiting),
    errors,
    messages,
    unhandled,
    cpuMicroseconds: user + system,
  };
}

const { gc = () => {} } = globalThis as { gc?: () => void };
where.resolve({ port: Number(server.address.split(":")[1]), pid: Deno.pid });
answers["state"] = stateOf;
answers["collect"] = () => {
  // Twice: the second waits until the first has let go of the buffers.
  gc();
  gc();
  const { heapUsed, external } = Deno.memoryUsage();
  return { heldBytes: heapUsed + external };
};
if (options.clockJumps) jumpAbout();
