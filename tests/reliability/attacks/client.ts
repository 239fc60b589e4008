/**
 * The client that is attacked: `client.ts OPTIONS`, with {@link ClientOptions} as
 * JSON. Asked to `attack`, it connects to the bad server as often as it is told,
 * and says how each connection ended.
 */
import { answers } from "../../../bench/servers/report_usage.mjs";
import { connectWebSocket, ProtocolError } from "@sluice/websocket";
import { permessageDeflate } from "@sluice/websocket/deflate";
import { startPoliteClient } from "./polite_client.ts";
import type { ClientOptions, ClientReport } from "./client_report.ts";

const options: ClientOptions = JSON.parse(Deno.args[0]!);
let unhandled = 0;

for (const type of ["error", "unhandledrejection"] as const) {
  globalThis.addEventListener(type, (event) => {
    event.preventDefault();
    unhandled += 1;
    console.error(event);
  });
}

/** How one connection ended: the rule, or the close code. */
async function endOf(): Promise<string> {
  try {
    const connection = await connectWebSocket(options.url, {
      ...options.connecting,
      extensions: options.deflate ? [permessageDeflate()] : [],
    });
    const reading = (async () => {
      for await (const _ of connection);
    })().catch(() => {});
    if (options.saysHello) connection.send("hello");
    const { closeCode, error } = await connection.closed;
    await reading;
    return error?.code ?? `closed ${closeCode}`;
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    return error instanceof Error ? error.name : String(error);
  }
}

async function attack(): Promise<ClientReport> {
  const polite = await startPoliteClient(options.politePort);
  const ends: Record<string, number> = {};
  const cases = Array.from({ length: options.count }).values();
  const work = async () => {
    for (const _ of cases) {
      const end = await endOf();
      ends[end] = (ends[end] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: options.atOnce }, work));
  const answered = await polite.end();
  // What nobody looked after shows in the next turn.
  await new Promise((resolve) => setTimeout(resolve, 50));
  return { ends, answered, unhandled };
}

const { gc = () => {} } = globalThis as { gc?: () => void };
answers["where"] = () => ({ pid: Deno.pid, port: 0 });
answers["attack"] = attack;
// Once before, so that everything is loaded.
answers["warm"] = async () => {
  const polite = await startPoliteClient(options.politePort);
  return { answered: await polite.end() };
};
answers["collect"] = () => {
  gc();
  gc();
  const { heapUsed, external } = Deno.memoryUsage();
  return { heldBytes: heapUsed + external };
};
