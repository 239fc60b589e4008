/**
 * Drives an echo server in a closed loop: so many connections, each with so
 * many messages in flight. A process of its own, on Node, which is there where
 * npm is, and the same for every server.
 *
 * It does as little as it can, so as not to be what is measured: a burst of
 * masked frames is made once and written in one go, and what comes back is
 * counted in bytes. Before that one burst of each connection is compared with
 * the echo that is wanted, byte for byte.
 *
 * Takes commands as lines of JSON on its standard input, and answers each with
 * a line:
 *
 * - `{ "do": "open", "port", "connections", "inFlight", "bytes", "kind", "raw",
 *   "extensions" }`
 * - `{ "do": "check" }`
 * - `{ "do": "run", "ms" }`, answered with `{ messages, seconds }`
 * - `{ "do": "broadcast", "ms" }`, for a server that sends what the first
 *   connection says to all of them, answered with `{ messages, seconds }`
 * - `{ "do": "pace", "rate", "ms" }`: so many messages a second, of all
 *   connections together, whether they are answered or not; answered with
 *   `{ sent, answered, p50, p99, p999, longest }`, in milliseconds
 * - `{ "do": "close" }`
 */
import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { arch, cpus, platform } from "node:os";
import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * @typedef {object} Load
 * @property {number} port
 * @property {number} connections
 * @property {number} inFlight
 * @property {number} bytes
 * @property {"binary" | "text"} kind
 * @property {boolean} raw Whether the server echoes bytes and knows no frames.
 * @property {string} [extensions] What is offered in the handshake.
 */

/**
 * @typedef {object} Connection
 * @property {import("node:net").Socket} socket
 * @property {(bytes: Buffer) => void} onBytes
 * @property {() => void} onLost
 */

const host = "127.0.0.1";
/** As many handshakes at once as any server's backlog holds. */
const openingAtOnce = 64;
/** How long a server may take to listen. */
const startTimeoutMs = 15_000;
/** How long servers may take to answer a Close and hang up. */
const closeTimeoutMs = 1_000;

/** What all sockets are read into, one after the other: nobody keeps it. */
const readBuffer = Buffer.allocUnsafe(256 * 1024);

/** @type {Connection[]} */
let connections = [];
/** @type {{ burst: Buffer, echo: Buffer, inFlight: number }} */
let traffic = { burst: Buffer.of(), echo: Buffer.of(), inFlight: 0 };
let isRaw = false;

// --- Frames ------------------------------------------------------------------

/** Letters for a text, any bytes for a binary message. */
function createPayload(/** @type {Load} */ { kind, bytes }) {
  const payload = randomBytes(bytes);
  if (kind === "binary") return payload;
  return payload.map((byte) => 0x61 + byte % 26);
}

/** The header of a whole data frame, RFC 6455 §5.2. */
function createHeader(
  /** @type {Load["kind"]} */ kind,
  /** @type {number} */ length,
  /** @type {boolean} */ masked,
) {
  const first = kind === "text" ? 0x81 : 0x82;
  const bit = masked ? 0x80 : 0;
  if (length <= 125) return Buffer.of(first, bit | length);
  if (length <= 0xffff) {
    return Buffer.of(first, bit | 126, length >> 8, length & 0xff);
  }
  const header = Buffer.alloc(10);
  header[0] = first;
  header[1] = bit | 127;
  header.writeBigUInt64BE(BigInt(length), 2);
  return header;
}

/** A client's frame, with a key of its own. */
function createMaskedFrame(
  /** @type {Load["kind"]} */ kind,
  /** @type {Buffer} */ payload,
) {
  const key = randomBytes(4);
  const masked = payload.map((byte, index) => byte ^ key[index % 4]);
  return Buffer.concat([createHeader(kind, payload.length, true), key, masked]);
}

/** A Close with code 1000 and a masking key of zeros. */
const closeFrame = Buffer.of(0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8);

/** What a connection sends at once, and what is to come back. */
function createTraffic(/** @type {Load} */ load) {
  const { inFlight, kind, raw } = load;
  const payloads = Array.from({ length: inFlight }, () => createPayload(load));
  const burst = Buffer.concat(
    payloads.map((payload) => createMaskedFrame(kind, payload)),
  );
  const frames = payloads.flatMap((
    payload,
  ) => [createHeader(kind, payload.length, false), payload]);
  return { burst, echo: raw ? burst : Buffer.concat(frames), inFlight };
}

// --- Connections -------------------------------------------------------------

