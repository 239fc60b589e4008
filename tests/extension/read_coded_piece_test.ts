import { assert, assertEquals } from "@std/assert";
import { permessageDeflate } from "../../lib/deflate/permessage_deflate.ts";
import type { ProtocolErrorCode } from "../../lib/error/protocol_rule.ts";
import type { ExtensionCodec } from "../../lib/extension/extension.ts";
import { acceptExtensions } from "../../lib/extension/negotiate.ts";
import { readCodedPiece } from "../../lib/extension/read_coded_piece.ts";
import {
  decodePieces,
  type PieceDecoding,
} from "../../lib/frame/decode_pieces.ts";
import type {
  MessageProgress,
  PieceLimits,
  ReadPieceResult,
} from "../../lib/message/read_piece.ts";
import { hex } from "../support/hex.ts";
import { forEachSeed } from "../support/random.ts";
import {
  byteByByte,
  concatenated,
  everyCutInTwo,
  randomPieces,
} from "../support/splits.ts";
import { assertViolation } from "../support/violations.ts";
import { halving, prefixing, repeating } from "./codecs.ts";

/** Undoes permessage-deflate as a server does. */
function inflating(): ExtensionCodec {
  return acceptExtensions(["permessage-deflate"], [permessageDeflate()])
    .open()!;
}

/** Gives every piece as nothing. */
function swallowing(): ExtensionCodec {
  return {
    encode: ({ payload }) => ({ payload, rsv: 0 }),
    decode: () => ({ status: "valid", payloads: [] }),
  };
}

interface Read {
  readonly messages: readonly (string | Uint8Array)[];
  readonly results: readonly ReadPieceResult[];
  readonly error: unknown;
}

/** Reads a stream of data frames to the first rule that is broken. */
function readAll(
  chunks: readonly Uint8Array[],
  codec: ExtensionCodec,
  limits: PieceLimits = {},
): Read {
  const messages: (string | Uint8Array)[] = [];
  const results: ReadPieceResult[] = [];
  let parts: (string | Uint8Array)[] = [];
  let progress: MessageProgress | undefined;
  let state: PieceDecoding | undefined;
  for (const chunk of chunks) {
    const decoded = decodePieces(chunk, state, { allowedRsv: 0x70 });
    state = decoded.state;
    for (const piece of decoded.pieces) {
      for (const read of readCodedPiece(piece, progress, limits, codec)) {
        results.push(read);
        if (read.status === "invalid") {
          return { messages, results, error: read.error };
        }
        parts.push(read.data);
        progress = read.last ? undefined : read.progress;
        if (!read.last) continue;
        messages.push(
          read.progress.type === "text"
            ? parts.join("")
            : concatenated(parts as Uint8Array[]),
        );
        parts = [];
      }
    }
  }
  return { messages, results, error: undefined };
}

interface CodedCase {
  readonly name: string;
  readonly wire: Uint8Array;
  readonly codec: () => ExtensionCodec;
  readonly messages: readonly (string | Uint8Array)[];
}

