/** Everything that the runtimes find around them while they are tried. */
import { serveWebSocket, type WebSocketConnection } from "@sluice/websocket";
import { permessageDeflate } from "@sluice/websocket/deflate";
import {
  authority,
  certificate,
  certificateKey,
} from "../support/certificate.ts";
import { openTunnel, type Tunnel } from "../../inspector/tunnel.ts";
import type { Need } from "./environment.ts";

/** What a runtime is given. */
export interface Stage extends AsyncDisposable {
  /** The path of the library and the checks in one file. */
  readonly bundle: string;
  /** The path of a file that says where the echo is. */
  readonly settings: string;
  /** Where a page finds them. */
  readonly pageUrl: string;
  /** Writes the configuration of a Worker, and chooses its port. */
  readonly writeWorker: () => Promise<{ port: number; config: string }>;
}

const here = new URL("./", import.meta.url);

/** The library and the checks in one file, as every runtime gets it. */
async function bundleChecks(folder: string): Promise<string> {
  const path = `${folder}/bundle.mjs`;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["bundle", "--quiet", "--platform=browser", "--format=esm"],
      ...["-o", path, new URL("run_checks.ts", here).pathname],
    ],
    stdout: "null",
    stderr: "piped",
  }).output();
  if (success) return path;
  throw new Error(`Cannot bundle: ${new TextDecoder().decode(stderr)}`);
}

/** Makes everything that the runtimes need, for one of them. */
export async function createStage(
  lacks: Partial<Record<Need, string>>,
): Promise<Stage> {
  const folder = await Deno.makeTempDir({ prefix: "sluice-runtimes-" });
  const bundle = await bundleChecks(folder);
  const echo = { message: send };
  const shared = {
    hostname: "127.0.0.1",
    port: 0,
    origins: "any" as const,
    extensions: [permessageDeflate()],
    onError: () => {},
  };
  const plain = serveWebSocket(shared, echo);
  const secure = serveWebSocket({
    ...shared,
    cert: certificate,
    key: certificateKey,
  }, echo);
  const settings = `${folder}/settings.json`;
  const environment = {
    echo: {
      plain: `ws://${plain.address}/`,
      secure: `wss://${secure.address}/`,
    },
    tls: { authority, cert: certificate, key: certificateKey },
    unixPath: `${folder}/socket`,
    lacks,
  };
  await Deno.writeTextFile(settings, JSON.stringify(environment));
  const pages = servePage(folder, portOf(plain.address));
  return {
    bundle,
    settings,
    pageUrl: `http://${pages.address}/page.html`,
    writeWorker: () => writeWorker(folder),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([plain, secure, pages].map((one) => one.shutdown()));
      await Deno.remove(folder, { recursive: true });
    },
  };
}

function send(connection: WebSocketConnection, data: string | Uint8Array) {
  connection.send(data);
}

function portOf(address: string): number {
  return Number(address.split(":").at(-1));
}

/** Serves the page with its files, and a tunnel to the echo. */
function servePage(folder: string, echoPort: number) {
  const tunnels = new Map<WebSocketConnection, Tunnel>();
  const types: Readonly<Record<string, string>> = {
    html: "text/html",
    mjs: "text/javascript",
    json: "application/json",
  };
  const program = (name: string) => new URL(`programs/${name}`, here).pathname;
  const files: Readonly<Record<string, string>> = {
    "/page.html": program("page.html"),
    "/page.mjs": program("page.mjs"),
    "/bundle.mjs": `${folder}/bundle.mjs`,
    "/settings.json": `${folder}/settings.json`,
  };
  return serveWebSocket({
    hostname: "127.0.0.1",
    port: 0,
    onError: () => {},
    http: async (request) => {
      const { pathname } = new URL(request.url);
      const path = files[pathname];
      if (path === undefined) return new Response(null, { status: 404 });
      const type = types[path.split(".").at(-1)!]!;
      return new Response(await Deno.readFile(path), {
        headers: { "Content-Type": type },
      });
    },
  }, {
    open: (connection) => {
      tunnels.set(connection, openTunnel(connection, echoPort));
    },
    message: (connection, data) => tunnels.get(connection)!.write(data),
    close: (connection) => {
      tunnels.get(connection)!.close();
      tunnels.delete(connection);
    },
  });
}

/** The configuration of a Worker with the bundle beside it. */
async function writeWorker(
  folder: string,
): Promise<{ port: number; config: string }> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const worker = `${folder}/worker.mjs`;
  await Deno.copyFile(new URL("programs/worker.mjs", here), worker);
  const config = `${folder}/worker.capnp`;
  await Deno.writeTextFile(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "checks", worker = .checks),
    (name = "net", network = (
      allow = ["private", "local"],
      tlsOptions = (trustedCertificates = [${JSON.stringify(authority)}]),
    )),
  ],
  sockets = [
    (name = "http", address = "127.0.0.1:${port}", http = (), service = "checks"),
  ],
);
const checks :Workerd.Worker = (
  modules = [
    (name = "worker.mjs", esModule = embed "worker.mjs"),
    (name = "bundle", esModule = embed "bundle.mjs"),
  ],
  compatibilityDate = "2026-11-01",
  compatibilityFlags = ["nodejs_compat"],
  globalOutbound = "net",
);
`,
  );
  return { port, config };
}
