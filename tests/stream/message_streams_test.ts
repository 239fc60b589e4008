import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { ProtocolError } from "../../lib/error/protocol_error.ts";
import type { Role } from "../../lib/frame/frame.ts";
import { type Message, replyTo } from "../../lib/message/message.ts";
import {
  messageStreams,
  type MessageStreamsOptions,
} from "../../lib/stream/message_streams.ts";
import { hex, utf8 } from "../support/hex.ts";
import { assertViolation } from "../support/violations.ts";
import {
  collect,
  countingSource,
  idle,
  joinedEnds,
  recordingSink,
  standing,
} from "./streams.ts";

/** A client and a server, joined in memory. */
function joined(options: Omit<MessageStreamsOptions, "role"> = {}) {
  const [up, down] = joinedEnds();
  return {
    client: messageStreams(up, { ...options, role: "client" }),
    server: messageStreams(down, { ...options, role: "server" }),
  };
}

/** Sends back what comes in, and what the protocol asks for. */
async function echo(
  { readable, writable }: ReturnType<typeof messageStreams>,
): Promise<Message[]> {
  const heard: Message[] = [];
  const writer = writable.getWriter();
  for await (const message of readable) {
    heard.push(message);
    const isData = message.type === "text" || message.type === "binary";
    const answer = isData ? message : replyTo(message);
    if (answer !== undefined) await writer.write(answer);
  }
  await writer.close();
  return heard;
}

const said: readonly Message[] = [
  { type: "text", data: "Hello" },
  { type: "ping", data: utf8("p") },
  { type: "binary", data: Uint8Array.from({ length: 700 }, (_, at) => at) },
  { type: "pong", data: hex("") },
  { type: "text", data: "é€\u{1f600}" },
  { type: "close", code: 1000, reason: "bye" },
];

Deno.test("messageStreams() joined in memory hold a conversation (R37, R56, R58)", async () => {
  for (const maxFragmentBytes of [1, 100, Infinity]) {
    const { client, server } = joined({ maxFragmentBytes });
    const heardByServer = echo(server);
    const heardByClient = collect(client.readable);
    const writer = client.writable.getWriter();
    for (const message of said) await writer.write(message);
    await writer.close();
    assertEquals(await heardByServer, [...said]);
    assertEquals(await heardByClient, {
      items: said.filter(({ type }) => type !== "pong")
        .map((message): Message =>
          message.type === "ping"
            ? { type: "pong", data: message.data }
            : message
        ),
      error: undefined,
    });
  }
});

Deno.test("messageStreams() lets both sides talk at once (R49)", async () => {
  const { client, server } = joined();
  const count = 50;
  const numbered = (name: string) =>
    Array.from(
      { length: count },
      (_, at): Message => ({ type: "text", data: `${name} ${at}` }),
    );
  const [heardByServer, heardByClient] = await Promise.all([
    collect(server.readable),
    collect(client.readable),
    ReadableStream.from(numbered("client")).pipeTo(client.writable),
    ReadableStream.from(numbered("server")).pipeTo(server.writable),
  ]);
  assertEquals(heardByServer, { items: numbered("client"), error: undefined });
  assertEquals(heardByClient, { items: numbered("server"), error: undefined });
});

Deno.test("messageStreams() closes the bytes' writable when its own is closed", async () => {
  const sink = recordingSink();
  const { writable } = messageStreams({
    readable: ReadableStream.from([]),
    writable: sink.writable,
  }, { role: "server" });
  const writer = writable.getWriter();
  await writer.write({ type: "text", data: "Hi" });
  await writer.close();
  await idle();
  assertEquals(sink.text(), "\x81\x02Hi");
  assertEquals(sink.isClosed(), true);
});

const violations = [
  ["a frame (R38)", hex("83 80 00000000"), "reserved-opcode", 1002],
  ["a message (R51)", hex("80 80 00000000"), "unexpected-continuation", 1002],
  ["a text (R60)", hex("81 81 00000000 ff"), "invalid-utf8", 1007],
  ["no mask (R37)", hex("81 00"), "unmasked-client-frame", 1002],
] as const;

Deno.test("messageStreams() lets a Close be sent after the peer broke a rule (R68)", async () => {
  for (const [name, bytes, code, closeCode] of violations) {
    let cancelled = false;
    const readable = new ReadableStream<Uint8Array>({
      start: (controller) => {
        controller.enqueue(hex("89 80 00000000"));
        controller.enqueue(bytes);
      },
      cancel: () => {
        cancelled = true;
      },
    });
    const sink = recordingSink();
    const streams = messageStreams(
      { readable, writable: sink.writable },
      { role: "server" },
    );
    const { items, error } = await collect(streams.readable);
    assertEquals(items, [{ type: "ping", data: hex("") }], name);
    assert(error instanceof ProtocolError, name);
    assertEquals(error.code, code, name);
    await idle();
    assertEquals(cancelled, false, name);
    const writer = streams.writable.getWriter();
    await writer.write({ type: "close", code: error.closeCode, reason: "" });
    await writer.close();
    await idle();
    const close = String.fromCharCode(
      0x88,
      0x02,
      closeCode >> 8,
      closeCode & 0xff,
    );
    assertEquals(sink.text(), close, name);
    assertEquals(sink.isClosed(), true, name);
  }
});

