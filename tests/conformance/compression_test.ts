import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  compressedPayloads,
  compressionParameters,
} from "./cases/compression.ts";
import { compressedFrames, type ConformanceCase } from "./conformance_case.ts";
import {
  answerHeader,
  judgeAnswer,
  judgeOffer,
  offerHeader,
} from "./deflate_handshake.ts";
import { bitmap, html, json, payloadOf, pdf, prose } from "./payloads.ts";
import { createItemReader, joined, writeFrame } from "./wire.ts";
import {
  createDeflater,
  createInflate,
  type DeflateParameters,
} from "./wire_deflate.ts";

const hello = new TextEncoder().encode("Hello, hello, hello, world!");

function parameters(
  noContextTakeover: boolean,
  maxWindowBits?: number | "any",
): DeflateParameters {
  return { noContextTakeover, maxWindowBits };
}

/** What the tester sends for these messages, one after the other. */
async function deflated(
  by: DeflateParameters,
  ...messages: readonly Uint8Array[]
): Promise<Uint8Array[]> {
  const deflater = createDeflater(by);
  const payloads: Uint8Array[] = [];
  for (const message of messages) {
    payloads.push(await deflater.deflate(message));
  }
  deflater.close();
  return payloads;
}

/** Bytes that begin and end alike, so far apart. */
function repeatedAfter(distance: number): Uint8Array {
  const bytes = payloadOf(pdf, 1, distance + 100);
  bytes.copyWithin(distance, 0, 100);
  return bytes;
}

Deno.test("the tester compresses as RFC 7692 §7.2.3 shows", async () => {
  const example = new TextEncoder().encode("Hello");
  const payloads = await deflated(parameters(false), example, example);
  assertEquals(payloads, [
    Uint8Array.of(0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00),
    Uint8Array.of(0xf2, 0x00, 0x11, 0x00, 0x00),
  ]);
});

Deno.test("the tester reads what it compressed, over many messages", async () => {
  const all = [parameters(false), parameters(true), parameters(false, 9)];
  for (const one of [...all, parameters(true, 9), parameters(false, "any")]) {
    const messages = [json, bitmap, prose, html, pdf].flatMap((kind) =>
      [16, 1024, 131072].map((length) => payloadOf(kind, 1, length))
    );
    const inflate = createInflate(one);
    for (const [at, payload] of (await deflated(one, ...messages)).entries()) {
      assertEquals(inflate(payload), messages[at]);
    }
  }
});

Deno.test("the tester takes its context over where that is agreed on", async () => {
  const [first, second] = await deflated(parameters(false), hello, hello);
  assert(second!.length < first!.length);
  const [, again] = await deflated(parameters(true), hello, hello);
  assertEquals(again, first);
});

Deno.test("the tester refuses a context that was to be let go", async () => {
  const payloads = await deflated(parameters(false), hello, hello);
  const inflate = createInflate(parameters(true));
  inflate(payloads[0]!);
  assertThrows(() => inflate(payloads[1]!), Error, "too far back");
});

Deno.test("the tester refuses a window larger than agreed on", async () => {
  // Within a message, and from one message to the next.
  const far = repeatedAfter(700);
  const messages = [far, far.subarray(0, 200)];
  const payloads = await deflated(parameters(false), ...messages);
  const inflateOne = (at: number, maxWindowBits: number) => () => {
    const inflate = createInflate(parameters(false, maxWindowBits));
    // A part of the first, which looks back nowhere itself.
    if (at === 1) inflate(stored(far));
    return inflate(payloads[at]!);
  };
  for (const at of [0, 1]) {
    assertEquals(inflateOne(at, 10)(), messages[at]);
    assertThrows(inflateOne(at, 9), Error, "too far back");
  }
});

/** A message that is not compressed, in the form of one that is. */
function stored(data: Uint8Array): Uint8Array {
  const [low, high] = [data.length & 0xff, data.length >> 8];
  const header = Uint8Array.of(0, low, high, ~low, ~high);
  return joined([header, data, Uint8Array.of(0)]);
}

Deno.test("the tester's reader takes compressed messages, cut anywhere", async () => {
  const [payload] = await deflated(parameters(false), hello);
  for (const fragmentBytes of [undefined, 5]) {
    const bytes = joined(
      compressedFrames("text", payload!, fragmentBytes)
        .map((frame) => writeFrame(frame, "server")),
    );
    for (let cut = 0; cut <= bytes.length; cut++) {
      const inflate = createInflate(parameters(false));
      const reader = createItemReader("server", inflate);
      reader.push(bytes.subarray(0, cut));
      const early = reader.next();
      reader.push(bytes.subarray(cut));
      assertEquals(early ?? reader.next(), {
        type: "text",
        data: hello,
        isCompressed: true,
      });
    }
  }
});

Deno.test("the tester's reader refuses RSV1 where it means nothing", () => {
  const illegal = [
    [0x01, 0x00, 0xc0, 0x00],
    [0x41, 0x00, 0xc0, 0x00],
    [0xc9, 0x00],
    [0xc8, 0x00],
    [0xe1, 0x00],
    [0xa1, 0x00],
  ];
  for (const bytes of illegal) {
    const reader = createItemReader("server", createInflate(parameters(false)));
    reader.push(Uint8Array.from(bytes));
    assertThrows(() => reader.next(), Error, "RSV bits set");
  }
});

