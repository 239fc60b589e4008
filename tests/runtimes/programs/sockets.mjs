// The checks on Deno, Node and Bun: sockets.mjs BUNDLE SETTINGS
import { createServer } from "node:http";
import * as http2 from "node:http2";
import { readFileSync } from "node:fs";
import process from "node:process";
import { pathToFileURL } from "node:url";

const [, , bundle, settings] = process.argv;
const library = await import(pathToFileURL(bundle));
const { http2Listener, http2Session, runChecks, upgradeListener } = library;
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

async function serveHttp2() {
  const server = http2.createServer({
    settings: { enableConnectProtocol: true },
  });
  const listener = http2Listener(server);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  const session = http2.connect(`http://127.0.0.1:${port}`);
  const close = () => {
    session.close();
    return new Promise((resolve) => server.close(resolve));
  };
  return { listener, carrier: http2Session(session), port, close };
}

const outcomes = await runChecks({
  ...environment,
  listen: "Deno" in globalThis
    ? (options) => Promise.resolve(library.listenDeno(options))
    : library.listenNode,
  serveHttp,
  serveHttp2,
});
console.log(JSON.stringify(outcomes));
process.exit(0);
