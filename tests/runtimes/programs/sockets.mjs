// The checks on Deno, Node and Bun: sockets.mjs BUNDLE SETTINGS
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import process from "node:process";
import { pathToFileURL } from "node:url";

const [, , bundle, settings] = process.argv;
const { listenDeno, listenNode, runChecks, upgradeListener } = await import(
  pathToFileURL(bundle)
);
const environment = JSON.parse(readFileSync(settings, "utf8"));

async function serveHttp(page) {
  const server = createServer((_, response) => response.end(page));
  const listener = upgradeListener(server);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.closeAllConnections?.();
    return new Promise((resolve) => server.close(resolve));
  };
  return { listener, port: server.address().port, close };
}

const outcomes = await runChecks({
  ...environment,
  listen: "Deno" in globalThis
    ? (options) => Promise.resolve(listenDeno(options))
    : listenNode,
  serveHttp,
});
console.log(JSON.stringify(outcomes));
process.exit(0);
