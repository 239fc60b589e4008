import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import type { Extension } from "../../lib/extension/extension.ts";
import {
  acceptExtensions,
  confirmExtensions,
  noExtensions,
  offerExtensions,
} from "../../lib/extension/negotiate.ts";
import { hex } from "../support/hex.ts";
import { assertPure } from "../support/purity.ts";
import { extensionOf, prefixing } from "./codecs.ts";

const [rsv1, rsv2, rsv3] = [0x40, 0x20, 0x10] as const;

/** Takes a parameter `good`, or none. */
const isGood: NonNullable<Parameters<typeof extensionOf>[1]>["accepts"] = (
  parameters,
) => parameters.every(([name]) => name === "good");

const a = extensionOf("a", { rsv: rsv1, accepts: isGood });
const alsoA = extensionOf("also-a", { rsv: rsv1 });
const b = extensionOf("b", { rsv: rsv2 });
const plain = extensionOf("plain");

Deno.test("offerExtensions() names every offer of every extension, in order (R15, R79)", () => {
  const many = extensionOf("many", {
    offers: [[["x", "1"], ["y", undefined]], []],
  });
  assertEquals(offerExtensions([many, b]), "many; x=1; y, many, b");
  assertEquals(offerExtensions([b]), "b");
  assertEquals(offerExtensions([]), undefined);
  assertEquals(
    offerExtensions([extensionOf("none", { offers: [] })]),
    undefined,
  );
});

Deno.test("offerExtensions() throws for an offer that no header can hold", () => {
  const wrong = extensionOf("a b");
  assertThrows(() => offerExtensions([wrong]), TypeError);
});

interface NegotiationCase {
  readonly name: string;
  readonly values: readonly string[];
  readonly extensions: readonly Extension[];
  /** What a server answers. */
  readonly accepted: string;
  readonly rsv: number;
  /** What a client makes of the same as an answer: the same, if left out. */
  readonly refused?: readonly [
    code: "unrequested-extension" | "wrong-extension",
    words: string,
  ];
}

const wrong = "wrong-extension";
const unrequested = "unrequested-extension";

/** The table of both sides: what a server declines, a client fails. */
const cases: readonly NegotiationCase[] = [
  {
    name: "nothing",
    values: [],
    extensions: [a],
    accepted: "",
    rsv: 0,
  },
  { name: "one", values: ["a"], extensions: [a, b], accepted: "a", rsv: rsv1 },
  {
    name: "one with a parameter",
    values: ["a; good=1"],
    extensions: [a],
    accepted: "a; good=1",
    rsv: rsv1,
  },
  {
    name: "two, in the order of their use",
    values: ["b, a"],
    extensions: [a, b],
    accepted: "b, a",
    rsv: rsv1 | rsv2,
  },
  {
    name: "two without bits, which conflict with nothing",
    values: ["plain, other"],
    extensions: [plain, extensionOf("other")],
    accepted: "plain, other",
    rsv: 0,
  },
  {
    name: "all three bits",
    values: ["a, b, c"],
    extensions: [a, b, extensionOf("c", { rsv: rsv3 })],
    accepted: "a, b, c",
    rsv: 0x70,
  },
  {
    name: "an unknown one",
    values: ["unknown"],
    extensions: [a],
    accepted: "",
    rsv: 0,
    refused: [unrequested, "unknown"],
  },
  {
    name: "a name in another case",
    values: ["A"],
    extensions: [a],
    accepted: "",
    rsv: 0,
    refused: [unrequested, "A"],
  },
  {
    name: "an unknown one among known ones",
    values: ["x, a, y; z=1, b"],
    extensions: [a, b],
    accepted: "a, b",
    rsv: rsv1 | rsv2,
    refused: [unrequested, "x"],
  },
  {
    name: "none that can be done",
    values: ["a"],
    extensions: [],
    accepted: "",
    rsv: 0,
    refused: [unrequested, "a"],
  },
  {
    name: "parameters that are wrong",
    values: ["a; bad"],
    extensions: [a],
    accepted: "",
    rsv: 0,
    refused: [wrong, "a with what is wrong"],
  },
  {
    name: "a wrong one before a right one",
    values: ["a; bad, a; good"],
    extensions: [a],
    accepted: "a; good",
    rsv: rsv1,
    refused: [wrong, "a with what is wrong"],
  },
  {
    name: "the same twice: the first",
    values: ["a; good=1, a; good=2"],
    extensions: [a],
    accepted: "a; good=1",
    rsv: rsv1,
    refused: [wrong, "a a second time"],
  },
  {
    name: "two that want the same bit: the first (R80)",
    values: ["also-a, a, b"],
    extensions: [a, alsoA, b],
    accepted: "also-a, b",
    rsv: rsv1 | rsv2,
    refused: [wrong, "a beside also-a, which has the same RSV bit"],
  },
  {
    name: "two lines, which only a request may have (R24)",
    values: ["a", "b"],
    extensions: [a, b],
    accepted: "a, b",
    rsv: rsv1 | rsv2,
    refused: [wrong, "2 lines of Sec-WebSocket-Extensions"],
  },
  ...["", ",", "a; =1", "a b", 'a; good="'].map((value) => ({
    name: "what is no list (R73)",
    values: [value],
    extensions: [a],
    accepted: "",
    rsv: 0,
    refused: [wrong, JSON.stringify(value)] as const,
  })),
];

