/**
 * The codec alone, in process: `deno task bench`.
 *
 * Times are noisy: compare rows of one run with each other.
 */
import {
  acceptKey,
  decodeFrames,
  decodeUtf8,
  mask,
  Opcode,
  parseFrame,
  reassemble,
  serializeFrame,
} from "@sluice/websocket";

const maskingKey = Uint8Array.of(0x32, 0xfd, 0x43, 0x5f);
const sizes = [16, 128, 1024, 16 * 1024, 1024 * 1024];

for (const size of sizes) {
  const payload = new Uint8Array(size).map((_, index) => 0x61 + index % 26);
  const masked = serializeFrame({ opcode: Opcode.text, maskingKey, payload });
  const result = parseFrame(masked);
  if (result.status !== "complete") throw new Error("Expected a frame");
  const { frame } = result;
  const group = `${size} B`;

  Deno.bench("mask", { group }, () => void mask(payload, maskingKey));
  Deno.bench("serializeFrame, masked", { group }, () => {
    serializeFrame({ opcode: Opcode.text, maskingKey, payload });
  });
  Deno.bench("serializeFrame", { group }, () => {
    serializeFrame({ opcode: Opcode.text, payload });
  });
  Deno.bench("parseFrame, masked", { group }, () => {
    parseFrame(masked, { role: "server" });
  });
  Deno.bench("decodeUtf8", { group }, () => void decodeUtf8(payload));
  Deno.bench("reassemble", { group }, () => void reassemble(frame));
}

const small = serializeFrame({
  opcode: Opcode.binary,
  maskingKey,
  payload: new Uint8Array(32),
});
const count = Math.floor(64 * 1024 / small.length);
const chunk = new Uint8Array(count * small.length);
for (let index = 0; index < count; index++) {
  chunk.set(small, index * small.length);
}

Deno.bench(`decodeFrames, ${count} masked frames of 32 B in one chunk`, {
  group: "64 KiB",
}, () => void decodeFrames(chunk, undefined, { role: "server" }));

Deno.bench("acceptKey", { group: "handshake" }, async () => {
  await acceptKey("dGhlIHNhbXBsZSBub25jZQ==");
});
