/**
 * What happens to a session, as bytes: so every mutation of bytes is one of a life,
 * and every file of bytes is one.
 */
import { deflateRawSync } from "node:zlib";
import { Opcode, type Role } from "../../../lib/frame/frame.ts";
import { mask } from "../../../lib/frame/mask.ts";
import type { SessionInput } from "../../../lib/session/session.ts";
import { joined } from "../../deflate/engines.ts";

/** One thing that happens. */
export interface Command {
  readonly input: SessionInput;
  /** How much time has passed before. */
  readonly passMs: number;
  /** Whether the user asked for it, who may be refused. */
  readonly isUser: boolean;
}

/** The first byte of each command, modulo their number. */
export const commandKinds = [
  "bytes",
  "frame",
  "frame",
  "compressed",
  "text",
  "binary",
  "fragment",
  "ping",
  "pong",
  "close",
  "answer",
  "written",
  "pause",
  "time",
  "end",
] as const;

/** What a command does. */
export type CommandKind = typeof commandKinds[number];

/** Bytes, and how far they have been read; behind their end there are zeros. */
interface Tape {
  readonly byte: () => number;
  /** So many bytes as the next one says, if they are there. */
  readonly run: () => Uint8Array;
  readonly isAtEnd: () => boolean;
}

function tapeOf(bytes: Uint8Array): Tape {
  let at = 0;
  const byte = () => bytes[at++] ?? 0;
  return {
    byte,
    run: () => {
      const from = at + 1;
      at = from + byte();
      return bytes.subarray(from, at);
    },
    isAtEnd: () => at >= bytes.length,
  };
}

/** The commands that these bytes are; any bytes are some. */
export function readCommands(
  bytes: Uint8Array,
  { role }: { readonly role: Role },
): Command[] {
  const tape = tapeOf(bytes);
  const commands: Command[] = [];
  while (!tape.isAtEnd()) commands.push(readCommand(tape, role));
  return commands;
}

const decoder = new TextDecoder();

function readCommand(tape: Tape, role: Role): Command {
  const kind = commandKinds[tape.byte() % commandKinds.length]!;
  const byPeer = (input: SessionInput) => ({ input, passMs: 0, isUser: false });
  const byUser = (input: SessionInput) => ({ input, passMs: 0, isUser: true });
  switch (kind) {
    case "bytes":
      return byPeer({ type: "bytes", bytes: tape.run() });
    case "frame":
      return byPeer({ type: "bytes", bytes: readFrame(tape, role) });
    case "compressed":
      return byPeer({ type: "bytes", bytes: readCompressed(tape, role) });
    case "text":
    case "binary":
      return byUser({ type: "send", messages: [dataOf(kind, tape.run())] });
    case "fragment": {
      const flags = tape.byte();
      const type = (flags & 2) === 0 ? "text" : "binary";
      const message = dataOf(type, tape.run());
      const last = (flags & 1) === 1;
      return byUser({ type: "send-fragment", message, last });
    }
    case "ping":
    case "pong":
      return byUser({ type: kind, data: tape.run() });
    case "close": {
      const closeCode = tape.byte() << 8 | tape.byte();
      const reason = decoder.decode(tape.run());
      return byUser({ type: "close", closeCode, reason });
    }
    case "answer":
    case "end":
      return byPeer({ type: kind });
    case "written":
      return byPeer({ type: "written", byteLength: tape.byte() * 16 });
    case "pause": {
      const type = (tape.byte() & 1) === 1 ? "pause" : "resume";
      return byPeer({ type });
    }
    case "time": {
      const passMs = 4 ** (tape.byte() % 10);
      return { input: { type: "time" }, passMs, isUser: false };
    }
  }
}

function dataOf(type: "text" | "binary", data: Uint8Array) {
  return type === "binary"
    ? { type, data }
    : { type, data: decoder.decode(data) };
}

/** A frame whose length is right, masked if it has to be. */
function readFrame(tape: Tape, role: Role): Uint8Array {
  const first = tape.byte();
  return frameOf(first, tape.run(), role);
}

/** A frame of a message that is compressed as zlib does it. */
function readCompressed(tape: Tape, role: Role): Uint8Array {
  const type = (tape.byte() & 1) === 0 ? Opcode.text : Opcode.binary;
  const data = tape.run();
  const deflated = deflateRawSync(data, { windowBits: 9 });
  const ended = joined([deflated, Uint8Array.of(0)]);
  return frameOf(0xc0 | type, ended, role);
}

const maskingKey = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);

function frameOf(first: number, payload: Uint8Array, role: Role): Uint8Array {
  const { length } = payload;
  const lengths = length < 126 ? [length] : [126, length >> 8, length & 0xff];
  if (role === "client") {
    return joined([Uint8Array.of(first, ...lengths), payload]);
  }
  lengths[0]! |= 0x80;
  const header = Uint8Array.of(first, ...lengths, ...maskingKey);
  return joined([header, mask(payload, maskingKey)]);
}