Deno.test("acceptExtensions() takes what it can do, and declines the rest (R34, R74, R80, R81)", () => {
  for (const { name, values, extensions, accepted, rsv } of cases) {
    const found = acceptExtensions(values, extensions);
    assertEquals([found.header, found.rsv], [accepted, rsv], name);
    assertEquals(found.open() === undefined, accepted === "", name);
  }
});

Deno.test("confirmExtensions() takes what was offered, and fails the rest (R21, R24, R73, R80, R82)", () => {
  for (const { name, values, extensions, accepted, rsv, refused } of cases) {
    const found = confirmExtensions(values, extensions);
    if (refused === undefined) {
      assert(!("found" in found), name);
      assertEquals([found.header, found.rsv], [accepted, rsv], name);
      assertEquals(found.open() === undefined, accepted === "", name);
    } else {
      assertEquals(found, { code: refused[0], found: refused[1] }, name);
    }
  }
});

Deno.test("noExtensions is what is agreed on when nothing is", () => {
  assertStrictEquals(acceptExtensions(["a"], []), noExtensions);
  assertStrictEquals(acceptExtensions(["x"], [a]), noExtensions);
  assertStrictEquals(confirmExtensions([], [a]), noExtensions);
  assertEquals([noExtensions.header, noExtensions.rsv], ["", 0]);
  assertEquals(noExtensions.open(), undefined);
});

Deno.test("what is agreed on is applied in the order of the answer, for each connection anew (R74)", () => {
  let opened = 0;
  const codec = (mark: number) => () => {
    opened += 1;
    return prefixing(mark);
  };
  const foo = extensionOf("foo", { codec: codec(0x0f) });
  const bar = extensionOf("bar", { codec: codec(0xba) });
  const accepted = acceptExtensions(["foo, bar"], [bar, foo]);
  const confirmed = confirmExtensions([accepted.header], [bar, foo]);
  assertEquals(opened, 0, "not before there is a connection");
  assert(!("found" in confirmed));
  for (const { open } of [accepted, confirmed]) {
    const { payload } = open()!.encode({
      messageType: "binary",
      first: true,
      last: true,
      payload: hex("01"),
      compress: undefined,
    });
    assertEquals(payload, hex("ba 0f 01"));
  }
  assertEquals(opened, 4);
});

Deno.test("a client confirms what a server accepted of its offers (R34, R74)", () => {
  const extensions = [a, b, plain];
  const accepted = acceptExtensions([offerExtensions(extensions)!], extensions);
  const confirmed = confirmExtensions([accepted.header], extensions);
  assert(!("found" in confirmed));
  assertEquals(confirmed.header, accepted.header);
  assertEquals(confirmed.rsv, accepted.rsv);
});

Deno.test("none of them changes what it is given", () => {
  assertPure("offerExtensions()", offerExtensions, [a, b]);
  const values = ["a; good, x", "b"];
  assertEquals(
    assertPure(
      "header",
      (v: string[]) => acceptExtensions(v, [a, b]).header,
      values,
    ),
    "a; good, b",
  );
});
