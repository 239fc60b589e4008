import { assertEquals } from "@std/assert";
import {
  permessageDeflate,
  type PermessageDeflateOptions,
} from "../../lib/deflate/permessage_deflate.ts";
import type { ExtensionCodec } from "../../lib/extension/extension.ts";
import {
  acceptExtensions,
  confirmExtensions,
  offerExtensions,
} from "../../lib/extension/negotiate.ts";
import { type FrameInit, Opcode, type Role } from "../../lib/frame/frame.ts";
import { serializeFrame } from "../../lib/frame/serialize_frame.ts";
import type { RequestHead, ResponseHead } from "../../lib/handshake/head.ts";
import {
  serializeRequestHead,
  serializeResponseHead,
} from "../../lib/handshake/serialize_head.ts";
import {
  createDissector,
  type DissectOptions,
} from "../../lib/inspect/dissector.ts";
import type {
  DissectedFrame,
  DissectedHead,
  DissectedItem,
  DissectedMessage,
  Unread,
  Violation,
} from "../../lib/inspect/item.ts";
import { itemToJson } from "../../lib/inspect/render_json.ts";
import { serializeCloseBody } from "../../lib/message/close.ts";
import { joined } from "../deflate/engines.ts";
import {
  goodRequest,
  goodResponse,
  withHeader,
} from "../handshake/handshake_heads.ts";
import { hex, utf8 } from "../support/hex.ts";
import type { Random } from "../support/random.ts";

/** Bytes, and who sent them; nobody says that of one stream of both sides. */
export interface SentBytes {
  readonly from?: Role;
  readonly bytes: Uint8Array;
}

/** The request of RFC 6455 §1.3, or another, as it stands on the wire. */
export function requestBytes(head: RequestHead = goodRequest): Uint8Array {
  return serializeRequestHead(head);
}

/** The answer to it. */
export function responseBytes(head: ResponseHead = goodResponse): Uint8Array {
  return serializeResponseHead(head);
}

/** The key of the examples in RFC 6455 §5.7. */
export const rfcKey: Uint8Array = hex("37fa213d");

/** A frame as that side sends it. */
export function frameFrom(
  from: Role,
  frame: FrameInit,
  maskingKey: Uint8Array = rfcKey,
): Uint8Array {
  return serializeFrame(from === "client" ? { ...frame, maskingKey } : frame);
}

/** Everything that a dissector finds in what is sent, to its end. */
export async function dissectAll(
  sent: readonly SentBytes[],
  options: DissectOptions = {},
): Promise<readonly DissectedItem[]> {
  const dissector = createDissector(options);
  const items: DissectedItem[] = [];
  for (const { bytes, from } of sent) {
    items.push(...await dissector.read(bytes, from));
  }
  return [...items, ...await dissector.end()];
}

/** The same bytes, each run of them cut as `cut` says. */
export function cutAs(
  sent: readonly SentBytes[],
  cut: (bytes: Uint8Array) => readonly Uint8Array[],
): SentBytes[] {
  return sent.flatMap(({ bytes, ...from }) =>
    cut(bytes).map((piece) => ({ ...from, bytes: piece }))
  );
}

/** The same bytes as one stream of both sides. */
export function undirected(sent: readonly SentBytes[]): SentBytes[] {
  return [{ bytes: joined(sent.map(({ bytes }) => bytes)) }];
}

/** What one side sent, or, if it is not said who, all of it. */
export function streamOf(
  sent: readonly SentBytes[],
  from: Role | undefined,
): Uint8Array {
  return joined(
    sent.filter((part) => part.from === from).map(({ bytes }) => bytes),
  );
}

/** Items in a form that is quick to compare. */
export function asText(items: readonly DissectedItem[]): string {
  return items.map((item) => JSON.stringify(itemToJson(item))).join("\n");
}

/** The items of one type. */
export function only<Type extends DissectedItem["type"]>(
  items: readonly DissectedItem[],
  type: Type,
): Extract<DissectedItem, { type: Type }>[] {
  return items.filter((item) => item.type === type) as Extract<
    DissectedItem,
    { type: Type }
  >[];
}

