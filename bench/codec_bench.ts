/**
 * The codec alone, in process, beside that of `ws` on the same bytes:
 * `deno task bench:codec`.
 *
 * Times are noisy: compare rows of one run with each other.
 */
import {
  acceptKey,
  decodeFrames,
  decodePieces,
  decodeUtf8,
  mask,
  Opcode,
  openSession,
  parseFrame,
  reassemble,
  serializeFrame,
  step,
} from "@sluice/websocket";
import { Buffer } from "node:buffer";
import { loadWs, type WsReceiver } from "./load_ws.ts";

const ws = await loadWs();
const maskingKey = Uint8Array.of(0x32, 0xfd, 0x43, 0x5f);
const sizes = [16, 128, 1024, 16 * 1024, 64 * 1024, 1024 * 1024];
const role = "server";

for (const size of sizes) benchSize(size);
for (const kind of ["binary", "text"] as const) benchChunk(kind);
Deno.bench("acceptKey", { group: "handshake" }, async () => {
  await acceptKey("dGhlIHNhbXBsZSBub25jZQ==");
});

/** One frame of letters, which are right as a text and as binary. */
function benchSize(size: number): void {
  const payload = new Uint8Array(size).map((_, index) => 0x61 + index % 26);
  const masked = serializeFrame({ opcode: Opcode.text, maskingKey, payload });
  const result = parseFrame(masked);
  if (result.status !== "complete") throw new Error("Expected a frame");
  const { frame } = result;
  const group = `${size} B`;

  Deno.bench("mask", { group }, () => void mask(payload, maskingKey));
  Deno.bench("decodeUtf8", { group }, () => void decodeUtf8(payload));
  Deno.bench("parseFrame, masked", { group }, () => {
    parseFrame(masked, { role });
  });
  Deno.bench("decodeFrames, masked", { group }, () => {
    decodeFrames(masked, undefined, { role });
  });
  Deno.bench("decodePieces, masked", { group }, () => {
    decodePieces(masked, undefined, { role });
  });
  Deno.bench("reassemble, text", { group }, () => void reassemble(frame));
  Deno.bench("parseFrame and reassemble, masked text", { group }, () => {
    const result = parseFrame(masked, { role });
    if (result.status === "complete") reassemble(result.frame);
  });
  benchReceiver("ws Receiver, masked text", group, Buffer.from(masked));

  Deno.bench("serializeFrame", { group }, () => {
    serializeFrame({ opcode: Opcode.text, payload });
  });
  Deno.bench("serializeFrame, masked", { group }, () => {
    serializeFrame({ opcode: Opcode.text, maskingKey, payload });
  });
  benchSender("ws Sender.frame", group, { payload, masked: false });
  benchSender("ws Sender.frame, masked", group, { payload, masked: true });
}

/** As many small frames as a read of a socket can bring. */
function benchChunk(kind: "binary" | "text"): void {
  const payload = new Uint8Array(32).fill(0x61);
  const frame = serializeFrame({ opcode: Opcode[kind], maskingKey, payload });
  const count = Math.floor(64 * 1024 / frame.length);
  const chunk = new Uint8Array(count * frame.length);
  for (let index = 0; index < count; index++) {
    chunk.set(frame, index * frame.length);
  }
  const group = `64 KiB of ${count} masked ${kind} frames of 32 B`;
  const session = openSession({ role }, 0);
  const context = { nowMs: 0, createMaskingKey: () => maskingKey };

  Deno.bench(`decodeFrames, ${kind}`, { group }, () => {
    decodeFrames(chunk, undefined, { role });
  });
  Deno.bench(`decodePieces, ${kind}`, { group }, () => {
    decodePieces(chunk, undefined, { role });
  });
  Deno.bench(`session step, ${kind}`, { group }, () => {
    step(session, { type: "bytes", bytes: chunk }, context);
  });
  benchReceiver(`ws Receiver, ${kind}`, group, Buffer.from(chunk));
}

/**
 * What `ws` makes of bytes that came. Its `_write` is called as the stream
 * would call it, without the stream around it, which is to its advantage.
 */
function benchReceiver(name: string, group: string, bytes: Buffer): void {
  if (ws === undefined) return;
  const receiver: WsReceiver = new ws.Receiver({ isServer: true });
  receiver.on("message", () => {});
  // Unmasked where it stands, so each run gets a copy, as from a socket.
  Deno.bench(name, { group }, () => {
    receiver._write(Buffer.copyBytesFrom(bytes), "", () => {});
  });
}

/** Unlike `serializeFrame`, it leaves a payload that is not masked where it is. */
function benchSender(
  name: string,
  group: string,
  { payload, masked }: { payload: Uint8Array; masked: boolean },
): void {
  if (ws === undefined) return;
  const data = Buffer.from(payload);
  const options = {
    fin: true,
    opcode: Opcode.text,
    rsv1: false,
    mask: masked,
    readOnly: true,
    generateMask: (key: Uint8Array) => key.set(maskingKey),
    maskBuffer: Buffer.alloc(4),
  };
  Deno.bench(name, { group }, () => void ws.Sender.frame(data, options));
}