/** The frames of RFC 7692 §7.2.3, and others (R99). */
const codedCases: readonly CodedCase[] = [
  {
    name: "a compressed text (R88, R99)",
    wire: hex("c1 07 f2 48 cd c9 c9 07 00"),
    codec: inflating,
    messages: ["Hello"],
  },
  {
    name: "the same twice, the second time from the window (R96, R99)",
    wire: hex("c1 07 f248cdc9c90700 c1 05 f200110000"),
    codec: inflating,
    messages: ["Hello", "Hello"],
  },
  {
    name: "a compressed text in fragments (R93, R99)",
    wire: hex("41 03 f248cd 80 04 c9c90700"),
    codec: inflating,
    messages: ["Hello"],
  },
  {
    name: "one that is not compressed among others (R88)",
    wire: hex("82 02 0102 c1 07 f248cdc9c90700 81 00"),
    codec: inflating,
    messages: [hex("0102"), "Hello", ""],
  },
  {
    name: "an empty compressed message (R92)",
    wire: hex("c2 01 00"),
    codec: inflating,
    messages: [hex("")],
  },
  {
    name: "one whose last fragment is empty (R47)",
    wire: hex("41 07 f248cdc9c90700 80 00"),
    codec: inflating,
    messages: ["Hello"],
  },
  {
    name: "what an extension makes shorter",
    wire: hex("82 04 01000200 02 01 03 80 01 00"),
    codec: halving,
    messages: [hex("0102"), hex("03")],
  },
  {
    name: "what an extension makes longer, part by part",
    wire: hex("02 02 0102 80 01 03"),
    codec: () => repeating(2),
    messages: [hex("010102020303")],
  },
  {
    name: "pieces of which nothing comes, and which begin and end messages",
    wire: hex("82 02 0102 01 00 80 00"),
    codec: swallowing,
    messages: [hex(""), ""],
  },
  {
    name: "a character whose bytes come apart (R60)",
    wire: hex("01 02 01e2 00 01 98 80 01 ba"),
    codec: () => prefixing(1),
    messages: ["☺"],
  },
];

for (const { name, wire, codec, messages } of codedCases) {
  Deno.test(`readCodedPiece() reads ${name}, cut anywhere`, () => {
    for (const chunks of [[wire], byteByByte(wire), ...everyCutInTwo(wire)]) {
      const label = `cut ${chunks.map((chunk) => chunk.length)}`;
      const read = readAll(chunks, codec());
      assertEquals(read.error, undefined, label);
      assertEquals(read.messages, messages, label);
    }
  });
}

interface BrokenCase {
  readonly name: string;
  readonly wire: Uint8Array;
  readonly codec: () => ExtensionCodec;
  readonly limits?: PieceLimits;
  readonly code: ProtocolErrorCode;
  /** Where, if the stream is not cut. */
  readonly offset: number;
}

const brokenCases: readonly BrokenCase[] = [
  {
    name: "a continuation between messages (R51)",
    wire: hex("80 00"),
    codec: swallowing,
    code: "unexpected-continuation",
    offset: 0,
  },
  {
    name: "a message inside another (R49, R51)",
    wire: hex("01 00 82 00"),
    codec: swallowing,
    code: "interleaved-message",
    offset: 2,
  },
  {
    name: "too many fragments, though nothing comes of them (R76)",
    wire: hex("02 00 00 00 00 00"),
    codec: swallowing,
    limits: { maxFragments: 2 },
    code: "too-many-fragments",
    offset: 6,
  },
  {
    name: "what is over the limit after it was inflated (R76, R98)",
    wire: hex("c2 07 f248cdc9c90700"),
    codec: inflating,
    limits: { maxMessageBytes: 4 },
    code: "message-too-large",
    offset: 2,
  },
  {
    name: "a text over the limit of texts (R76)",
    wire: hex("81 01 61 81 03 616263"),
    codec: () => repeating(1),
    limits: { maxTextBytes: 2 },
    code: "message-too-large",
    offset: 5,
  },
  {
    name: "corrupt data (R98)",
    wire: hex("c2 02 ffff"),
    codec: inflating,
    code: "corrupt-compression",
    offset: 2,
  },
  {
    name: "the bit of a compressed message on a continuation (R88)",
    wire: hex("41 03 f248cd c0 04 c9c90700"),
    codec: inflating,
    code: "reserved-bits",
    offset: 7,
  },
  {
    name: "what is no UTF-8 after decompression (R60, R98)",
    // "\xff" in a stored block.
    wire: hex("c1 07 00 0100feff ff 00"),
    codec: inflating,
    code: "invalid-utf8",
    offset: 2,
  },
  {
    name: "a text that ends inside a character after decompression (R60)",
    wire: hex("c1 07 00 0100feff e2 00"),
    codec: inflating,
    code: "invalid-utf8",
    offset: 2,
  },
  {
    name: "what is no UTF-8 where the extension has changed nothing (R61)",
    wire: hex("81 03 61ff62"),
    codec: inflating,
    code: "invalid-utf8",
    offset: 3,
  },
  {
    name: "what the extension does not understand",
    wire: hex("82 01 02"),
    codec: () => prefixing(1),
    code: "invalid-extension-data",
    offset: 2,
  },
];

