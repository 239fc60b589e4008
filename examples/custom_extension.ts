/**
 * An extension of one's own: a message carries the time at which it was sent, in 8
 * bytes before its payload, and RSV2 says so; who receives it shows how old it is.
 *
 *     deno run --allow-net=127.0.0.1 examples/custom_extension.ts
 */
import {
  connectWebSocket,
  type Extension,
  type ExtensionCodec,
  serveWebSocket,
} from "@sluice/websocket";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { help: { type: "boolean", short: "h", default: false } },
});
if (values.help) {
  console.log(`Usage: custom_extension.ts

Starts a server and a client with an extension, and shows what it does.`);
  Deno.exit();
}

const marked = 0x20;
const stampBytes = 8;
const agreement = { parameters: [], open: createCodec };
const sentAt: Extension = {
  name: "x-sent-at",
  rsv: marked,
  offer: () => [[]],
  accept: (offer) => offer.length === 0 ? agreement : undefined,
  confirm: (answer) => answer.length === 0 ? agreement : "with parameters",
};

function createCodec(): ExtensionCodec {
  // A message may come in pieces, cut anywhere, so the stamp may too.
  const stamp = new Uint8Array(stampBytes);
  let missing = 0;
  return {
    encode: ({ first, payload }) => {
      if (!first) return { payload, rsv: 0 };
      const stamped = new Uint8Array(stampBytes + payload.length);
      new DataView(stamped.buffer).setFloat64(0, performance.now());
      stamped.set(payload, stampBytes);
      return { payload: stamped, rsv: marked };
    },
    decode: ({ first, rsv, payload }) => {
      if (first) missing = (rsv & marked) === 0 ? 0 : stampBytes;
      const part = payload.subarray(0, missing);
      stamp.set(part, stampBytes - missing);
      missing -= part.length;
      if (part.length > 0 && missing === 0) {
        const sentMs = new DataView(stamp.buffer).getFloat64(0);
        console.log(`${(performance.now() - sentMs).toFixed(3)} ms old`);
      }
      return { status: "valid", payloads: [payload.subarray(part.length)] };
    },
  };
}

await using server = serveWebSocket(
  { hostname: "127.0.0.1", extensions: [sentAt] },
  { message: (connection, data) => connection.send(data) },
);
await using connection = await connectWebSocket(`ws://${server.address}/`, {
  extensions: [sentAt],
});
connection.send(`Hello over ${connection.extensions}`);
console.log(await connection.receive());
