import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Role } from "../../lib/frame/frame.ts";
import type { ParseFrameOptions } from "../../lib/frame/parse_frame.ts";
import {
  describeFrame,
  type FrameFact,
} from "../../lib/inspect/describe_frame.ts";
import { brokenHeaderCases } from "../support/broken_header_cases.ts";
import { frameCases } from "../support/frame_cases.ts";
import { hex } from "../support/hex.ts";
import { assertPure } from "../support/purity.ts";
import { concatenated } from "../support/splits.ts";

const descriptions: readonly {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly options?: ParseFrameOptions;
  readonly facts: readonly FrameFact[];
}[] = [
  {
    name: "a masked text, RFC 6455 §5.3",
    bytes: hex("81 89 32fd435f 41922e3a46952a3155"),
    facts: [
      ["Frame", "text, FIN, 9 bytes of payload, 15 on the wire"],
      ["Masking key", "32 fd 43 5f"],
      ["Masked", "41 92 2e 3a 46 95 2a 31 55"],
      ["Unmasked", "73 6f 6d 65 74 68 69 6e 67"],
      ["Text", '"something"'],
    ],
  },
  {
    name: "an unmasked fragment, RFC 6455 §5.7",
    bytes: hex("01 03 48656c"),
    facts: [
      [
        "Frame",
        "text, more fragments follow, 3 bytes of payload, 5 on the wire",
      ],
      ["Payload", "48 65 6c"],
      ["Text", '"Hel"'],
    ],
  },
  {
    name: "a text with controls in it",
    bytes: hex("81 03 0a 22 1b"),
    facts: [
      ["Frame", "text, FIN, 3 bytes of payload, 5 on the wire"],
      ["Payload", "0a 22 1b"],
      ["Text", '"\\n\\"\\u001b"'],
    ],
  },
  {
    name: "a text that is not UTF-8",
    bytes: hex("81 01 ff"),
    facts: [
      ["Frame", "text, FIN, 1 byte of payload, 3 on the wire"],
      ["Payload", "ff"],
    ],
  },
  {
    name: "a fragment that ends inside a character",
    bytes: hex("01 02 61c3"),
    facts: [
      [
        "Frame",
        "text, more fragments follow, 2 bytes of payload, 4 on the wire",
      ],
      ["Payload", "61 c3"],
    ],
  },
  {
    name: "binary, which is not read as text",
    bytes: hex("82 02 4869"),
    facts: [
      ["Frame", "binary, FIN, 2 bytes of payload, 4 on the wire"],
      ["Payload", "48 69"],
    ],
  },
  {
    name: "more than 24 bytes",
    bytes: concatenated([hex("82 1a"), new Uint8Array(26)]),
    facts: [
      ["Frame", "binary, FIN, 26 bytes of payload, 28 on the wire"],
      ["Payload", `${new Array(24).fill("00").join(" ")} … 2 bytes more`],
    ],
  },
  {
    name: "25 bytes",
    bytes: concatenated([hex("82 19"), new Uint8Array(25)]),
    facts: [
      ["Frame", "binary, FIN, 25 bytes of payload, 27 on the wire"],
      ["Payload", `${new Array(24).fill("00").join(" ")} … 1 byte more`],
    ],
  },
  {
    name: "an empty Ping",
    bytes: hex("89 00"),
    facts: [
      ["Frame", "ping, FIN, 0 bytes of payload, 2 on the wire"],
      ["Payload", "none"],
    ],
  },
  {
    name: "an empty masked Pong",
    bytes: hex("8a 80 01020304"),
    facts: [
      ["Frame", "pong, FIN, 0 bytes of payload, 6 on the wire"],
      ["Masking key", "01 02 03 04"],
      ["Masked", "none"],
      ["Unmasked", "none"],
    ],
  },
  {
    name: "a Close with a code and a reason",
    bytes: hex("88 05 0fa0 627965"),
    facts: [
      ["Frame", "close, FIN, 5 bytes of payload, 7 on the wire"],
      ["Payload", "0f a0 62 79 65"],
      ["Close code", "4000 private use"],
      ["Reason", '"bye"'],
    ],
  },
  {
    name: "a masked Close with a code",
    bytes: hex("88 82 37fa213d 3412"),
    facts: [
      ["Frame", "close, FIN, 2 bytes of payload, 8 on the wire"],
      ["Masking key", "37 fa 21 3d"],
      ["Masked", "34 12"],
      ["Unmasked", "03 e8"],
      ["Close code", "1000 Normal Closure"],
    ],
  },
  {
    name: "a Close without a code",
    bytes: hex("88 00"),
    facts: [
      ["Frame", "close, FIN, 0 bytes of payload, 2 on the wire"],
      ["Payload", "none"],
      ["Close code", "1005 No Status Rcvd"],
    ],
  },
  {
    name: "the first byte",
    bytes: hex("81"),
    facts: [["Frame", "not whole yet: 1 of at least 2 bytes"]],
  },
  {
    name: "a length that has not arrived",
    bytes: hex("82 fe 01"),
    facts: [["Frame", "not whole yet: 3 of at least 4 bytes"]],
  },
  {
    name: "a payload that has not arrived",
    bytes: hex("81 85 37fa213d 7f"),
    facts: [["Frame", "not whole yet: 7 of at least 11 bytes"]],
  },
];

