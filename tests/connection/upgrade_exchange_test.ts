import { assert, assertEquals, assertRejects } from "@std/assert";
import { ProtocolError } from "../../lib/error/protocol_error.ts";
import type { HeaderList } from "../../lib/handshake/headers.ts";
import { exchangeOn } from "../../lib/connection/upgrade_exchange.ts";
import { connectTransport } from "../../lib/transport/connect_transport.ts";
import { memoryTransports } from "../../lib/transport/memory.ts";
import type { ServerExchange } from "../../lib/transport/server_exchange.ts";
import type { Transport } from "../../lib/transport/transport.ts";
import { accept } from "../handshake/handshake_heads.ts";
import { utf8 } from "../support/hex.ts";
import { requestText, within } from "./connections.ts";

const fields: HeaderList = [
  [":method", "CONNECT"],
  [":protocol", "websocket"],
  [":scheme", "https"],
  [":authority", "server.example.com"],
  [":path", "/chat?room=1"],
  ["sec-websocket-version", "13"],
  ["sec-websocket-protocol", "chat"],
];

/** Both ways in which a request comes, and what is sent in answer to it. */
interface Asked {
  readonly exchange: ServerExchange;
  readonly peer: Transport;
  readonly responses: HeaderList[];
}

async function askByText(text: string): Promise<Asked> {
  const [own, peer] = memoryTransports();
  await peer.write(utf8(text));
  return { exchange: exchangeOn(own), peer, responses: [] };
}

function askByFields(request: HeaderList): Asked {
  const [own, peer] = memoryTransports();
  const responses: HeaderList[] = [];
  const respond = (fields: HeaderList) => {
    responses.push(fields);
    return Promise.resolve();
  };
  return {
    exchange: exchangeOn(connectTransport(own, { request, respond })),
    peer,
    responses,
  };
}

async function read(peer: Transport): Promise<string> {
  const bytes = await within(peer.read(), "the answer");
  return new TextDecoder().decode(bytes ?? new Uint8Array());
}

Deno.test("the same is asked, in whichever HTTP", async () => {
  const text = requestText("Sec-WebSocket-Protocol: chat");
  const requests = [];
  for (const { exchange } of [await askByText(text), askByFields(fields)]) {
    const { checked, toPage, leftover } = await exchange.receive({});
    assert(checked.status === "valid");
    assertEquals(toPage(), undefined);
    assertEquals(leftover.length, 0);
    requests.push({ ...checked.request, key: undefined, headers: [] });
  }
  assertEquals(requests[0], requests[1]);
  assertEquals(requests[0]!.resourceName, "/chat?room=1");
});

Deno.test("what was read after a request of HTTP/1.1 is kept", async () => {
  const { exchange } = await askByText(requestText() + "frames");
  const { leftover } = await exchange.receive({});
  assertEquals(new TextDecoder().decode(leftover), "frames");
});

Deno.test("an answer is made first and sent later", async () => {
  const upgrade = await askByText(requestText("Sec-WebSocket-Protocol: chat"));
  const connect = askByFields(fields);
  for (const { exchange, peer, responses } of [upgrade, connect]) {
    const { checked } = await exchange.receive({});
    assert(checked.status === "valid");
    const send = await exchange.accept(checked.request, { protocol: "chat" });
    assertEquals(responses, []);
    await send();
    if (exchange === connect.exchange) {
      assertEquals(responses, [
        [[":status", "200"], ["sec-websocket-protocol", "chat"]],
      ]);
    } else {
      const text = await read(peer);
      assert(text.startsWith("HTTP/1.1 101 Switching Protocols\r\n"), text);
      assert(text.includes(accept), text);
    }
    await assertRejects(
      async () => await exchange.accept(checked.request, { protocol: "mail" }),
      TypeError,
    );
  }
});

const head = {
  httpVersion: "1.1",
  status: 401,
  reason: "Unauthorized",
  headers: [["Content-Length", "4"], ["Connection", "close"]],
} as const;

Deno.test("a refusal is written, or sent as fields and a body", async () => {
  const upgrade = await askByText(requestText());
  await upgrade.exchange.refuse(head, utf8("gone"));
  assertEquals(
    await read(upgrade.peer),
    "HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\nConnection: close\r\n\r\ngone",
  );
  const connect = askByFields(fields);
  await connect.exchange.refuse(head, utf8("gone"));
  assertEquals(connect.responses, [
    [[":status", "401"], ["content-length", "4"]],
  ]);
  assertEquals(await read(connect.peer), "gone");
});

Deno.test("what is no request is told of as such", async () => {
  const upgrade = await askByText("nothing of HTTP\r\n\r\n");
  const connect = askByFields([[":path", "/"]]);
  const codes = [];
  for (const { exchange } of [upgrade, connect]) {
    const error = await assertRejects(
      async () => await exchange.receive({}),
      ProtocolError,
    );
    codes.push(error.code);
  }
  assertEquals(codes, ["malformed-head", "malformed-fields"]);
  const limited = askByFields(fields);
  const error = await assertRejects(
    async () => await limited.exchange.receive({ maxHeaders: 3 }),
    ProtocolError,
  );
  assertEquals(error.code, "head-too-large");
});

Deno.test("a request for a page is one for who serves pages", async () => {
  const upgrade = await askByText("GET /a HTTP/1.1\r\nHost: b\r\n\r\n");
  const connect = askByFields([
    [":method", "GET"],
    [":scheme", "https"],
    [":authority", "b"],
    [":path", "/a"],
    ["x-c", "d"],
  ]);
  const pages = [];
  for (const { exchange } of [upgrade, connect]) {
    const { checked, toPage } = await exchange.receive({});
    assertEquals(checked.status, "invalid");
    pages.push(toPage()!);
  }
  assertEquals(pages.map(({ url }) => url), ["http://b/a", "https://b/a"]);
  assertEquals(pages[1]!.headers.get("x-c"), "d");
});

Deno.test("a CONNECT for something else is no request for a page", async () => {
  const others = [
    fields.filter(([name]) => name !== ":protocol"),
    fields.with(1, [":protocol", "connect-udp"]),
  ];
  for (const other of others) {
    const { checked, toPage } = await askByFields(other).exchange.receive({});
    assertEquals(checked.status, "invalid");
    assertEquals(toPage(), undefined);
  }
});
