/**
 * Serves the page on which frames can be looked at, built, sent and watched.
 *
 *     deno task inspector
 */
import { parseArgs } from "node:util";
import { serveInspector } from "./server.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", short: "p", default: "3000" },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(`Usage: deno task inspector [--port N]

Serves the inspector on http://127.0.0.1:3000/, and an echo of WebSocket behind
the same port for it to talk to. Ends with Ctrl-C.

  -p, --port N  where to listen: 3000; 0 picks a free one
  -h, --help    show this help`);
  Deno.exit();
}

try {
  const server = await serveInspector(Number(values.port));
  console.log(`The inspector is at http://${server.address}/`);
  await server.finished;
} catch (error) {
  if (!(error instanceof Deno.errors.AddrInUse)) throw error;
  console.error(
    `Cannot listen on port ${values.port}: it is in use; choose another with ` +
      "--port, such as deno task inspector --port 3001",
  );
  Deno.exit(3);
}
