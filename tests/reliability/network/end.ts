/**
 * One end of the conversations: `end.ts server OPTIONS`, `end.ts client OPTIONS`,
 * with {@link TalkOptions} as JSON.
 */
import { answers } from "../../../bench/servers/report_usage.mjs";
import {
  connectWebSocket,
  serveWebSocket,
  type WebSocketConnection,
} from "@sluice/websocket";
import { permessageDeflate } from "@sluice/websocket/deflate";
import { converse } from "./numbered_messages.ts";
import type { TalkOptions, TalkReport } from "./talk_options.ts";

const [role, json] = Deno.args;
const options: TalkOptions = JSON.parse(json!);
const { messages: count, pauseMs, address } = options;
const settings = {
  heartbeat: options.heartbeat,
  closeTimeoutMs: options.closeTimeoutMs,
  handshakeTimeoutMs: 60_000,
  extensions: options.deflate ? [permessageDeflate({ thresholdBytes: 0 })] : [],
};

let whole = 0;
const failures: string[] = [];
const ends: Record<string, number> = {};
let firstEndMs = Infinity;
const allEnded = Promise.withResolvers<void>();

/** Talks to the end, and counts how it was. */
async function talk(
  connection: WebSocketConnection,
  seed: number,
): Promise<void> {
  try {
    await converse(connection, { count, pauseMs, seed });
    whole += 1;
  } catch (error) {
    failures.push(String(error));
  }
  // The client goes first, when it has heard all; the server waits for that.
  if (role === "client") connection.close();
  const { closeCode, error } = await connection.closed;
  firstEndMs = Math.min(firstEndMs, Date.now());
  const end = error?.code ?? String(closeCode);
  ends[end] = (ends[end] ?? 0) + 1;
  const ended = Object.values(ends).reduce((sum, one) => sum + one, 0);
  if (ended === options.connections) allEnded.resolve();
}

function serve(): number {
  let seed = 1;
  const server = serveWebSocket({
    ...settings,
    hostname: address,
    port: 0,
    // What goes wrong is in the report.
    onError: () => {},
  }, (connection) => talk(connection, seed++));
  return Number(server.address.split(":")[1]);
}

async function connectAll(): Promise<TalkReport> {
  const talking: Promise<void>[] = [];
  for (let at = 0; at < options.connections; at++) {
    const url = `ws://${address}:${options.port}/`;
    talking.push(talk(await connectWebSocket(url, settings), 1_000 + at));
  }
  await Promise.all(talking);
  return { whole, failures, ends, firstEndMs };
}

if (role === "server") {
  const port = serve();
  answers["where"] = () => ({ port });
}
answers["report"] = async () => {
  await allEnded.promise;
  return { whole, failures, ends, firstEndMs };
};
answers["talk"] = connectAll;