for (const { name, wire, codec, limits, code, offset } of brokenCases) {
  Deno.test(`readCodedPiece() refuses ${name}`, () => {
    const { error } = readAll([wire], codec(), limits);
    assertViolation(error, { code, offset }, "in one chunk");
    for (const chunks of [byteByByte(wire), ...everyCutInTwo(wire)]) {
      const { error } = readAll(chunks, codec(), limits) as {
        error: { readonly code: string };
      };
      const label = `cut ${chunks.map((chunk) => chunk.length)}`;
      assertEquals(error.code, code, label);
    }
  });
}

Deno.test("readCodedPiece() takes as much as the limits say, after decompression (R76)", () => {
  const limits = { maxMessageBytes: 5, maxFragments: 2 };
  const wire = hex("41 03 f248cd 80 04 c9c90700");
  assertEquals(readAll([wire], inflating(), limits).messages, ["Hello"]);
});

Deno.test("readCodedPiece() counts what came of a message, not what was declared", () => {
  const { results } = readAll(
    byteByByte(hex("02 02 0102 80 01 03")),
    repeating(3),
  );
  const counts = results.map((read) =>
    read.status === "valid" ? read.progress.byteLength : -1
  );
  // An empty piece at the beginning of a frame, then a byte each.
  assertEquals(counts.at(-1), 9);
  assertEquals(counts.toSorted((a, b) => a - b), counts);
});

Deno.test("readCodedPiece() judges a part when it is asked for, and stops at the first that is wrong", () => {
  const codec: ExtensionCodec = {
    encode: ({ payload }) => ({ payload, rsv: 0 }),
    decode: () => ({
      status: "valid",
      payloads: [hex("61"), hex("ff"), hex("62")],
    }),
  };
  const { results } = readAll([hex("81 01 00 81 01 00")], codec);
  assertEquals(results.map(({ status }) => status), ["valid", "invalid"]);
});

Deno.test("readCodedPiece() ends a message with the last part of its last piece, and no other", () => {
  const { results } = readAll([hex("02 02 0102 80 02 0304")], repeating(2));
  const lasts = results.map((read) => read.status === "valid" && read.last);
  assertEquals(lasts, [false, false, false, true]);
});

Deno.test("readCodedPiece() tells the codec how much more the message may have (R98)", () => {
  const asked: number[] = [];
  const codec: ExtensionCodec = {
    encode: ({ payload }) => ({ payload, rsv: 0 }),
    decode: ({ payload }, maxBytes) => {
      asked.push(maxBytes);
      return { status: "valid", payloads: [payload, payload] };
    },
  };
  const wire = hex("02 02 0102 80 01 03 81 00");
  readAll([wire], codec, { maxMessageBytes: 20, maxTextBytes: 7 });
  assertEquals(asked, [20, 16, 7]);
});

Deno.test("readCodedPiece() reads what permessage-deflate wrote, cut anywhere (R90, R96)", () => {
  forEachSeed((random) => {
    const extensions = [permessageDeflate({ thresholdBytes: 0 })];
    const codec = acceptExtensions(["permessage-deflate"], extensions).open()!;
    const said = Array.from(
      { length: 4 },
      () => random.bytes(random.integer(0, 60)),
    );
    const wire = concatenated(said.map((data) => {
      const { payload, rsv } = codec.encode({
        messageType: "binary",
        first: true,
        last: true,
        payload: data,
        compress: true,
      });
      const header = Uint8Array.of(0x82 | rsv, payload.length);
      return concatenated([header, payload]);
    }));
    const { messages, error } = readAll(
      randomPieces(wire, random),
      inflating(),
    );
    assert(error === undefined, String(error));
    assertEquals(messages, said);
  });
});
