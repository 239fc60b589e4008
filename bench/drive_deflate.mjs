/**
 * Drives an echo server with compressed texts in a closed loop. A process of its
 * own, on Node, the same for every server.
 *
 * The messages are made and compressed once, each by itself, which every server
 * can read; what comes back is counted in frames, and the first of each connection
 * is inflated and compared with what was sent.
 *
 * Takes commands as lines of JSON on its standard input, and answers each with a
 * line:
 *
 * - `{ "do": "open", "port", "connections", "inFlight", "payload", "takeover" }`
 * - `{ "do": "run", "ms" }`, answered with `{ messages, wireBytes }`
 * - `{ "do": "close" }`
 */
import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import process from "node:process";
import { createInterface } from "node:readline";
import { constants, createInflateRaw, deflateRawSync } from "node:zlib";

const host = "127.0.0.1";
/** How many different messages there are: more than a window holds of JSON. */
const variety = 100;

/**
 * @typedef {object} Load
 * @property {number} port
 * @property {number} connections
 * @property {number} inFlight Messages under way on each connection.
 * @property {"json" | "text"} payload
 * @property {boolean} takeover
 */

/** A number like any other, the same in every run. */
function createNumbers() {
  let state = 1;
  return () => (state = state * 48271 % 0x7fffffff) / 0x7fffffff;
}

/** About 1 KiB, as an API may send it. */
function createJson(/** @type {() => number} */ number) {
  const items = [];
  while (JSON.stringify(items).length < 1000) {
    items.push({
      id: Math.floor(number() * 1e6),
      name: `user-${Math.floor(number() * 5000)}`,
      active: number() > 0.5,
      balance: Number((number() * 1000).toFixed(2)),
    });
  }
  return JSON.stringify(items).padEnd(1024).slice(0, 1024);
}

const words = ("the of and to in a is that it was for on with as be at by " +
  "this had not are but from or have an they which one you were all her she " +
  "there would their we him been has when who will no more if out so up said")
  .split(" ");

/** 64 KiB of words in any order. */
function createText(/** @type {() => number} */ number) {
  let text = "";
  while (text.length < 65536) {
    text += `${words[Math.floor(number() ** 2 * words.length)]} `;
  }
  return text.slice(0, 65536);
}

/** A client's compressed text, with a masking key of zeros. */
function createFrame(/** @type {string} */ text) {
  const { Z_SYNC_FLUSH } = constants;
  const deflated = deflateRawSync(text, { finishFlush: Z_SYNC_FLUSH });
  const payload = deflated.subarray(0, -4);
  const { length } = payload;
  const header = length <= 125
    ? [0xc1, 0x80 | length]
    : [0xc1, 0x80 | 126, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([...header, 0, 0, 0, 0]), payload]);
}

/** A Close with code 1000 and a masking key of zeros. */
const closeFrame = Buffer.of(0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8);

/** @type {{ texts: string[], frames: Buffer[], inFlight: number }} */
let traffic = { texts: [], frames: [], inFlight: 0 };
/** @type {{ talk: (endMs: number) => Promise<{ messages: number, wireBytes: number }>, hangUp: () => void }[]} */
let clients = [];

