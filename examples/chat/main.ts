/**
 * Serves a chat, alone or as one of many processes.
 *
 *     deno task chat
 *     REDIS_URL=redis://127.0.0.1:6379 deno task chat --port 3001
 */
import { parseArgs } from "node:util";
import { loadPage } from "./page_files.ts";
import { serveChat } from "./server.ts";
import { openSqliteStore } from "./sqlite_store.ts";
import type { Store } from "./store.ts";

const help = `Usage: deno task chat [options]

Serves a chat: its page on http://127.0.0.1:3000/, and WebSocket on /chat of the
same port. Messages are kept in a file; with REDIS_URL in the environment in that
Redis, which many processes may share. Ends with Ctrl-C.

  -p, --port N        where to listen: 3000; 0 picks a free one
      --hostname HOST the address to listen on: 127.0.0.1
      --file PATH     where messages are kept without Redis: chat.sqlite;
                      :memory: keeps them until the end
  -h, --help          show this help

Exit code: 0, 2 for a wrong command line, 3 if the port cannot be used.`;

const { port, hostname, file } = parseCommandLine();
const page = await loadPage();
await using store = await openStore();
const server = listen();
console.log(`The chat is at http://${server.address}/`);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => server.shutdown());
}
await server.finished;

function parseCommandLine() {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: "string", short: "p", default: "3000" },
        hostname: { type: "string", default: "127.0.0.1" },
        file: { type: "string", default: "chat.sqlite" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) {
      console.log(help);
      Deno.exit();
    }
    return { ...values, port: portOf(values.port) };
  } catch (error) {
    console.error(`${(error as Error).message}\nSee deno task chat --help`);
    Deno.exit(2);
  }
}

function portOf(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) < 65536) return Number(text);
  throw new RangeError(
    `Cannot read --port: found ${JSON.stringify(text)}, wanted 0 to 65535`,
  );
}

async function openStore(): Promise<Store> {
  const url = Deno.env.get("REDIS_URL");
  if (url === undefined) return openSqliteStore(file);
  // Who runs alone does not load what many need.
  const { openRedisStore } = await import("./redis_store.ts");
  return await openRedisStore(url, {
    onError: (error) => console.error(`Redis: ${error}`),
  });
}

function listen() {
  try {
    return serveChat({ store, hostname, port, page });
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    console.error(
      `Cannot listen on port ${port}: it is in use; choose another with ` +
        "--port, such as deno task chat --port 3001",
    );
    Deno.exit(3);
  }
}