/** An item in a few words: `frame 1 client text whole 5`, for tables. */
export function lineOf(item: DissectedItem): string {
  const lines: {
    [Type in DissectedItem["type"]]: (
      item: Extract<DissectedItem, { type: Type }>,
    ) => string;
  } = {
    head: ({ from, offset, byteLength }: DissectedHead) =>
      `head ${from} ${offset}+${byteLength}`,
    frame: (frame: DissectedFrame) =>
      `frame ${frame.number} ${frame.from} ${frame.opcodeName} ` +
      `${frame.status} ${frame.offset}+${frame.header.length}+` +
      frame.payloadRead,
    message: (message: DissectedMessage) =>
      `message ${message.number} ${message.from} ${message.status} ` +
      `${message.coding} ${message.frames}: ` +
      (message.text ?? `[${message.data?.join(" ")}]`),
    violation: ({ from, code, offset }: Violation) =>
      `violation ${from} ${code} ${offset}`,
    unread: ({ from, offset, byteLength }: Unread) =>
      `unread ${from ?? "either"} ${offset}+${byteLength}`,
  };
  return (lines[item.type] as (item: DissectedItem) => string)(item);
}

/**
 * Checks that heads, frames and what was not read are a stream of so many bytes,
 * each beginning where the one before it ends.
 */
export function assertCovers(
  items: readonly DissectedItem[],
  byteLength: number,
  name: string,
): void {
  let end = 0;
  for (const item of items) {
    if (item.type === "message" || item.type === "violation") continue;
    assertEquals(item.offset, end, `${name}: ${lineOf(item)}`);
    end += item.type === "frame"
      ? item.header.length + item.payloadRead
      : item.byteLength;
  }
  assertEquals(end, byteLength, `${name}: the end`);
}

/** The same of both streams, or of the one of both sides. */
export function assertAllCovered(
  items: readonly DissectedItem[],
  sent: readonly SentBytes[],
  name: string,
): void {
  for (const from of new Set(sent.map(({ from }) => from))) {
    const own = from === undefined
      ? items
      : items.filter((item) => item.from === from);
    assertCovers(own, streamOf(sent, from).length, `${name}, ${from}`);
  }
}

/** A message that was sent. */
export interface SaidMessage {
  readonly from: Role;
  readonly messageType: "text" | "binary";
  readonly data: string | Uint8Array;
  readonly frames: number;
  /** How many bytes its frames carry. */
  readonly wireBytes: number;
  readonly isCompressed: boolean;
}

/** A frame that was sent, with its payload before it was masked. */
export interface SaidFrame extends Required<Pick<FrameInit, "fin">> {
  readonly from: Role;
  readonly opcode: number;
  readonly rsv: number;
  readonly payload: Uint8Array;
}

/** A conversation that somebody made up, and what was said in it. */
export interface MadeUp {
  /** In order of time: heads, then frames. */
  readonly sent: readonly (SentBytes & { readonly from: Role })[];
  /** In the order in which they ended. */
  readonly messages: readonly SaidMessage[];
  /** In the order in which they were sent. */
  readonly frames: readonly SaidFrame[];
}

/** What a client and a server agree on, and their codecs. */
function agree(options: PermessageDeflateOptions | undefined) {
  if (options === undefined) return { heads: [goodRequest, goodResponse] };
  const extensions = [permessageDeflate(options)];
  const offer = offerExtensions(extensions)!;
  const accepted = acceptExtensions([offer], extensions);
  const confirmed = confirmExtensions([accepted.header], extensions);
  if ("found" in confirmed) throw new Error(confirmed.found);
  const name = "Sec-WebSocket-Extensions";
  return {
    heads: [
      withHeader(goodRequest, name, offer),
      withHeader(goodResponse, name, accepted.header),
    ],
    client: confirmed.open(),
    server: accepted.open(),
  };
}

/** A side that may have a message under way. */
interface Side {
  readonly from: Role;
  readonly codec: ExtensionCodec | undefined;
  fragments: Uint8Array[];
  messageType: "text" | "binary";
  payloads: Uint8Array[];
  rsv: number;
  isClosed: boolean;
}

/**
 * A whole conversation: the handshake, then messages of both sides in random
 * fragments, with control frames between them, and perhaps the Closes.
 */
