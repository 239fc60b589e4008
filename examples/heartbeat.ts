/**
 * A server that sends each client a Ping every so often, drops a client that
 * does not answer in time, and tells the others how long their answer took.
 *
 *     deno run --allow-net=127.0.0.1 examples/heartbeat.ts --port 3000
 */
import { serveWebSocket } from "@sluice/websocket";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    "port": { type: "string", default: "3000" },
    "interval-ms": { type: "string", default: "20000" },
    "timeout-ms": { type: "string", default: "10000" },
    "help": { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(
    "Usage: heartbeat.ts [--port N] [--interval-ms N] [--timeout-ms N]",
  );
  Deno.exit();
}

const server = serveWebSocket({
  hostname: "127.0.0.1",
  port: Number(values.port),
  heartbeat: {
    intervalMs: Number(values["interval-ms"]),
    timeoutMs: Number(values["timeout-ms"]),
  },
  onError: (error) => console.log(`Dropped a client: ${error}`),
}, {
  message: (connection) => {
    const { latencyMs } = connection;
    connection.send(
      latencyMs === undefined
        ? "No Ping has been answered yet"
        : `The last Ping took ${latencyMs.toFixed(1)} ms`,
    );
  },
});

console.log(`Pinging on ws://${server.address}/`);
await server.finished;
