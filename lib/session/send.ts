import { requireBytes, requireString } from "../error/require.ts";
import type { ExtensionCodec } from "../extension/extension.ts";
import { Opcode } from "../frame/frame.ts";
import { rsvFlags } from "../frame/header.ts";
import { requireLegalFrame } from "../frame/serialize_frame.ts";
import { fragment } from "../message/fragment.ts";
import type { DataMessage } from "../message/message.ts";
import { serializeMessages } from "../message/serialize_messages.ts";
import { type SendEvent, type Sending, sendingTable } from "./phases.ts";
import type { Session, SessionInput } from "./session.ts";
import { type OutgoingMessage, sharedFrame } from "./outgoing_message.ts";
import {
  advance,
  change,
  type Turn,
  writeBytes,
  writeClose,
  writeFrame,
  writeOwnFrame,
} from "./turn.ts";

/** How many Pings without an answer are remembered, for their latency. */
const maxRememberedPings = 32;

/** Whole messages, one frame each (RFC 6455 §5.6). */
export function sendMessages(
  turn: Turn,
  messages: readonly OutgoingMessage[],
): void {
  const { settings: { role }, sending } = turn.session;
  requireOpen(turn, "a message");
  // Whether it may begin; it ends at once, so nothing is left to be noted.
  for (const message of messages) {
    if (sending !== "nothing") throw interleaved(sending, message.type);
    requireData(message);
  }
  const { createMaskingKey, allocate, codec } = turn.context;
  if (codec !== undefined || messages.some(isShared)) {
    for (const message of messages) sendWhole(turn, message);
    return;
  }
  const chunks = serializeMessages(
    messages,
    role === "client" ? createMaskingKey : undefined,
    allocate,
  );
  for (const chunk of chunks) writeBytes(turn, chunk);
}

function isShared({ shared }: OutgoingMessage): boolean {
  return shared !== undefined;
}

/** A message by itself, since its frame is made elsewhere than that of others. */
function sendWhole(turn: Turn, message: OutgoingMessage): void {
  const { createMaskingKey, allocate, codec } = turn.context;
  const { shared } = message;
  const isServer = turn.session.settings.role === "server";
  const isSharable = codec === undefined || codec.encodeShared !== undefined;
  if (shared !== undefined && isServer && isSharable) {
    return writeBytes(turn, sharedFrame(message, shared, codec));
  }
  if (codec !== undefined) {
    return sendCoded(turn, message, { first: true, last: true }, codec);
  }
  const keys = isServer ? undefined : createMaskingKey;
  for (const chunk of serializeMessages([message], keys, allocate)) {
    writeBytes(turn, chunk);
  }
}

/** A piece of a message as a fragment of its own, with a key of its own (§5.4). */
export function sendFragment(
  turn: Turn,
  { message, last }: Extract<SessionInput, { type: "send-fragment" }>,
): void {
  requireOpen(turn, `a fragment of a ${message.type} message`);
  const first = turn.session.sending === "nothing";
  takeTurnAtSending(turn, last ? `${message.type}-last` : message.type);
  const { codec } = turn.context;
  if (codec !== undefined) {
    return sendCoded(turn, message, { first, last }, codec);
  }
  const [frame] = fragment(message);
  const opcode = first ? Opcode[message.type] : Opcode.continuation;
  writeOwnFrame(turn, { ...frame!, opcode, fin: last });
}

/** A message, or a piece of one, as the extensions make it. */
function sendCoded(
  turn: Turn,
  { type, data, compress }: OutgoingMessage,
  { first, last }: { readonly first: boolean; readonly last: boolean },
  codec: ExtensionCodec,
): void {
  const { payload, rsv } = codec.encode({
    messageType: type,
    first,
    last,
    payload: type === "text" ? encoder.encode(data) : data,
    compress,
  });
  // What an extension says of the message stands in its first frame.
  const bits = first ? rsv : 0;
  writeOwnFrame(turn, {
    fin: last,
    ...rsvFlags(bits),
    opcode: first ? Opcode[type] : Opcode.continuation,
    payload,
  });
}

const encoder = new TextEncoder();