Deno.test("messageStreams() lets a Close be answered after it was read (R56)", async () => {
  const sink = recordingSink();
  const { readable, writable } = messageStreams({
    readable: ReadableStream.from([hex("88 82 00000000 03e8"), hex("ffff")]),
    writable: sink.writable,
  }, { role: "server" });
  const { items, error } = await collect(readable);
  assertEquals(error, undefined);
  assertEquals(items, [{ type: "close", code: 1000, reason: "" }]);
  const writer = writable.getWriter();
  await writer.write(replyTo(items[0]!)!);
  await writer.close();
  await idle();
  assertEquals(sink.text(), "\x88\x02\x03\xe8");
});

Deno.test("messageStreams() errors both its streams when the connection fails (R69)", async () => {
  const reason = new Error("The connection is gone");
  let failReadable = () => {};
  let failWritable = () => {};
  const { readable, writable } = messageStreams({
    readable: new ReadableStream<Uint8Array>({
      start: (controller) => {
        controller.enqueue(hex("81 02 4869"));
        failReadable = () => controller.error(reason);
      },
    }),
    writable: new WritableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        failWritable = () => controller.error(reason);
      },
    }),
  }, { role: "client" });
  const reader = readable.getReader();
  const first = await reader.read();
  assertEquals(first.value, { type: "text", data: "Hi" });
  const writer = writable.getWriter();
  failReadable();
  failWritable();
  const read = await standing(reader.read());
  assert(read.status === "rejected");
  assertStrictEquals(read.reason, reason);
  const closed = await standing(writer.closed);
  assert(closed.status === "rejected");
  assertStrictEquals(closed.reason, reason);
});

Deno.test("messageStreams() errors its writable when a write to the connection fails (R69)", async () => {
  const reason = new Error("The connection is gone");
  const { writable } = messageStreams({
    readable: new ReadableStream<Uint8Array>(),
    writable: new WritableStream<Uint8Array<ArrayBuffer>>({
      write: () => Promise.reject(reason),
    }),
  }, { role: "client" });
  const writer = writable.getWriter();
  const written = standing(writer.write({ type: "text", data: "Hi" }));
  const closed = await standing(writer.closed);
  await written;
  assert(closed.status === "rejected");
  assertStrictEquals(closed.reason, reason);
});

Deno.test("messageStreams() errors its readable when the bytes end inside a frame or message (R69)", async () => {
  const table = [
    [hex("81"), { code: "truncated-frame", offset: 1 }],
    [hex("01 01 61"), { code: "truncated-message", offset: 3 }],
  ] as const;
  for (const [bytes, found] of table) {
    const { readable } = messageStreams({
      readable: ReadableStream.from([bytes]),
      writable: recordingSink().writable,
    }, { role: "client" });
    const { error } = await collect(readable);
    assertViolation(error, found, found.code);
  }
});

Deno.test("messageStreams() stops the bytes when its reader stops (R76)", async () => {
  const source = countingSource(() => hex("81 02 4869"));
  const { readable } = messageStreams({
    readable: source.readable,
    writable: recordingSink().writable,
  }, { role: "client" });
  const reader = readable.getReader();
  for (let read = 0; read < 10; read++) await reader.read();
  await idle();
  assert(source.taken() <= 16, `${source.taken()} taken`);
  await reader.cancel();
});

Deno.test("messageStreams() stops its writer when the connection takes nothing (R76)", async () => {
  const { writable } = messageStreams({
    readable: new ReadableStream<Uint8Array>(),
    writable: new WritableStream<Uint8Array<ArrayBuffer>>({
      write: () => new Promise<void>(() => {}),
    }),
  }, { role: "client" });
  const source = countingSource<Message>(() => ({ type: "text", data: "Hi" }));
  source.readable.pipeTo(writable);
  await idle();
  // A burst of frames waits to be joined.
  assert(source.taken() <= 74, `${source.taken()} taken`);
});

Deno.test("messageStreams() passes each option to the stream that it is for (R43, R47, R76)", async () => {
  const sink = recordingSink();
  const { readable, writable } = messageStreams({
    readable: ReadableStream.from([hex("82 02 0102")]),
    writable: sink.writable,
  }, {
    role: "client",
    createMaskingKey: () => hex("00000000"),
    maxFragmentBytes: 1,
    maxMessageBytes: 1,
  });
  const writer = writable.getWriter();
  await writer.write({ type: "text", data: "ab" });
  await idle();
  assertEquals(sink.text(), "\x01\x81\0\0\0\0a\x80\x81\0\0\0\0b");
  const { error } = await collect(readable);
  const tooLarge = { code: "message-too-large", offset: 2 } as const;
  assertViolation(error, tooLarge, "maxMessageBytes");

  const small = messageStreams({
    readable: ReadableStream.from([hex("82 02 0102")]),
    writable: recordingSink().writable,
  }, { role: "client", maxPayloadBytes: 1 });
  const frame = { code: "frame-too-large", offset: 1 } as const;
  const { error: frameError } = await collect(small.readable);
  assertViolation(frameError, frame, "maxPayloadBytes");
});

function open(options: MessageStreamsOptions) {
  return messageStreams({
    readable: ReadableStream.from<Uint8Array>([]),
    writable: recordingSink().writable,
  }, options);
}

Deno.test("messageStreams() throws TypeError for a role that is none", () => {
  for (const role of ["peer", "", null]) {
    assertThrows(() => open({ role: role as unknown as Role }), TypeError);
  }
});

Deno.test("messageStreams() throws RangeError for any other option out of its range", () => {
  const table = [
    { maxPayloadBytes: -1 },
    { allowedRsv: 1 },
    { maxMessageBytes: -1 },
    { maxFragments: 0.5 },
    { maxFragmentBytes: 0 },
  ];
  for (const options of table) {
    assertThrows(
      () => open({ role: "client", ...options }),
      RangeError,
      Object.keys(options)[0]!,
    );
  }
});
