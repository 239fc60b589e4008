import { assert, assertEquals, assertRejects } from "@std/assert";
import type { HeaderList } from "../../lib/handshake/headers.ts";
import { connectSession } from "../../lib/transport/connect_session.ts";
import { memoryTransports } from "../../lib/transport/memory.ts";

const url = "wss://server.example.com/chat?room=1";
const signal = new AbortController().signal;

/** A session that gives every stream one answer, and notes what was asked. */
function sessionAnswering(response: HeaderList) {
  const asked: HeaderList[] = [];
  const [transport] = memoryTransports();
  const session = connectSession((fields) => {
    asked.push(fields);
    return Promise.resolve({ response, transport });
  });
  return { session, asked, transport };
}

Deno.test("connectSession() asks with the fields of an extended CONNECT (R102, R103)", async () => {
  const { session, asked, transport } = sessionAnswering([[":status", "200"]]);
  const answered = await session.ask(
    url,
    { protocols: ["a", "b"], headers: { Cookie: "c=d" } },
    signal,
  );
  assertEquals(asked, [[
    [":method", "CONNECT"],
    [":protocol", "websocket"],
    [":scheme", "https"],
    [":authority", "server.example.com"],
    [":path", "/chat?room=1"],
    ["sec-websocket-version", "13"],
    ["sec-websocket-protocol", "a, b"],
    ["cookie", "c=d"],
  ]]);
  assertEquals(answered.transport, transport);
  assertEquals(answered.judge().status, "valid");
});

Deno.test("connectSession() judges what was answered: its fields, then its rules (R22, R104)", async () => {
  const answers: [HeaderList, string][] = [
    [[], "malformed-fields"],
    [[[":status", "403"]], "unexpected-status"],
    [
      [[":status", "200"], ["sec-websocket-protocol", "c"]],
      "unrequested-protocol",
    ],
  ];
  for (const [response, code] of answers) {
    const { session } = sessionAnswering(response);
    const { judge } = await session.ask(url, {}, signal);
    const judged = judge();
    assert(judged.status === "invalid");
    assertEquals(judged.error.code, code);
  }
});

Deno.test("connectSession() asks nothing that may not be asked", async () => {
  const { session, asked } = sessionAnswering([[":status", "200"]]);
  await assertRejects(
    () => session.ask(url, { headers: { TE: "gzip" } }, signal),
    TypeError,
  );
  assertEquals(asked, []);
});
