import { assert, assertEquals } from "@std/assert";
import { permessageDeflate } from "../../lib/deflate/permessage_deflate.ts";
import type { ExtensionCodec } from "../../lib/extension/extension.ts";
import {
  type Codings,
  codingsOf,
  noCodings,
  offeredNames,
} from "../../lib/inspect/coding.ts";
import { extensionOf, prefixing } from "../extension/codecs.ts";
import { hex } from "../support/hex.ts";

const deflate = permessageDeflate();
const name = "permessage-deflate";
const header = "Sec-WebSocket-Extensions";

/** `rsv` and `unknownRsv` of both sides, and whether there is a codec. */
function shapeOf({ client, server, fault }: Codings): unknown {
  const sides = [client, server].map(({ rsv, codec, unknownRsv }) => [
    rsv,
    codec !== undefined,
    unknownRsv,
  ]);
  assertEquals(sides[0], sides[1]);
  return [...sides[0]!, fault];
}

/** What is answered, what was offered, and what that comes to. */
const table: readonly (readonly [
  name: string,
  values: readonly string[],
  offered: readonly string[] | undefined,
  shape: unknown,
])[] = [
  ["nothing", [], [name], [0, false, 0, undefined]],
  ["what is known", [name], [name], [0x40, true, 0, undefined]],
  [
    "what is known, where nobody saw the offer",
    [`${name}; server_max_window_bits=9`],
    undefined,
    [0x40, true, 0, undefined],
  ],
  ["what is not known", ["x-zip"], ["x-zip"], [0, true, 0x70, undefined]],
  [
    "what is known beside what is not",
    [`${name}, x-zip`],
    ["x-zip", name],
    [0, true, 0x70, undefined],
  ],
  [
    "what was not offered (R21)",
    [name],
    ["x-zip"],
    [0, false, 0, ["unrequested-extension", name, header]],
  ],
  [
    "what was not offered, and is not known either (R21)",
    ["x-zip"],
    [],
    [0, false, 0, ["unrequested-extension", "x-zip", header]],
  ],
  [
    "what is no list (R73)",
    ["a; =1"],
    [name],
    [0, false, 0, ["wrong-extension", '"a; =1"', header]],
  ],
  [
    "a parameter that does not exist (R82)",
    [`${name}; x`],
    [name],
    [0, false, 0, [
      "wrong-extension",
      `${name} with x, which it does not define`,
      header,
    ]],
  ],
];

Deno.test("codingsOf() says what both sides do to their messages (R21, R73, R74, R82)", () => {
  for (const [name, values, offered, shape] of table) {
    assertEquals(shapeOf(codingsOf(values, offered, [deflate])), shape, name);
  }
  assertEquals(shapeOf(noCodings), [0, false, 0, undefined]);
});

Deno.test("codingsOf() needs to know no extension at all", () => {
  const found = codingsOf([name], [name], []);
  assertEquals(shapeOf(found), [0, true, 0x70, undefined]);
});

function decode(codec: ExtensionCodec, rsv: number, first: boolean) {
  const payload = hex("010203");
  const place = { last: true, start: true, offset: 0 };
  const messageType = "binary";
  const piece = { messageType, first, rsv, payload, ...place } as const;
  const decoded = codec.decode(piece, Infinity);
  assert(decoded.status === "valid");
  return decoded.payloads;
}

Deno.test("codingsOf() lets be read what bears no mark of an unknown extension", () => {
  const { client, server } = codingsOf(["x-zip"], undefined, []);
  assertEquals(decode(client.codec!, 0x00, true), [hex("010203")]);
  assertEquals(decode(client.codec!, 0x20, true), []);
  assertEquals(decode(client.codec!, 0x00, false), [], "the same message");
  // The other side has a message of its own.
  assertEquals(decode(server.codec!, 0x00, false), [hex("010203")]);
  assertEquals(decode(client.codec!, 0x00, true), [hex("010203")]);
});

Deno.test("codingsOf() reads what the client sends as a server does, and the other way round", () => {
  const opened: string[] = [];
  const one = (role: string) => ({
    parameters: [],
    open: () => {
      opened.push(role);
      return prefixing(1);
    },
  });
  const extension = {
    ...extensionOf("one"),
    accept: () => one("as a server"),
    confirm: () => one("as a client"),
  };
  const { client, server } = codingsOf(["one"], ["one"], [extension]);
  assertEquals(opened, ["as a server", "as a client"]);
  assert(client.codec !== server.codec);
});

Deno.test("offeredNames() gives the names of all offers, over all lines (R15)", () => {
  assertEquals(offeredNames(["a; x=1, a", "b"]), ["a", "a", "b"]);
  assertEquals(offeredNames([]), []);
  assertEquals(offeredNames(["a; =1"]), []);
});