export function makeUp(
  random: Random,
  options?: PermessageDeflateOptions,
  turns = 20,
): MadeUp {
  const agreed = agree(options);
  const [request, response] = agreed.heads as [RequestHead, ResponseHead];
  const sent: (SentBytes & { readonly from: Role })[] = [
    { from: "client", bytes: serializeRequestHead(request) },
    { from: "server", bytes: serializeResponseHead(response) },
  ];
  const messages: SaidMessage[] = [];
  const frames: SaidFrame[] = [];
  const sideOf = (from: Role): Side => ({
    from,
    codec: agreed[from],
    fragments: [],
    messageType: "text",
    payloads: [],
    rsv: 0,
    isClosed: false,
  });
  const send = (from: Role, frame: Omit<SaidFrame, "from">) => {
    const { rsv, opcode, payload, fin } = frame;
    frames.push({ ...frame, from });
    const bytes = frameFrom(from, {
      opcode: opcode as Opcode,
      fin,
      payload,
      rsv1: rsv !== 0,
    }, random.bytes(4));
    sent.push({ from, bytes });
  };
  const sendFragment = (side: Side, payload: Uint8Array, last: boolean) => {
    const first = side.fragments.length === 0;
    if (first) side.messageType = random.pick(["text", "binary"]);
    const { messageType, codec } = side;
    // A text may be cut anywhere, so the bytes of one will do for both.
    const piece = { messageType, first, last, payload, compress: undefined };
    const coded = codec?.encode(piece) ?? { payload, rsv: 0 };
    if (first) side.rsv = coded.rsv;
    side.fragments.push(payload);
    side.payloads.push(coded.payload);
    send(side.from, {
      fin: last,
      rsv: first ? coded.rsv : 0,
      opcode: first ? Opcode[messageType] : Opcode.continuation,
      payload: coded.payload,
    });
    if (!last) return;
    const data = joined(side.fragments);
    messages.push({
      from: side.from,
      messageType,
      data: messageType === "text" ? new TextDecoder().decode(data) : data,
      frames: side.fragments.length,
      wireBytes: joined(side.payloads).length,
      isCompressed: side.rsv !== 0,
    });
    side.fragments = [];
    side.payloads = [];
  };
  const sides = [sideOf("client"), sideOf("server")];
  const cut: Map<Side, Uint8Array[]> = new Map();
  for (let turn = 0; turn < turns; turn++) {
    const side = random.pick(sides);
    if (random.chance(0.25)) {
      const opcode = random.pick([Opcode.ping, Opcode.pong]);
      const payload = random.bytes(random.pick([0, 3, 125]));
      send(side.from, { fin: true, rsv: 0, opcode, payload });
      continue;
    }
    const parts = cut.get(side) ?? randomParts(random);
    sendFragment(side, parts[0]!, parts.length === 1);
    if (parts.length === 1) cut.delete(side);
    else cut.set(side, parts.slice(1));
  }
  for (const [side, parts] of cut) {
    parts.forEach((part, index) =>
      sendFragment(side, part, index === parts.length - 1)
    );
  }
  for (const { from } of random.chance(0.5) ? sides : []) {
    const payload = serializeCloseBody(1000, "bye ☺");
    send(from, { fin: true, rsv: 0, opcode: Opcode.close, payload });
  }
  return { sent, messages, frames };
}

const letters = [..."abc é☺😀\u0000\u001b\u009b\u202e\n"];

/** The bytes of a text, cut anywhere, also inside a character. */
function randomParts(random: Random): Uint8Array[] {
  const length = random.pick([0, 1, 10, 70, 300]);
  const text = Array.from({ length }, () => random.pick(letters)).join("");
  const bytes = utf8(text);
  const count = random.integer(1, 4);
  const cuts = Array.from(
    { length: count - 1 },
    () => random.integer(0, bytes.length),
  ).sort((a, b) => a - b);
  return [0, ...cuts].map((at, index) => bytes.slice(at, cuts[index]));
}

/** Parameters of permessage-deflate, every other time none. */
export function randomDeflate(
  random: Random,
): PermessageDeflateOptions | undefined {
  if (random.chance(0.3)) return undefined;
  return {
    thresholdBytes: random.pick([0, 40]),
    level: random.integer(1, 9),
    serverNoContextTakeover: random.chance(0.5),
    clientNoContextTakeover: random.chance(0.5),
    serverMaxWindowBits: random.integer(9, 15),
    clientMaxWindowBits: random.integer(9, 15),
  };
}
