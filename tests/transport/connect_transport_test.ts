import { assert, assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../lib/error/protocol_error.ts";
import type { HeaderList } from "../../lib/handshake/headers.ts";
import { connectTransport } from "../../lib/transport/connect_transport.ts";
import { memoryTransports } from "../../lib/transport/memory.ts";
import type { Transport } from "../../lib/transport/transport.ts";
import { utf8 } from "../support/hex.ts";

// How both exchanges compare is in tests/connection/upgrade_exchange_test.ts.
const fields: HeaderList = [
  [":method", "CONNECT"],
  [":protocol", "websocket"],
  [":scheme", "https"],
  [":authority", "server.example.com"],
  [":path", "/chat"],
  ["sec-websocket-version", "13"],
];

function ask(request: HeaderList) {
  const [own, peer] = memoryTransports();
  const answers: HeaderList[] = [];
  const respond = (fields: HeaderList) => {
    answers.push(fields);
    return Promise.resolve();
  };
  const transport = connectTransport(own, { request, respond });
  return { peer, answers, transport };
}

Deno.test("connectTransport() is the transport that it is given, and brings an exchange", async () => {
  const { peer, transport } = ask(fields);
  const { exchange, ...rest } = transport;
  const names = ["close", "closeWrite", "read", "write"];
  assertEquals(Object.keys(rest).sort(), names);
  assertEquals(Object.keys(exchange).sort(), ["accept", "receive", "refuse"]);
  await transport.write(utf8("a"));
  assertEquals(await peer.read(), utf8("a"));
});

Deno.test("connectTransport() has read the request already, and answers with fields (R102, R104)", async () => {
  const { answers, transport: { exchange } } = ask(fields);
  const received = exchange.receive({});
  assert(!(received instanceof Promise));
  const { checked, leftover } = received;
  assert(checked.status === "valid");
  assertEquals([checked.request.resourceName, leftover.length], ["/chat", 0]);
  const send = await exchange.accept(checked.request, {});
  await send();
  assertEquals(answers, [[[":status", "200"]]]);
});

Deno.test("connectTransport() refuses with fields, and a body after them (R105)", async () => {
  const { answers, peer, transport: { exchange } } = ask(fields);
  const head = {
    httpVersion: "1.1",
    status: 403,
    reason: "Forbidden",
    headers: [["Content-Length", "2"]],
  } as const;
  await exchange.refuse(head, utf8("no"));
  assertEquals(answers, [[[":status", "403"], ["content-length", "2"]]]);
  assertEquals(await peer.read(), utf8("no"));
});

Deno.test("connectTransport() throws what fields that are none break", () => {
  const { transport: { exchange } } = ask([["a", "b"]]);
  const error = assertThrows(() => exchange.receive({}), ProtocolError);
  assertEquals(error.code, "malformed-fields");
});

Deno.test("connectTransport() takes a transport that is an object of a class", async () => {
  class Stream implements Transport {
    readonly #inner = memoryTransports();
    readonly peer = this.#inner[1];
    read(): Promise<Uint8Array | null> {
      return this.#inner[0].read();
    }
    write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
      return this.#inner[0].write(bytes);
    }
    closeWrite(): Promise<void> {
      return this.#inner[0].closeWrite();
    }
    close(): void {
      this.#inner[0].close();
    }
  }
  const stream = new Stream();
  const respond = () => Promise.resolve();
  const transport = connectTransport(stream, { request: fields, respond });
  await transport.write(utf8("a"));
  assertEquals(await stream.peer.read(), utf8("a"));
  await stream.peer.write(utf8("b"));
  assertEquals(await transport.read(), utf8("b"));
  await transport.closeWrite();
  assertEquals(await stream.peer.read(), null);
  transport.close();
});
