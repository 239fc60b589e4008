import type { Peer, Program } from "./peer.ts";
import {
  apache,
  caddy,
  haproxy,
  idleCutMs,
  lighttpd,
  nginx,
} from "./proxies.ts";

/** A program written here, in a language that needs no compiler. */
function script(name: string): string {
  return new URL(`programs/${name}`, import.meta.url).pathname;
}

const flag = (deflate: boolean) => deflate ? ["--deflate"] : [];
const url = (port: number) => `ws://127.0.0.1:${port}/`;

/** A program that is told in words whether to serve or to connect. */
function echoOf(
  start: (peers: string) => Program,
): Required<Pick<Peer, "serve" | "connect">> {
  const run = (peers: string, ...args: string[]) => {
    const program = start(peers);
    return { ...program, args: [...program.args, ...args] };
  };
  return {
    serve: (peers, port, deflate) =>
      run(peers, "serve", String(port), ...flag(deflate)),
    connect: (peers, port, deflate) =>
      run(peers, "connect", url(port), ...flag(deflate)),
  };
}

const wsEcho = echoOf((peers) => ({
  command: "node",
  args: [script("ws_echo.mjs")],
  env: { PEERS: peers },
}));

const bunProgram = (peers: string) => `${peers}/node_modules/.bin/bun`;
const bunEcho = echoOf((peers) => ({
  command: bunProgram(peers),
  args: [script("bun_echo.mjs")],
}));

// Debian's own, which sees Debian's packages.
const python = "/usr/bin/python3";
const websocketsEcho = echoOf(() => ({
  command: python,
  args: [script("websockets_echo.py")],
}));

const websocketppEcho = echoOf((peers) => ({
  command: `${peers}/wspp_echo`,
  args: [],
}));

const ws4pyEcho = echoOf(() => ({
  command: python,
  args: [script("ws4py_echo.py")],
}));

const autobahnEcho = echoOf(() => ({
  command: python,
  args: [script("autobahn_echo.py")],
}));

const gorillaEcho = echoOf((peers) => ({
  command: `${peers}/gorilla_echo`,
  args: [],
}));

const denoEcho = echoOf(() => ({
  command: Deno.execPath(),
  args: ["run", "--quiet", "--allow-net=127.0.0.1", script("deno_echo.ts")],
}));

const undiciEcho = echoOf((peers) => ({
  command: "node",
  args: [script("undici_echo.mjs")],
  env: { PEERS: peers },
}));

const libwebsocketsEcho = (peers: string) => `${peers}/lws_echo`;

const version = (command: string, ...args: string[]) => (): Program => ({
  command,
  args,
});
const debianVersion = (name: string) =>
  version("dpkg-query", "--show", "--showformat=${Version}", name);
const npmVersion = (name: string) => (peers: string): Program => ({
  command: "node",
  args: ["-p", `require("${peers}/node_modules/${name}/package.json").version`],
});

/** workerd has no program of its own: a worker, and who listens for it. */
const workerdEcho: Peer["serve"] = (peers, port, deflate) => {
  const folder = `${peers}/workerd-${port}`;
  return {
    command: `${peers}/node_modules/.bin/workerd`,
    args: ["serve", `${folder}/config.capnp`],
    folder,
    files: {
      "worker.mjs": `export default {
  fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    server.addEventListener("message", ({ data }) => server.send(data));
    server.addEventListener("close", ({ code, reason }) => {
      server.close(code, reason);
    });
    const headers = { "Sec-WebSocket-Protocol": "echo" };
    return new Response(null, { status: 101, webSocket: client, headers });
  },
};
`,
      "config.capnp": `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(
    name = "http", address = "127.0.0.1:${port}", http = (), service = "main"
  )],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.mjs", esModule = embed "worker.mjs")],
  compatibilityDate = "2026-01-01",
  compatibilityFlags = ["${deflate ? "" : "no_"}web_socket_compression"],
);
`,
    },
  };
};

/** A browser that opens our page, which connects back to us. */
function browser(
  command: string,
  argsWith: (profile: string) => readonly string[],
): Required<Pick<Peer, "connect">> {
  return {
    connect: (peers, port) => {
      const folder = `${peers}/profile-${port}`;
      const args = [...argsWith(folder), `http://127.0.0.1:${port}/`];
      return { command, args, folder };
    },
  };
}

