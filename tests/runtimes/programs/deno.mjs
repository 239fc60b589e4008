// The checks on Deno: deno.mjs BUNDLE SETTINGS
import { createServer } from "node:http";

const [bundle, settings] = Deno.args;
const { listenDeno, runChecks, upgradeListener } = await import(
  new URL(bundle, "file:///").href
);
const environment = JSON.parse(Deno.readTextFileSync(settings));

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
  listen: (options) => Promise.resolve(listenDeno(options)),
  serveHttp,
});
console.log(JSON.stringify(outcomes));
Deno.exit(0);
