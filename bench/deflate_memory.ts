/**
 * What a connection that has compressed and decompressed a message holds, in bytes:
 * `deflate_memory.ts ENGINE WINDOW_BITS MEM_LEVEL TAKEOVER`, a process for each
 * setting, run by `bench/deflate.ts`.
 */
import type { ExtensionCodec } from "@sluice/websocket";
import {
  pakoEngine,
  permessageDeflate,
  zlibEngine,
} from "@sluice/websocket/deflate";

const connections = 400;
const [engineName, bits, memLevel, takeover] = Deno.args;
const windowBits = Number(bits);
const isReset = takeover === "off";
const engine = engineName === "pako" ? pakoEngine : zlibEngine()!;
const extension = permessageDeflate({
  engine,
  memLevel: Number(memLevel),
  serverMaxWindowBits: windowBits,
  clientMaxWindowBits: windowBits,
  serverNoContextTakeover: isReset,
  clientNoContextTakeover: isReset,
  thresholdBytes: 0,
});
const { parameters } = extension.accept([[
  "client_max_window_bits",
  undefined,
]])!;

const payload = crypto.getRandomValues(new Uint8Array(50_000));

/** One message each way, of 50 kB, so that the windows are full. */
function openAndUse(): ExtensionCodec {
  const server = extension.accept([["client_max_window_bits", undefined]])!
    .open();
  const client = extension.confirm(parameters);
  if (typeof client === "string") throw new Error(client);
  const sender = client.open();
  const whole = { messageType: "binary", first: true, last: true } as const;
  const sent = sender.encode({ ...whole, payload, compress: true });
  sender.close?.();
  server.decode({ ...whole, start: true, offset: 0, ...sent }, Infinity);
  server.encode({ ...whole, payload, compress: true });
  return server;
}

/** Garbage that is still there would be counted as memory that is held. */
function collect(): void {
  const { gc } = globalThis as unknown as { gc: () => void };
  for (let turn = 0; turn < 3; turn++) gc();
}

const held = Array.from({ length: 20 }, openAndUse);
collect();
const before = Deno.memoryUsage().rss;
for (let count = 0; count < connections; count++) {
  held.push(openAndUse());
  if (count % 10 === 0) collect();
}
collect();
const bytes = (Deno.memoryUsage().rss - before) / connections;
console.log(Math.max(0, Math.round(bytes)));
for (const codec of held) codec.close?.();