/** @returns {Promise<Connection>} */
function dial(/** @type {number} */ port) {
  return new Promise((resolve, reject) => {
    /** @type {Connection} */
    const connection = {
      socket: connect({
        port,
        host,
        noDelay: true,
        onread: {
          buffer: readBuffer,
          callback: (length, buffer) => {
            connection.onBytes(buffer.subarray(0, length));
            return true;
          },
        },
      }),
      onBytes: () => {},
      onLost: () => {},
    };
    const { socket } = connection;
    socket.once("connect", () => resolve(connection));
    socket.on("error", (error) => {
      reject(error);
      connection.onLost();
    });
    socket.on("close", () => connection.onLost());
  });
}

/** The first connection, as soon as the server listens. */
async function dialFirst(/** @type {number} */ port) {
  const giveUpAtMs = performance.now() + startTimeoutMs;
  while (true) {
    try {
      return await dial(port);
    } catch (error) {
      if (performance.now() > giveUpAtMs) throw error;
      await sleep(10);
    }
  }
}

/** Waits for what `settle` is called with, or for the connection to be lost. */
function listen(
  /** @type {Connection} */ connection,
  /** @type {string} */ action,
  /** @type {(bytes: Buffer) => boolean} */ isEnough,
) {
  return new Promise((resolve, reject) => {
    connection.onLost = () => reject(new Error(`${action}: connection lost`));
    connection.onBytes = (bytes) => {
      if (isEnough(bytes)) resolve(undefined);
    };
  });
}

