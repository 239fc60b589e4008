/** What only a client of HTTP/2 can do: many streams on one connection. */
import http2 from "node:http2";
import { within } from "../../connection/connections.ts";
import { type Family, requireBound, type World } from "./attack.ts";
import { inKib, inMib, mib, pause } from "./crowd.ts";
import { frame, patienceMs } from "./raw_peer.ts";

/** With what the collector may not have taken away yet, and without. */
const mostGrowth = 256 * mib;
const mostHeld = 8 * mib;

/** Our end of a session that keeps no rule but those of `node:http2`. */
interface RawSession extends AsyncDisposable {
  /** Asks for a WebSocket on a stream of its own. */
  readonly ask: () => http2.ClientHttp2Stream;
  /** Whether the server has had enough of it. */
  readonly isOver: () => boolean;
}

async function openSession(
  port: number,
  settings: http2.Settings = {},
): Promise<RawSession> {
  const session = http2.connect(`http://127.0.0.1:${port}`, { settings });
  // What is reset or destroyed is so by intent.
  session.on("error", () => {});
  const closed = new Promise<void>((resolve) => {
    session.once("close", () => resolve());
  });
  await within(
    new Promise<void>((resolve) => {
      session.once("remoteSettings", () => resolve());
    }),
    "the server's settings",
    patienceMs,
  );
  return {
    isOver: () => session.destroyed,
    ask: () => {
      const stream = session.request({
        ":method": "CONNECT",
        ":protocol": "websocket",
        ":scheme": "http",
        ":path": "/",
        ":authority": "127.0.0.1",
        "sec-websocket-version": "13",
      }, { endStream: false });
      stream.on("error", () => {});
      return stream;
    },
    [Symbol.asyncDispose]: async () => {
      session.destroy();
      await closed;
    },
  };
}

/** Waits until a stream has been answered. */
function answered(stream: http2.ClientHttp2Stream): Promise<number> {
  const status = new Promise<number>((resolve) => {
    stream.once("response", (headers) => resolve(Number(headers[":status"])));
  });
  return within(status, "an answer", patienceMs);
}

/** Waits until the server has so many connections, of the polite client's too. */
async function untilConnections(
  { state }: World,
  isEnough: (connections: number) => boolean,
): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!isEnough((await state()).connections)) {
    requireBound(performance.now() < end, "connections that do not go");
    await pause(20);
  }
}

/**
 * Streams that are reset as soon as they are opened, on one session after the
 * other: `node:http2` itself gives up a session that does so too often.
 */
async function resetRapidly(world: World): Promise<string> {
  const count = 10_000;
  const before = await world.heldBytes();
  let made = 0;
  let sessions = 0;
  const grown = await world.growthDuring(async () => {
    while (made < count) {
      await using session = await openSession(world.port);
      sessions += 1;
      while (made < count && !session.isOver()) {
        for (let at = 0; at < 100; at++, made++) {
          session.ask().close(http2.constants.NGHTTP2_CANCEL);
        }
        await pause(1);
      }
    }
    await untilConnections(world, (connections) => connections === 1);
  });
  // The polite client's session is not among them. Some are gone before anybody
  // hears of them.
  const told = Object.values(await world.errors(count / 2))
    .reduce((sum, one) => sum + one, 0);
  requireBound(told >= count / 2, `${told} of ${count} that came`);
  const held = await world.heldBytes() - before;
  requireBound(grown < mostGrowth, `${inMib(grown)} more memory`);
  requireBound(held < mostHeld, `${inMib(held)} held`);
  return `${told} of ${made} streams came on ${sessions} sessions, ` +
    `${inMib(grown)} more memory, ${inMib(Math.max(0, held))} held`;
}

/** WebSockets on one session, which then is torn apart. */
async function tearSession(world: World): Promise<string> {
  const count = 80;
  {
    await using session = await openSession(world.port);
    const streams = Array.from({ length: count }, () => session.ask());
    const statuses = await Promise.all(streams.map(answered));
    requireBound(statuses.every((status) => status === 200), String(statuses));
    for (const stream of streams) stream.write(frame(0x1, "half").slice(0, 7));
    await untilConnections(world, (connections) => connections === count + 1);
  }
  await untilConnections(world, (connections) => connections === 1);
  const { "missing-close": cut = 0 } = await world.errors(count);
  requireBound(cut === count, `${cut} of ${count} missing-close`);
  return `${cut} of ${count} missing-close`;
}

/** A client whose window is empty: it takes nothing of what it is sent. */
async function takeNothing(world: World): Promise<string> {
  await using session = await openSession(world.port, { initialWindowSize: 0 });
  const stream = session.ask();
  requireBound(await answered(stream) === 200, "no WebSocket");
  const message = frame(0x2, new Uint8Array(64 * 1024));
  let most = 0;
  let sent = 0;
  const end = performance.now() + patienceMs;
  for (let ended = false; !ended && performance.now() < end;) {
    // Its own window is the server's to open, and no reason to wait for ever.
    if (sent < 16 * mib) {
      stream.write(message);
      sent += message.length;
    }
    await pause(5);
    const { connections, mostBufferedBytes } = await world.state();
    most = Math.max(most, mostBufferedBytes);
    ended = connections <= 1;
  }
  const { "idle-timeout": idle = 0 } = await world.errors(1);
  requireBound(idle === 1, `${idle} given up by idle-timeout`);
  requireBound(most <= 1.1 * mib, `${inKib(most)} waiting`);
  return `at most ${inKib(most)} waiting, idle-timeout`;
}

const server = { carrying: "http2" } as const;

export const http2Streams: Family = {
  name: "HTTP/2",
  attacks: [
    {
      name: "10,000 streams, each reset at once",
      source: "CVE-2023-44487; RFC 8441 §5",
      bound: "nothing is held, under 256 MiB with the waste; others are served",
      server,
      isMeasured: true,
      run: resetRapidly,
    },
    {
      name: "a session torn apart with 80 WebSockets on it",
      source: "RFC 8441 §5; R105",
      bound: "each of them ends by missing-close",
      server,
      isMeasured: true,
      run: tearSession,
    },
    {
      name: "a window of nothing, and an echo of 16 MiB",
      source: "RFC 9113 §5.2; R105",
      bound: "maxBufferedBytes and a message wait; then idle-timeout",
      server: {
        ...server,
        accepting: { idleTimeoutMs: 2_000, heartbeat: false },
      },
      isMeasured: true,
      run: takeNothing,
    },
  ],
};
