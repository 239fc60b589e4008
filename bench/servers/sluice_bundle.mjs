/** An echo on Node or Bun, over `node:net`: PORT BUNDLE. */
import "./report_usage.mjs";
import process from "node:process";
import { pathToFileURL } from "node:url";

const [, , port, bundle] = process.argv;
const { listenNode, serveWebSocket } = await import(pathToFileURL(bundle));

const listener = await listenNode({
  hostname: "127.0.0.1",
  port: Number(port),
});
serveWebSocket({ listener }, {
  message: (connection, data) => connection.send(data),
});