/** A Ping whose answer is waited for, or an unasked Pong (§5.5.2, §5.5.3). */
export function sendPing(
  turn: Turn,
  { type, data }: Extract<SessionInput, { type: "ping" | "pong" }>,
): void {
  requireOpen(turn, `a ${type}`);
  const frame = { opcode: Opcode[type], payload: data };
  requireLegalFrame(frame, `Cannot send ${type}`);
  writeFrame(turn, frame);
  if (type === "pong") return;
  const ping = { data: new Uint8Array(data), sentAtMs: turn.context.nowMs };
  const pings = [...turn.session.pings, ping].slice(-maxRememberedPings);
  change(turn, { pings });
}

/** A Close, the first time; after that there is nothing to close (§7.1.2). */
export function sendClose(
  turn: Turn,
  input: Extract<SessionInput, { type: "close" }>,
): void {
  if (turn.session.phase !== "open") return sendAnswer(turn);
  writeClose(turn, input);
  advance(turn, "close-sent");
}

/** The Close that the peer's Close or mistake has made due, if one is. */
export function sendAnswer(turn: Turn): void {
  const { phase, pendingClose, isEndReceived } = turn.session;
  if (phase !== "answering" && phase !== "failing") return;
  writeClose(turn, pendingClose!);
  advance(turn, "close-sent");
  if (isEndReceived) advance(turn, "end-received");
}

/** Bytes reached the transport, so a Pong that was held back may follow. */
export function noteWritten(
  turn: Turn,
  { byteLength }: Extract<SessionInput, { type: "written" }>,
): void {
  const { unwrittenBytes, heldPong, settings, phase, silentSinceMs } =
    turn.session;
  const left = Math.max(0, unwrittenBytes - byteLength);
  change(turn, {
    unwrittenBytes: left,
    // The peer can answer a Ping only once it has been written.
    silentSinceMs: silentSinceMs === undefined ? undefined : turn.context.nowMs,
  });
  noteTowardsClose(turn, byteLength);
  if (heldPong === undefined || left > settings.maxUnwrittenBytes) return;
  change(turn, { heldPong: undefined });
  if (phase !== "open" && phase !== "closing") return;
  writeFrame(turn, { opcode: Opcode.pong, payload: heldPong });
}

/**
 * The peer can answer our Close only once it has been written, and who is slow to
 * take what goes before it is no reason to lose that. What goes behind it does not
 * count: a peer could have us answer Pings for ever.
 */
function noteTowardsClose(turn: Turn, byteLength: number): void {
  const { bytesUntilClose } = turn.session;
  if (bytesUntilClose === 0 || byteLength === 0) return;
  change(turn, {
    bytesUntilClose: Math.max(0, bytesUntilClose - byteLength),
    closingSinceMs: turn.context.nowMs,
  });
}

/** Whether messages may be sent: until our Close has gone (§5.5.1). */
export function maySend({ phase }: Session): boolean {
  return phase === "open" || phase === "answering" || phase === "failing";
}

function requireOpen({ session }: Turn, what: string): void {
  if (maySend(session)) return;
  throw new TypeError(
    `Cannot send: found ${what} on a connection that is ${session.phase}, ` +
      "wanted nothing after the Close (RFC 6455 §5.5.1)",
  );
}

/** Goes through the table of fragments; throws where it has no cell. */
function takeTurnAtSending(turn: Turn, event: SendEvent): void {
  const sending = requireTurnAtSending(turn.session.sending, event);
  change(turn, { sending });
}

function requireData({ type, data }: DataMessage): void {
  const action = `Cannot send ${type} message`;
  if (type === "text") requireString(data, action);
  else requireBytes(data, action);
}

function requireTurnAtSending(sending: Sending, event: SendEvent): Sending {
  const next = sendingTable[sending][event];
  if (next !== undefined) return next;
  throw interleaved(sending, event.replace("-last", ""));
}

function interleaved(sending: Sending, found: string): TypeError {
  return new TypeError(
    `Cannot send: found a ${found} message inside a ${sending} message, ` +
      "wanted its next fragment (RFC 6455 §5.4)",
  );
}
