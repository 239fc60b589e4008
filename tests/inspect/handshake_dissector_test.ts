import { assertEquals } from "@std/assert";
import { permessageDeflate } from "../../lib/deflate/permessage_deflate.ts";
import type { ResponseHead } from "../../lib/handshake/head.ts";
import {
  createHandshakeDissector,
  type HandshakeDissector,
} from "../../lib/inspect/handshake_dissector.ts";
import { frozen } from "../handshake/frozen.ts";
import {
  accept,
  goodRequest,
  goodResponse,
  withHeader,
} from "../handshake/handshake_heads.ts";

const where = { offset: 0, byteLength: 100 };
const deflate = "permessage-deflate";
const extensionsHeader = "Sec-WebSocket-Extensions";

function create(agreed = ""): HandshakeDissector {
  return createHandshakeDissector([permessageDeflate()], agreed);
}

/** A response without headers. */
function plain(status: number, reason = ""): ResponseHead {
  return { httpVersion: "1.1", status, reason, headers: [] };
}

Deno.test("a handshake opens a WebSocket, and nothing of it is wrong (R26, R35)", async () => {
  const handshake = create();
  assertEquals([handshake.isSeen(), handshake.answer()], [false, undefined]);
  const request = handshake.readRequest(frozen(goodRequest), where);
  assertEquals([handshake.isSeen(), handshake.answer()], [true, undefined]);
  const response = await handshake.readResponse(frozen(goodResponse), where);
  assertEquals(handshake.answer(), "open");
  assertEquals([request.error, response.error], [undefined, undefined]);
  assertEquals([request.head.from, response.head.from], ["client", "server"]);
});

/** The method of the request, the status, and what that comes to. */
const answers = [
  ["GET", 101, "open"],
  ["GET", 200, "refused"],
  ["GET", 301, "refused"],
  ["GET", 403, "refused"],
  ["GET", 426, "refused"],
  ["GET", 100, undefined],
  ["GET", 103, undefined],
  ["CONNECT", 200, "tunnel"],
  ["CONNECT", 204, "tunnel"],
  ["CONNECT", 407, "refused"],
] as const;

Deno.test("a response says what follows (R17)", async () => {
  for (const [method, status, answer] of answers) {
    const handshake = create();
    handshake.readRequest({ ...goodRequest, method }, where);
    const { error } = await handshake.readResponse(plain(status), where);
    assertEquals(handshake.answer(), answer, `${status} to ${method}`);
    // Only who opens a WebSocket has to do it as is wanted.
    assertEquals(error?.code, status === 101 ? "wrong-upgrade" : undefined);
  }
});

Deno.test("a refusal is no answer that lacks everything, and is judged by its status (R17)", async () => {
  const handshake = create();
  handshake.readRequest(goodRequest, where);
  const refused = withHeader(plain(403, "Forbidden"), "Connection", "close");
  const { head } = await handshake.readResponse(refused, where);
  assertEquals(head.startLine.verdict, "wrong");
  assertEquals(head.headers.map(({ verdict }) => verdict), ["unjudged"]);
  assertEquals(head.missing, []);
});

Deno.test("a request that asks for no WebSocket breaks no rule, one that asks wrongly does", () => {
  const read = (head: typeof goodRequest) =>
    create().readRequest(head, { offset: 9, byteLength: 1 });
  assertEquals(
    read(withHeader(goodRequest, "Upgrade")).error,
    undefined,
  );
  const { error } = read(withHeader(goodRequest, "Sec-WebSocket-Key", "x"));
  assertEquals([error?.code, error?.offset], ["wrong-key", 9]);
});

Deno.test("a wrong accept is told with the one that the key makes (R20)", async () => {
  const name = "Sec-WebSocket-Accept";
  for (const values of [[], ["x"], [accept, accept]]) {
    const handshake = create();
    handshake.readRequest(goodRequest, where);
    const answer = withHeader(goodResponse, name, ...values);
    const { head, error } = await handshake.readResponse(answer, where);
    assertEquals(error?.code, "wrong-accept");
    assertEquals(error!.message.includes(`the key makes "${accept}"`), true);
    const [line] = [...head.headers, ...head.missing]
      .filter((header) => header.name === name);
    assertEquals(line?.verdict, "wrong");
    assertEquals(line!.note.includes(`"${accept}"`), true);
  }
});

Deno.test("what nobody saw the request of is not judged by it", async () => {
  const handshake = create();
  const answer = withHeader(
    withHeader(goodResponse, "Sec-WebSocket-Accept", "anything"),
    "Sec-WebSocket-Protocol",
    "chat",
  );
  const { error } = await handshake.readResponse(
    withHeader(answer, extensionsHeader, deflate),
    where,
  );
  assertEquals(error, undefined);
  assertEquals(handshake.codings().server.rsv, 0x40);
});

Deno.test("a subprotocol and an extension that were not asked for are wrong (R21, R22)", async () => {
  for (
    const [name, value, code] of [
      ["Sec-WebSocket-Protocol", "chat", "unrequested-protocol"],
      [extensionsHeader, deflate, "unrequested-extension"],
    ] as const
  ) {
    const handshake = create();
    handshake.readRequest(goodRequest, where);
    const answer = withHeader(goodResponse, name, value);
    const { head, error } = await handshake.readResponse(answer, where);
    assertEquals(error?.code, code);
    assertEquals(head.headers.at(-1)?.verdict, "wrong");
    assertEquals(handshake.answer(), "open", "all the same");
    assertEquals(handshake.codings().client.rsv, 0);
  }
});

Deno.test("what was agreed on counts until a handshake says otherwise", async () => {
  const handshake = create(deflate);
  assertEquals(handshake.codings().client.rsv, 0x40);
  handshake.readRequest(goodRequest, where);
  await handshake.readResponse(goodResponse, where);
  assertEquals(handshake.codings().client.rsv, 0);
  const offer = withHeader(goodRequest, extensionsHeader, deflate);
  handshake.readRequest(offer, where);
  await handshake.readResponse(
    withHeader(goodResponse, extensionsHeader, deflate),
    where,
  );
  assertEquals(handshake.codings().client.rsv, 0x40);
});
