import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  chooseProtocol,
  type ProtocolPolicy,
} from "../../lib/handshake/choose_protocol.ts";
import type { WebSocketRequest } from "../../lib/handshake/server.ts";
import { assertPure } from "../support/purity.ts";
import { goodRequest, key } from "./handshake_heads.ts";

function offering(...protocols: readonly string[]): WebSocketRequest {
  return {
    resourceName: "/",
    host: "server.example.com",
    origin: undefined,
    key,
    protocols,
    headers: goodRequest.headers,
  };
}

const choices: readonly (readonly [
  offered: readonly string[],
  policy: ProtocolPolicy,
  chosen: string | undefined,
])[] = [
  [[], [], undefined],
  [[], ["chat"], undefined],
  [["chat"], [], undefined],
  [["chat"], ["chat"], "chat"],
  [["chat"], ["mail"], undefined],
  // Subprotocols have a case, RFC 6455 §4.2.2.
  [["chat"], ["Chat"], undefined],
  [["chat", "superchat"], ["superchat", "chat"], "superchat"],
  [["chat", "superchat"], ["mail", "chat", "superchat"], "chat"],
  [["a", "b"], (offered) => offered.at(-1), "b"],
  [["a", "b"], () => undefined, undefined],
];

Deno.test("chooseProtocol() takes the first of the server's own that is on offer (R33)", () => {
  for (const [offered, policy, chosen] of choices) {
    const name = `${offered} for ${policy}`;
    const request = offering(...offered);
    assertEquals(
      assertPure(name, chooseProtocol, request, policy),
      chosen,
      name,
    );
  }
});

Deno.test("chooseProtocol() shows a function the offer and the whole request (R33)", () => {
  const request = offering("a", "b");
  chooseProtocol(request, (offered, shown) => {
    assertEquals(offered, ["a", "b"]);
    assertStrictEquals(shown, request);
    return undefined;
  });
});