Deno.test("describeFrame() says what a frame is (R37, R40, R47, R55, R67)", () => {
  for (const { name, bytes, options, facts } of descriptions) {
    const found = assertPure(name, describeFrame, bytes, options);
    assertEquals(found, [...facts], name);
  }
});

Deno.test("describeFrame() says nothing of what comes after the frame", () => {
  for (const { name, bytes, facts } of descriptions) {
    if (facts[0]?.[1].startsWith("not whole")) continue;
    const more = concatenated([bytes, hex("89 00 ff")]);
    assertEquals(describeFrame(more), [...facts], name);
  }
});

Deno.test("describeFrame() names the rule that a frame breaks (R37 to R40, R54, R76)", () => {
  for (
    const { name, wire, options, code, closeCode, section } of brokenHeaderCases
  ) {
    const facts = describeFrame(wire, options);
    assertEquals(
      facts[0],
      ["Frame", `broken rule ${code}, close code ${closeCode}`],
      name,
    );
    assertEquals(facts.length, 2, name);
    assertEquals(facts[1]![0], "Error", name);
    assert(facts[1]![1].includes(section), name);
  }
});

const brokenCloses = [
  [hex("88 01 03"), "a body of 1 byte"],
  [hex("88 02 03ed"), "close code 1005"],
  [hex("88 03 03e8 ff"), "cannot be UTF-8"],
] as const;

Deno.test("describeFrame() says what is wrong with the body of a Close (R55, R60, R72)", () => {
  for (const [bytes, words] of brokenCloses) {
    const facts = describeFrame(bytes);
    assertEquals(facts.map(([name]) => name), ["Frame", "Payload", "Error"]);
    assert(facts[2]![1].includes(words), facts[2]![1]);
  }
});

Deno.test("describeFrame() names opcode and sizes of any frame (R40)", () => {
  for (const { name, wire, frame } of frameCases) {
    const facts = describeFrame(wire, { allowedRsv: 0x70 });
    const { length } = frame.payload;
    const end = frame.fin ? "FIN" : "more fragments follow";
    const bytes = `${length} ${length === 1 ? "byte" : "bytes"}`;
    const summary = `${end}, ${bytes} of payload, ${wire.length} on the wire`;
    assertEquals(facts[0]![0], "Frame", name);
    assert(facts[0]![1].endsWith(`, ${summary}`), `${name}: ${facts[0]![1]}`);
  }
});

Deno.test("describeFrame() throws as parseFrame() does", () => {
  assertThrows(
    () => describeFrame("8100" as unknown as Uint8Array),
    TypeError,
  );
  assertThrows(
    () => describeFrame(hex("8100"), { role: "peer" as unknown as Role }),
    TypeError,
  );
  assertThrows(
    () => describeFrame(hex("8100"), { maxPayloadBytes: -1 }),
    RangeError,
  );
});