Deno.test("the tester offers and answers as the plan's parameters say", () => {
  assertEquals(
    [...compressedPayloads.cases, ...compressionParameters.cases]
      .filter(({ number }) => /\.1$/.test(number))
      .map(({ number, deflate }) => [number, offerHeader(deflate!)]),
    [
      ...[1, 2, 3, 4, 5].map((section) => [
        `12.${section}.1`,
        "permessage-deflate; client_max_window_bits",
      ]),
      ["13.1.1", "permessage-deflate"],
      ["13.2.1", withWords("no_context_takeover")],
      ["13.3.1", withWords("max_window_bits=9")],
      ["13.4.1", withWords("max_window_bits=15")],
      ["13.5.1", withWords("no_context_takeover", "max_window_bits=9")],
      ["13.6.1", withWords("no_context_takeover", "max_window_bits=15")],
      [
        "13.7.1",
        [
          withWords("no_context_takeover", "max_window_bits=9"),
          withWords("no_context_takeover"),
          "permessage-deflate",
        ].join(", "),
      ],
    ],
  );
});

function withWords(...words: readonly string[]): string {
  const of = (side: string) =>
    words.map((word) => `; ${side}_${word}`).join("");
  return `permessage-deflate${of("server")}${of("client")}`;
}

Deno.test("the tester judges answers", () => {
  const small = parameters(true, 9);
  const whole = "permessage-deflate; server_max_window_bits=9; " +
    "client_max_window_bits=9; server_no_context_takeover; " +
    "client_no_context_takeover";
  const right: [DeflateParameters, string][] = [
    [parameters(false), "permessage-deflate"],
    [parameters(false, "any"), "permessage-deflate"],
    [small, whole],
    [small, answerHeader(small)],
    [parameters(false, 15), "permessage-deflate; server_max_window_bits=15"],
    [parameters(false, 15), answerHeader(parameters(false, 15))],
  ];
  for (const [offered, header] of right) {
    assertEquals(judgeAnswer(header, offered), undefined);
  }
  const wrong: [DeflateParameters, string][] = [
    [parameters(false), ""],
    [parameters(false), "permessage-bzip2"],
    [parameters(false), "permessage-deflate; client_max_window_bits=15"],
    [parameters(false), "permessage-deflate, permessage-deflate"],
    [parameters(false, 15), "permessage-deflate"],
    [small, whole.replace("=9", "=10")],
    [small, whole.replace("; server_no_context_takeover", "")],
    [small, `${whole}; client_no_context_takeover`],
  ];
  for (const [offered, header] of wrong) {
    assert(judgeAnswer(header, offered)?.includes(`saw "${header}"`), header);
  }
});

Deno.test("the tester judges offers", () => {
  const right = "permessage-deflate; client_max_window_bits";
  assertEquals(judgeOffer(right), undefined);
  assertEquals(
    judgeOffer("permessage-deflate"),
    `handshake: expected the extensions "${right}", saw "permessage-deflate"`,
  );
});

Deno.test("payloads have the length asked for, and texts are UTF-8", () => {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for (const kind of [json, bitmap, prose, html, pdf]) {
    for (const length of [16, 64, 1024, 131072]) {
      for (let index = 0; index < 20; index++) {
        const payload = payloadOf(kind, index, length);
        assertEquals(payload.length, length);
        if (kind.type === "text") decoder.decode(payload);
      }
    }
  }
});

Deno.test("payloads compress well, badly, and not at all", async () => {
  const sizes = [json, bitmap, prose, html, pdf].map(async (kind) => {
    const [payload] = await deflated(
      parameters(false),
      payloadOf(kind, 0, 131072),
    );
    return Math.round(100 * payload!.length / 131072);
  });
  const [ofJson, ofBitmap, ofProse, ofHtml, ofPdf] = await Promise.all(sizes);
  assert(ofJson! < 35 && ofProse! < 35 && ofHtml! < 35);
  assert(ofBitmap! > 50 && ofBitmap! < 95);
  assert(ofPdf! > 98);
});

Deno.test("cases send as many messages as the plan, or 1 MiB", () => {
  const bytes = ({ steps }: ConformanceCase) =>
    steps().flatMap((step) =>
      step.type === "send-compressed" ? [step.message.data.length] : []
    );
  const sent = compressionParameters.cases.slice(0, 18).map(bytes);
  assertEquals(
    sent.map((lengths) => [lengths.length, lengths[0]]),
    [
      ...[[1000, 16], [1000, 64], [1000, 256], [1000, 1024], [256, 4096]],
      ...[[128, 8192], [64, 16384], [32, 32768], [16, 65536], [8, 131072]],
      ...[[128, 8192], [64, 16384], [32, 32768], [16, 65536], [8, 131072]],
      ...[[8, 131072], [8, 131072], [8, 131072]],
    ],
  );
});
