/**
 * The tester's own frames: written and read as plainly as RFC 6455 §5.2 puts
 * it, with nothing of `lib/`, so that a mistake there cannot hide itself.
 */

import type { Inflate } from "./wire_deflate.ts";

/** One end of a connection. */
export type Side = "client" | "server";

/** A frame as the tester sends it; nothing about it needs to be legal. */
export interface OutgoingFrame {
  readonly fin: boolean;
  /** The three reserved bits as one number: RSV1 counts 4, RSV3 counts 1. */
  readonly rsv: number;
  readonly opcode: number;
  readonly payload: Uint8Array;
}

/** What the other side said: whole messages and control frames. */
export type Item =
  | {
    readonly type: "text" | "binary" | "ping" | "pong";
    readonly data: Uint8Array;
    /** Whether it came compressed; it is not in `data`. */
    readonly isCompressed?: true;
  }
  | {
    readonly type: "close";
    /** `undefined` if the frame had no body. */
    readonly code: number | undefined;
  };

/** Bytes pushed in, items taken out. */
export interface ItemReader {
  readonly push: (bytes: Uint8Array) => void;
  /**
   * The next item, or `undefined` while it is not complete. Throws at bytes
   * that the other side must not send.
   */
  readonly next: () => Item | undefined;
}

const control = { 0x8: "close", 0x9: "ping", 0xa: "pong" } as const;
const data = { 0x1: "text", 0x2: "binary" } as const;

/** The bytes of a frame; those of a client are masked (RFC 6455 §5.3). */
export function writeFrame(frame: OutgoingFrame, from: Side): Uint8Array {
  const { fin, rsv, opcode, payload } = frame;
  const header = [(fin ? 0x80 : 0) | (rsv << 4) | opcode];
  const maskBit = from === "client" ? 0x80 : 0;
  if (payload.length < 126) {
    header.push(maskBit | payload.length);
  } else if (payload.length < 65536) {
    header.push(maskBit | 126, ...bigEndian(payload.length, 2));
  } else {
    header.push(maskBit | 127, ...bigEndian(payload.length, 8));
  }
  if (from === "server") return joined([Uint8Array.from(header), payload]);
  const key = maskingKeyFor(frame);
  return joined([Uint8Array.from([...header, ...key]), xored(payload, key)]);
}

/**
 * Reads what `from` sends, and insists on every rule that it is bound to.
 *
 * @param inflate For permessage-deflate; without it nothing may be compressed.
 */
