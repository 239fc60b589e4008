import { assert, assertEquals } from "@std/assert";
import { createKey } from "../../lib/handshake/accept_key.ts";
import {
  checkResponse,
  createRequest,
  type CreateRequestOptions,
} from "../../lib/handshake/client.ts";
import {
  parseRequestHead,
  parseResponseHead,
} from "../../lib/handshake/head.ts";
import { headerValues } from "../../lib/handshake/headers.ts";
import {
  serializeRequestHead,
  serializeResponseHead,
} from "../../lib/handshake/serialize_head.ts";
import {
  acceptRequest,
  type AcceptRequestOptions,
  checkRequest,
} from "../../lib/handshake/server.ts";
import { seededRandom } from "../support/random.ts";

/** What both sides want, and what comes of it. */
interface RoundTrip {
  readonly name: string;
  readonly url: string;
  readonly asked: Omit<CreateRequestOptions, "key">;
  readonly answer: AcceptRequestOptions;
  readonly resourceName: string;
  readonly host: string;
  readonly protocol: string;
}

const plain = {
  url: "ws://example.com/chat",
  asked: {},
  answer: {},
  resourceName: "/chat",
  host: "example.com",
  protocol: "",
};

const roundTrips: readonly RoundTrip[] = [
  { name: "nothing special", ...plain },
  {
    name: "a port, a query and characters outside ASCII",
    ...plain,
    url: "wss://münchen.example:8443/é?a=ü",
    resourceName: "/%C3%A9?a=%C3%BC",
    host: "xn--mnchen-3ya.example:8443",
  },
  {
    name: "subprotocols, of which one is chosen",
    ...plain,
    asked: { protocols: ["chat", "superchat"] },
    answer: { protocol: "superchat" },
    protocol: "superchat",
  },
  {
    name: "subprotocols, of which none is chosen",
    ...plain,
    asked: { protocols: ["chat", "superchat"] },
  },
  {
    name: "headers both ways",
    ...plain,
    asked: {
      headers: [
        ["Origin", "http://example.com"],
        ["Cookie", "a=1"],
        ["X-Both", "caf\xe9"],
        ["X-Both", ""],
      ],
    },
    answer: { headers: [["Set-Cookie", "b=2"], ["Set-Cookie", "c=3"]] },
  },
  {
    name: "a host that the caller sets",
    ...plain,
    asked: { headers: { Host: "virtual.example" } },
    host: "virtual.example",
  },
];

Deno.test("A handshake goes through both sides as bytes (R8 to R24, R26, R35)", async () => {
  const random = seededRandom(6455);
  for (const roundTrip of roundTrips) {
    const { name, url, asked, answer } = roundTrip;
    const key = createKey(random.bytes(16));
    const question = createRequest(url, { ...asked, key });
    const up = parseRequestHead(serializeRequestHead(question));
    assert(up.status === "complete", name);
    assertEquals(up.head, question, name);

    const checked = checkRequest(up.head);
    assert(checked.status === "valid", name);
    const { request } = checked;
    assertEquals(request.key, key, name);
    assertEquals(request.resourceName, roundTrip.resourceName, name);
    assertEquals(request.host, roundTrip.host, name);
    assertEquals(request.protocols, asked.protocols ?? [], name);

    const response = await acceptRequest(request, answer);
    const down = parseResponseHead(serializeResponseHead(response));
    assert(down.status === "complete", name);
    assertEquals(down.head, response, name);

    const { protocols = [] } = asked;
    const opened = await checkResponse(down.head, { key, protocols });
    assert(opened.status === "valid", name);
    assertEquals(opened.protocol, roundTrip.protocol, name);
    assertEquals(opened.headers, response.headers, name);
  }
});

Deno.test("Headers arrive as they were given, on both sides (R15)", async () => {
  const { asked, answer, url } = roundTrips
    .find(({ name }) => name === "headers both ways")!;
  const key = createKey(new Uint8Array(16));
  const up = parseRequestHead(
    serializeRequestHead(createRequest(url, { ...asked, key })),
  );
  assert(up.status === "complete");
  const checked = checkRequest(up.head);
  assert(checked.status === "valid");
  assertEquals(checked.request.origin, "http://example.com");
  assertEquals(headerValues(checked.request.headers, "x-both"), [
    "caf\xe9",
    "",
  ]);
  const { headers } = await acceptRequest(checked.request, answer);
  assertEquals(headerValues(headers, "set-cookie"), ["b=2", "c=3"]);
});

Deno.test("The answer to another request does not open the WebSocket (R20)", async () => {
  const [ours, theirs] = [1, 2].map((byte) =>
    createKey(new Uint8Array(16).fill(byte))
  );
  const checked = checkRequest(createRequest("ws://a/", { key: theirs! }));
  assert(checked.status === "valid");
  const answer = await acceptRequest(checked.request);
  const result = await checkResponse(answer, { key: ours! });
  assert(result.status === "invalid");
  assertEquals(result.error.code, "wrong-accept");
});