/** Opens one connection, and gives what can be done with it. */
async function openClient(/** @type {Load} */ { port, takeover }) {
  const socket = connect({ port, host, noDelay: true });
  const reader = createFrameReader();
  const offer = "permessage-deflate" +
    (takeover
      ? ""
      : "; server_no_context_takeover; client_no_context_takeover");
  const key = randomBytes(16).toString("base64");
  socket.write(
    `GET / HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\n` +
      `Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
      `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Extensions: ${offer}\r\n\r\n`,
  );
  const head = await new Promise((resolve, reject) => {
    socket.once("data", (bytes) => resolve(bytes.toString("latin1")));
    socket.once("error", reject);
  });
  if (!/^HTTP\/1.1 101[^]*permessage-deflate/.test(head)) {
    throw new Error(`Not compressed: ${head}`);
  }
  let next = Math.floor(Math.random() * variety);
  const inflater = createInflateRaw();
  inflater.on("error", () => {});
  let isChecked = false;

  /** The first answer is compared with what was sent; others need the window. */
  const check = async (
    /** @type {Buffer} */ answer,
    /** @type {string} */ wanted,
  ) => {
    if (isChecked) return;
    isChecked = true;
    const text = await inflate(inflater, answer);
    if (text !== wanted) throw new Error("Another message came back");
  };
  /** One burst, and all that comes back of it. */
  const burst = () =>
    new Promise((resolve, reject) => {
      const { frames, texts, inFlight } = traffic;
      const first = next;
      let left = inFlight;
      let wireBytes = 0;
      /** @type {Buffer | undefined} */
      let answer;
      const onClose = () => reject(new Error("Lost"));
      const onData = (/** @type {Buffer} */ bytes) => {
        for (const payload of reader(bytes)) {
          answer ??= payload;
          wireBytes += payload.length;
          left -= 1;
        }
        if (left > 0) return;
        socket.off("data", onData);
        socket.off("close", onClose);
        resolve({ wireBytes, answer, wanted: texts[first] });
      };
      socket.on("data", onData);
      socket.on("close", onClose);
      const sent = [];
      for (let count = 0; count < inFlight; count++) {
        sent.push(frames[next]);
        next = (next + 1) % variety;
      }
      socket.write(Buffer.concat(sent));
    });

  return {
    talk: async (/** @type {number} */ endMs) => {
      let messages = 0;
      let wireBytes = 0;
      while (performance.now() < endMs) {
        const { answer, wanted, ...came } = await burst();
        await check(answer, wanted);
        wireBytes += came.wireBytes;
        messages += traffic.inFlight;
      }
      return { messages, wireBytes };
    },
    hangUp: () => socket.end(closeFrame),
  };
}

/** Takes bytes, gives the payloads of the frames that they complete. */
function createFrameReader() {
  let waiting = Buffer.alloc(0);
  return function* (/** @type {Buffer} */ bytes) {
    waiting = waiting.length === 0 ? bytes : Buffer.concat([waiting, bytes]);
    while (waiting.length >= 2) {
      const length = waiting[1] & 0x7f;
      const headerLength = length === 127 ? 10 : length === 126 ? 4 : 2;
      if (waiting.length < headerLength) return;
      const payloadLength = length === 127
        ? Number(waiting.readBigUInt64BE(2))
        : length === 126
        ? waiting.readUInt16BE(2)
        : length;
      const end = headerLength + payloadLength;
      if (waiting.length < end) return;
      yield waiting.subarray(headerLength, end);
      waiting = waiting.subarray(end);
    }
  };
}

/** The first message of a connection, which needs no window. */
function inflate(
  /** @type {import("node:zlib").InflateRaw} */ inflater,
  /** @type {Buffer} */ payload,
) {
  return new Promise((resolve) => {
    const chunks = [];
    inflater.on("data", (chunk) => chunks.push(chunk));
    inflater.write(payload);
    inflater.write(Buffer.of(0, 0, 0xff, 0xff));
    inflater.flush(() => {
      inflater.close();
      resolve(Buffer.concat(chunks).toString());
    });
  });
}

/** @type {Record<string, (command: any) => unknown>} */
const commands = {
  open: async (/** @type {Load} */ load) => {
    const number = createNumbers();
    const create = load.payload === "json" ? createJson : createText;
    const texts = Array.from({ length: variety }, () => create(number));
    const frames = texts.map(createFrame);
    traffic = { texts, frames, inFlight: load.inFlight };
    clients = [];
    for (let count = 0; count < load.connections; count++) {
      clients.push(await openPatiently(load));
    }
    return {};
  },
  run: async ({ ms }) => {
    const endMs = performance.now() + ms;
    const runs = await Promise.all(clients.map(({ talk }) => talk(endMs)));
    return runs.reduce((sum, one) => ({
      messages: sum.messages + one.messages,
      wireBytes: sum.wireBytes + one.wireBytes,
    }));
  },
  close: () => {
    for (const { hangUp } of clients) hangUp();
    return {};
  },
};

/** A server may still be starting. */
async function openPatiently(/** @type {Load} */ load) {
  const giveUpAtMs = performance.now() + 15_000;
  while (true) {
    try {
      return await openClient(load);
    } catch (error) {
      if (performance.now() > giveUpAtMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

const lines = createInterface({ input: process.stdin });
lines.on("line", async (line) => {
  const command = JSON.parse(line);
  try {
    console.log(JSON.stringify(await commands[command.do]?.(command)));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
});
lines.on("close", () => process.exit());