export function createItemReader(from: Side, inflate?: Inflate): ItemReader {
  let buffer = new Uint8Array(1024);
  let start = 0;
  let end = 0;
  let lastKey = "";
  let message: {
    type: "text" | "binary";
    isCompressed: boolean;
    parts: Uint8Array[];
  } | undefined;

  const push = (bytes: Uint8Array) => {
    if (end + bytes.length > buffer.length) {
      const waiting = buffer.subarray(start, end);
      // Twice of what is needed, so that growing costs little on the whole.
      buffer = new Uint8Array(2 * (waiting.length + bytes.length));
      buffer.set(waiting);
      end = waiting.length;
      start = 0;
    }
    buffer.set(bytes, end);
    end += bytes.length;
  };

  /** The next frame with its payload unmasked, all of its header checked. */
  const nextFrame = () => {
    const bytes = buffer.subarray(start, end);
    if (bytes.length < 2) return undefined;
    const fin = (bytes[0]! & 0x80) !== 0;
    const opcode = bytes[0]! & 0x0f;
    const isMasked = (bytes[1]! & 0x80) !== 0;
    const short = bytes[1]! & 0x7f;
    const rsv = bytes[0]! & 0x70;
    const mayBeCompressed = inflate !== undefined && opcode in data;
    require(rsv === 0 || (rsv === 0x40 && mayBeCompressed), "RSV bits set");
    require([0, 1, 2, 8, 9, 10].includes(opcode), `opcode ${opcode}`);
    require(
      isMasked === (from === "client"),
      isMasked ? "a masked frame of a server" : "an unmasked frame of a client",
    );
    require(opcode < 8 || fin, "a control frame without FIN");
    require(opcode < 8 || short < 126, "a control frame of over 125 bytes");
    const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
    const keyAt = 2 + lengthBytes;
    const payloadAt = keyAt + (isMasked ? 4 : 0);
    if (bytes.length < payloadAt) return undefined;
    const length = lengthBytes === 0
      ? short
      : fromBigEndian(bytes.subarray(2, keyAt));
    require(
      lengthBytes === 0 || length >= (lengthBytes === 2 ? 126 : 65536),
      `the length ${length} in ${lengthBytes} bytes`,
    );
    if (bytes.length < payloadAt + length) return undefined;
    const key = bytes.slice(keyAt, payloadAt);
    if (isMasked) {
      require(key.join() !== lastKey, "the same masking key twice in a row");
      lastKey = key.join();
    }
    start += payloadAt + length;
    const onWire = bytes.slice(payloadAt, payloadAt + length);
    const payload = isMasked ? xored(onWire, key) : onWire;
    return { fin, opcode, isCompressed: rsv !== 0, payload };
  };

  const next = (): Item | undefined => {
    for (;;) {
      const frame = nextFrame();
      if (frame === undefined) return undefined;
      const { fin, opcode, isCompressed, payload } = frame;
      if (opcode >= 8) {
        return readControl(opcode as keyof typeof control, payload);
      }
      if (opcode === 0) {
        require(message !== undefined, "a continuation of nothing");
      } else {
        require(message === undefined, "a message inside a message");
        const type = data[opcode as keyof typeof data];
        message = { type, isCompressed, parts: [] };
      }
      message!.parts.push(payload);
      if (!fin) continue;
      const { type, parts, isCompressed: isWholeCompressed } = message!;
      message = undefined;
      const onWire = parts.length === 1 ? parts[0]! : joined(parts);
      const whole = isWholeCompressed ? inflate!(onWire) : onWire;
      if (type === "text") requireUtf8(whole, "a text");
      const item = { type, data: whole };
      return isWholeCompressed ? { ...item, isCompressed: true } : item;
    }
  };

  return { push, next };
}

/** Plain concatenation. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(
    parts.reduce((length, part) => length + part.length, 0),
  );
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function readControl(opcode: keyof typeof control, payload: Uint8Array): Item {
  const type = control[opcode];
  if (type !== "close") return { type, data: payload };
  if (payload.length === 0) return { type, code: undefined };
  require(payload.length > 1, "a Close with half a code");
  requireUtf8(payload.subarray(2), "the reason of a Close");
  const code = fromBigEndian(payload.subarray(0, 2));
  require(![1005, 1006, 1015].includes(code), `${code} in a Close`);
  return { type, code };
}

/** A key that depends on the frame alone, so that every run sends the same. */
function maskingKeyFor({ opcode, payload }: OutgoingFrame): number[] {
  return [0x37 ^ opcode, (0xfa + payload.length) & 0xff, 0x21, 0x3d];
}

function xored(bytes: Uint8Array, key: ArrayLike<number>): Uint8Array {
  const result = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at++) {
    result[at] = bytes[at]! ^ key[at % 4]!;
  }
  return result;
}

function bigEndian(value: number, byteLength: number): number[] {
  return Array.from(
    { length: byteLength },
    (_, at) => Math.floor(value / 256 ** (byteLength - 1 - at)) % 256,
  );
}

function fromBigEndian(bytes: Uint8Array): number {
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}

function requireUtf8(bytes: Uint8Array, what: string): void {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error(`${what} that is not UTF-8`);
  }
}

function require(isLegal: boolean, found: string): void {
  if (!isLegal) throw new Error(found);
}
