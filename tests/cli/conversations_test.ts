import { assertEquals } from "@std/assert";
import {
  type ConversationItem,
  createConversationReader,
} from "../../lib/cli/conversations.ts";
import { createCaptureWriter } from "../../lib/capture/mod.ts";
import { permessageDeflate } from "../../lib/deflate/mod.ts";
import { concatAll } from "../../lib/bytes/chunks.ts";
import { hex, utf8 } from "../support/hex.ts";
import { fixture } from "./terminals.ts";

type Found = readonly ConversationItem[];

/** Everything in a capture, read in parts of some size. */
async function readAll(bytes: Uint8Array, size: number, options = {}) {
  const reader = createConversationReader({
    extensions: [permessageDeflate()],
    requireHandshake: true,
    ...options,
  });
  const found: ConversationItem[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const part = bytes.subarray(at, at + size);
    for await (const item of reader.read(part)) found.push(item);
  }
  for await (const item of reader.end()) found.push(item);
  return { found, counts: reader.counts() };
}

/** The frames of a listing that `tshark` made, in words of ours. */
function framesOfTshark(name: string): string[] {
  const [head = "", ...lines] = Deno.readTextFileSync(
    fixture(`${name}.frames.tsv`),
  ).trimEnd().split("\n");
  const names = head.split("\t");
  return lines.flatMap((line) => {
    const cells = line.split("\t");
    const column = (field: string) =>
      (cells[names.indexOf(`websocket.${field}`)] ?? "").split(",");
    const long16 = column("payload_length_ext_16");
    const long64 = column("payload_length_ext_64");
    const keys = column("masking_key");
    return column("opcode").map((opcode, index) => {
      const short = column("payload_length")[index]!;
      const length = short === "126"
        ? long16.shift()
        : short === "127"
        ? long64.shift()
        : short;
      const mask = column("mask")[index];
      const key = mask === "1" ? keys.shift() : "";
      const rsv = Number(column("rsv")[index]);
      return [column("fin")[index], rsv, opcode, mask, length, key].join(" ");
    });
  });
}

function framesOf(found: Found): string[] {
  return found.flatMap(({ item }) => {
    if (item.type !== "frame") return [];
    const { fin, rsv, opcode, maskingKey, payloadLength } = item;
    const key = Array.from(
      maskingKey ?? [],
      (byte) => byte.toString(16).padStart(2, "0"),
    ).join("");
    return [
      [
        fin ? 1 : 0,
        rsv >> 4,
        opcode,
        maskingKey === undefined ? 0 : 1,
        payloadLength,
        key,
      ].join(" "),
    ];
  });
}

const whole = [
  "loopback.pcapng",
  "deflate.pcap",
  "ipv6.pcapng",
  "cooked.pcap",
  "cooked2.pcapng",
  "duplicated.pcap",
  "reordered.pcapng",
];

/** What tshark finds fewer frames in, or some twice, and what it was made of. */
const sameAs: Readonly<Record<string, string>> = {
  "duplicated.pcap": "loopback.pcapng",
  "reordered.pcapng": "loopback.pcapng",
};

Deno.test("the frames of a capture are those that tshark dissects", async () => {
  for (const name of whole) {
    const wanted = framesOfTshark(sameAs[name] ?? name);
    const bytes = Deno.readFileSync(fixture(name));
    const { found, counts } = await readAll(bytes, 1000);
    assertEquals(framesOf(found).toSorted(), wanted.toSorted(), name);
    assertEquals([counts.conversations, counts.broken], [1, undefined], name);
  }
});

Deno.test("what is found does not depend on how the capture is cut", async () => {
  for (const name of ["deflate.pcap", "lost.pcapng", "truncated.pcapng"]) {
    const bytes = Deno.readFileSync(fixture(name));
    const once = await readAll(bytes, bytes.length);
    for (const size of [1, 17, 4096]) {
      assertEquals((await readAll(bytes, size)).found, once.found, name);
    }
  }
});

Deno.test("bytes that were lost end what can be read of their direction", async () => {
  const bytes = Deno.readFileSync(fixture("lost.pcapng"));
  const { found } = await readAll(bytes, bytes.length);
  const missing = found.filter(({ item }) =>
    item.type === "unread" && item.why.startsWith("missing")
  );
  assertEquals(missing.length, 2);
});

const client = { address: "192.0.2.1", port: 50_000 };
const server = { address: "192.0.2.2", port: 80 };

/** A capture of one connection with these bytes. */
function captureOf(
  ...parts: readonly (readonly ["client" | "server", Uint8Array])[]
): Uint8Array {
  const writer = createCaptureWriter();
  const connection = writer.connection({ client, server });
  return concatAll([
    writer.header,
    connection.open(0),
    ...parts.map(([from, bytes], at) => connection.data(from, bytes, at)),
    connection.close("client", parts.length),
  ]);
}

Deno.test("connections that are no WebSocket are counted, and not shown", async () => {
  const capture = captureOf(
    ["client", utf8("GET / HTTP/1.1\r\nHost: a\r\n\r\n")],
    ["server", utf8("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nHi")],
  );
  const { found, counts } = await readAll(capture, capture.length);
  assertEquals(found, []);
  assertEquals([counts.connections, counts.conversations], [1, 0]);
});

Deno.test("a handshake that was refused is shown with what it was refused by", async () => {
  const capture = captureOf(
    [
      "client",
      utf8(
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
      ),
    ],
    ["server", utf8("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")],
  );
  const { found, counts } = await readAll(capture, 10);
  assertEquals(found.map(({ item }) => item.type), ["head", "head"]);
  assertEquals(found[0]?.client, client);
  assertEquals(counts.conversations, 1);
});

Deno.test("connections without their handshake are read where that is wanted", async () => {
  const capture = captureOf(["server", hex("89 00")]);
  const usual = await readAll(capture, capture.length);
  assertEquals([usual.found.length, usual.counts.conversations], [0, 0]);
  const any = await readAll(capture, capture.length, {
    requireHandshake: false,
  });
  assertEquals(any.found.map(({ item }) => item.type), ["frame"]);
});

Deno.test("a capture that breaks off gives what came before, and why", async () => {
  const bytes = Deno.readFileSync(fixture("loopback.pcapng"));
  const cut = bytes.subarray(0, bytes.length - 10);
  const { found, counts } = await readAll(cut, 500);
  assertEquals(framesOf(found).length, 24);
  assertEquals(typeof counts.broken, "string");
});

Deno.test("a packet of very many frames is taken apart as it is taken", async () => {
  // 400,000 empty frames in one packet: no more of them are held than are wanted.
  const frames = new Uint8Array(800_000);
  for (let at = 0; at < frames.length; at += 2) frames[at] = 0x82;
  const writer = createCaptureWriter();
  const connection = writer.connection({ client, server });
  const reader = createConversationReader({ requireHandshake: false });
  await Array.fromAsync(reader.read(writer.header));
  await Array.fromAsync(reader.read(connection.open(0)));
  let count = 0;
  for await (
    const { item } of reader.read(connection.data("server", frames, 1))
  ) {
    if (item.type === "frame") count += 1;
  }
  assertEquals(count, 400_000);
});