/** The opening handshake, without judging more than the status. */
async function shake(
  /** @type {Connection} */ connection,
  /** @type {Load} */ { port, extensions },
) {
  let head = "";
  const answered = listen(connection, "Handshake", (bytes) => {
    head += bytes.toString("latin1");
    return head.includes("\r\n\r\n");
  });
  const key = randomBytes(16).toString("base64");
  connection.socket.write(
    `GET / HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\n` +
      `Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
      (extensions ? `Sec-WebSocket-Extensions: ${extensions}\r\n` : "") +
      `Sec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  await answered;
  if (!head.startsWith("HTTP/1.1 101")) throw new Error(`Refused: ${head}`);
}

async function open(/** @type {Load} */ load) {
  isRaw = load.raw;
  traffic = createTraffic(load);
  connections = [await dialFirst(load.port)];
  while (connections.length < load.connections) {
    const count = Math.min(
      openingAtOnce,
      load.connections - connections.length,
    );
    connections.push(
      ...await Promise.all(
        Array.from({ length: count }, () => dial(load.port)),
      ),
    );
    if (!load.raw) await shakeAll(connections.slice(-count), load);
  }
  if (!load.raw) await shakeAll(connections.slice(0, 1), load);
  return {};
}

async function shakeAll(
  /** @type {Connection[]} */ some,
  /** @type {Load} */ load,
) {
  await Promise.all(some.map((connection) => shake(connection, load)));
}

/** With a Close, so that no server has anything to complain of. */
async function close() {
  const closing = connections.map(closeOne);
  await Promise.race([Promise.all(closing), sleep(closeTimeoutMs)]);
  for (const { socket } of connections) socket.destroy();
  connections = [];
  return {};
}

/** Resolves when the server has hung up. */
function closeOne(/** @type {Connection} */ connection) {
  return new Promise((resolve) => {
    connection.onBytes = () => {};
    connection.onLost = () => resolve(undefined);
    if (isRaw) connection.socket.destroy();
    else connection.socket.end(closeFrame);
  });
}

// --- Traffic -----------------------------------------------------------------

/** One burst of each connection has to come back exactly. */
async function check() {
  await Promise.all(connections.map(async (connection) => {
    const received = Buffer.alloc(traffic.echo.length);
    let length = 0;
    const whole = listen(connection, "Check", (bytes) => {
      bytes.copy(received, length);
      length += bytes.length;
      return length >= received.length;
    });
    connection.socket.write(traffic.burst);
    await whole;
    if (length !== received.length || !received.equals(traffic.echo)) {
      throw new Error("Check: something else came back than was sent");
    }
  }));
  return {};
}

/** Bursts until the time is over, each after the echo of the one before. */
async function run(/** @type {number} */ ms) {
  const startedMs = performance.now();
  const endMs = startedMs + ms;
  const bursts = await Promise.all(
    connections.map((connection) => runOne(connection, endMs)),
  );
  const seconds = (performance.now() - startedMs) / 1000;
  const messages = bursts.reduce((sum, count) => sum + count, 0) *
    traffic.inFlight;
  return { messages, seconds };
}

/** @returns {Promise<number>} How many bursts came back. */
async function runOne(
  /** @type {Connection} */ connection,
  /** @type {number} */ endMs,
) {
  const { burst, echo } = traffic;
  let bursts = 0;
  let missing = echo.length;
  const done = listen(connection, "Run", (bytes) => {
    missing -= bytes.length;
    if (missing > 0) return false;
    bursts += 1;
    missing += echo.length;
    if (performance.now() >= endMs) return true;
    connection.socket.write(burst);
    return false;
  });
  connection.socket.write(burst);
  await done;
  if (missing !== echo.length) throw new Error("Run: more came than was sent");
  return bursts;
}

// --- A steady rate -----------------------------------------------------------

/** How long the last answers are waited for. */
const lastAnswerMs = 10_000;

/**
 * Messages when they are due, connection after connection. What an answer took
 * counts from when its message was due, so that a server that keeps everybody
 * waiting is not spared the messages that would have come meanwhile.
 */
async function pace(/** @type {number} */ rate, /** @type {number} */ ms) {
  const total = Math.floor(rate * ms / 1000);
  const latencies = new Float64Array(total);
  let sent = 0;
  let answered = 0;
  /** @type {number[][]} */
  const due = connections.map(() => []);
  connections.forEach((connection, index) => {
    let missing = traffic.echo.length;
    connection.onBytes = (bytes) => {
      missing -= bytes.length;
      while (missing <= 0) {
        missing += traffic.echo.length;
        latencies[answered++] = performance.now() - due[index].shift();
      }
    };
  });
  const startedMs = performance.now();
  while (sent < total) {
    const now = performance.now();
    for (; sent < total; sent++) {
      const dueMs = startedMs + sent * 1000 / rate;
      if (dueMs > now) break;
      const index = sent % connections.length;
      due[index].push(dueMs);
      connections[index].socket.write(traffic.burst);
    }
    await sleep(1);
  }
  const limitMs = performance.now() + lastAnswerMs;
  while (answered < total && performance.now() < limitMs) await sleep(5);
  const sorted = latencies.subarray(0, answered).sort();
  const at = (/** @type {number} */ part) =>
    sorted[Math.min(answered - 1, Math.floor(answered * part))];
  return {
    ...{ sent, answered, longest: sorted[answered - 1] },
    ...{ p50: at(0.5), p99: at(0.99), p999: at(0.999) },
  };
}

// --- Broadcast ---------------------------------------------------------------

/** How many bytes a server's frame has, by its first ones. */
function frameLength(/** @type {Buffer} */ bytes) {
  const length = bytes[1];
  if (length === 126) return 4 + bytes.readUInt16BE(2);
  return length === 127 ? 10 + Number(bytes.readBigUInt64BE(2)) : 2 + length;
}

/** Burst after burst, each when the one before has come to everybody. */
async function broadcast(/** @type {number} */ ms) {
  const received = connections.map(() => 0);
  let wanted = Infinity;
  let missing = 0;
  let allCame = () => {};
  let lost = (/** @type {Error} */ _) => {};
  connections.forEach((connection, index) => {
    connection.onLost = () => lost(new Error("Broadcast: connection lost"));
    connection.onBytes = (bytes) => {
      if (received[0] === 0 && index === 0) {
        wanted = isRaw
          ? traffic.burst.length
          : frameLength(bytes) * traffic.inFlight;
      }
      received[index] += bytes.length;
      if (received[index] === wanted && --missing === 0) allCame();
    };
  });
  const [{ socket }] = connections;
  // The first tells how long a frame is: it may be compressed.
  socket.write(traffic.burst);
  while (received.some((length) => length < wanted)) await sleep(1);
  const length = wanted;
  const startedMs = performance.now();
  let rounds = 0;
  for (; performance.now() - startedMs < ms; rounds++) {
    missing = connections.length;
    wanted += length;
    const came = new Promise((resolve, reject) => {
      allCame = () => resolve(undefined);
      lost = reject;
    });
    socket.write(traffic.burst);
    await came;
  }
  const seconds = (performance.now() - startedMs) / 1000;
  if (received.some((length) => length !== wanted)) {
    throw new Error("Broadcast: more came than was sent");
  }
  const messages = rounds * connections.length * traffic.inFlight;
  return { messages, seconds };
}

// --- Commands ----------------------------------------------------------------

/** @typedef {Load & { do: string, ms: number, rate: number }} Command */

/** @type {Record<string, (command: Command) => unknown>} */
const commands = {
  hello: () => ({
    node: process.version,
    system: `${platform()} ${arch()}`,
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
  }),
  open,
  check,
  run: ({ ms }) => run(ms),
  broadcast: ({ ms }) => broadcast(ms),
  pace: ({ rate, ms }) => pace(rate, ms),
  close,
};

async function answer(/** @type {string} */ line) {
  /** @type {Command} */
  const command = JSON.parse(line);
  try {
    return await commands[command.do]?.(command);
  } catch (error) {
    return { error: String(error) };
  }
}

const lines = createInterface({ input: process.stdin });
lines.on("line", async (line) => {
  console.log(JSON.stringify(await answer(line)));
});
lines.on("close", () => process.exit());