export const peers: readonly Peer[] = [
  {
    name: "ws",
    version: npmVersion("ws"),
    ...wsEcho,
    hasDeflate: true,
  },
  {
    name: "Bun",
    version: npmVersion("bun"),
    ...bunEcho,
    hasDeflate: true,
  },
  {
    name: "python websockets",
    version: debianVersion("python3-websockets"),
    ...websocketsEcho,
    hasDeflate: true,
  },
  {
    name: "libwebsockets",
    version: debianVersion("libwebsockets-dev"),
    serve: (peers, port, deflate) => ({
      command: libwebsocketsEcho(peers),
      args: ["serve", String(port), ...flag(deflate)],
    }),
    connect: (peers, port, deflate) => ({
      command: libwebsocketsEcho(peers),
      args: ["connect", String(port), ...flag(deflate)],
    }),
    hasDeflate: true,
    quirks: [{
      check: "empty",
      deflate: true,
      what: "with permessage-deflate it cannot send an empty message after " +
        "another: it aborts (RFC 7692 §7.2.3.6 says how it is sent)",
      leaveOut: true,
    }],
  },
  {
    name: "WebSocket++",
    version: debianVersion("libwebsocketpp-dev"),
    ...websocketppEcho,
    hasDeflate: true,
  },
  {
    name: "Chromium",
    version: version("chromium", "--version"),
    ...browser("chromium", (profile) => [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--no-first-run",
      `--user-data-dir=${profile}`,
    ]),
    hasDeflate: true,
  },
  {
    name: "Firefox",
    version: version("firefox-esr", "--version"),
    ...browser("firefox-esr", (profile) => [
      "--headless",
      "--no-remote",
      "--profile",
      profile,
    ]),
    hasDeflate: true,
  },
  {
    name: "ws4py",
    version: debianVersion("python3-ws4py"),
    ...ws4pyEcho,
    hasDeflate: false,
  },
  {
    name: "autobahn-python",
    version: debianVersion("python3-autobahn"),
    ...autobahnEcho,
    hasDeflate: true,
    quirks: [{
      check: "close",
      side: "server",
      what:
        "answers a Close with 1000 and no reason instead of the same code, " +
        "which RFC 6455 §5.5.1 only calls typical",
    }, {
      check: "close",
      side: "client",
      what:
        "answers a Close with 1000 and no reason instead of the same code, " +
        "which RFC 6455 §5.5.1 only calls typical",
    }],
  },
  {
    name: "gorilla/websocket",
    version: debianVersion("golang-github-gorilla-websocket-dev"),
    ...gorillaEcho,
    hasDeflate: true,
    quirks: [{
      check: "close",
      what: "answers a Close with its code and without its reason, which " +
        "RFC 6455 §5.5.1 leaves to it",
    }],
  },
  {
    name: "Deno",
    version: version(Deno.execPath(), "--version"),
    ...denoEcho,
    hasDeflate: false,
  },
  {
    name: "undici",
    version: npmVersion("undici"),
    connect: undiciEcho.connect,
    hasDeflate: true,
    quirks: [{
      check: "close",
      what: "answers a Close with its code and without its reason, which " +
        "RFC 6455 §5.5.1 leaves to it",
    }],
  },
  {
    name: "Socket.IO",
    version: npmVersion("socket.io"),
    ...echoOf((peers) => ({
      command: "node",
      args: [script("socket_io_echo.mjs")],
      env: { PEERS: peers },
    })),
    isSocketIo: true,
    hasDeflate: false,
  },
  {
    name: "Wireshark",
    version: debianVersion("tshark"),
    isOnlooker: true,
    hasDeflate: true,
  },
  {
    name: "workerd",
    version: npmVersion("workerd"),
    serve: workerdEcho,
    hasDeflate: true,
    quirks: [{
      check: "Ping between",
      deflate: true,
      what:
        "answers a Ping inside a fragmented compressed message with a Pong " +
        "that is 4 bytes too long, against RFC 6455 §5.5.3",
      leaveOut: true,
    }],
  },
  {
    name: "nginx",
    version: debianVersion("nginx"),
    proxy: nginx({ isSecure: false }),
    idleCutMs,
    hasDeflate: true,
  },
  {
    name: "nginx, TLS",
    version: debianVersion("nginx"),
    proxy: nginx({ isSecure: true }),
    idleCutMs,
    isSecure: true,
    hasDeflate: true,
  },
  {
    name: "Apache httpd, mod_proxy_wstunnel",
    version: debianVersion("apache2"),
    proxy: apache("wstunnel"),
    hasDeflate: true,
  },
  {
    name: "Apache httpd, upgrade=websocket",
    version: debianVersion("apache2"),
    proxy: apache("upgrade"),
    hasDeflate: true,
  },
  {
    name: "lighttpd, mod_proxy",
    version: debianVersion("lighttpd"),
    proxy: lighttpd,
    hasDeflate: true,
  },
  {
    name: "lighttpd, mod_wstunnel",
    version: debianVersion("lighttpd"),
    serve: (_peers, port) => ({
      command: "node",
      args: [script("wstunnel_echo.mjs"), "serve", String(port)],
    }),
    hasDeflate: false,
    quirks: [
      {
        check: "subprotocol",
        what: "knows the subprotocols of its own alone, as a server may " +
          "(RFC 6455 §4.2.2)",
      },
      ...(["70 kB", "1 MiB", "fragments", "Ping between", "empty"] as const)
        .map((check) => ({
          check,
          what: "passes on a stream of bytes and keeps no boundaries of " +
            "messages, against RFC 6455 §6.2",
          leaveOut: true as const,
        })),
      {
        check: "binary",
        what: "sends everything as text, also what is not UTF-8, against " +
          "RFC 6455 §5.6",
        leaveOut: true,
      },
      {
        check: "close",
        what:
          "answers a Close with the digits of its code, as if they were the " +
          "code, against RFC 6455 §5.5.1: we fail the connection",
      },
    ],
  },
  {
    name: "HAProxy",
    version: debianVersion("haproxy"),
    proxy: haproxy,
    idleCutMs,
    hasDeflate: true,
  },
  {
    name: "Caddy",
    version: debianVersion("caddy"),
    proxy: caddy,
    hasDeflate: true,
  },
];
