import type { Peer, Program } from "./peer.ts";

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
];
