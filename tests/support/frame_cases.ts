import { type Frame, Opcode } from "../../lib/frame/frame.ts";
import { edgeLengths, frameOf } from "./frames.ts";
import { hex, utf8 } from "./hex.ts";
import { concatenated } from "./splits.ts";

/** One frame, as a value and as it stands on the wire. */
export interface FrameCase {
  /** What is special about it. */
  readonly name: string;
  /** Where the bytes are from, or which section they show. */
  readonly source: string;
  /** All the bytes of the frame. */
  readonly wire: Uint8Array;
  /** The same frame as a value. */
  readonly frame: Frame;
  /** The RSV bits that have to be allowed to read it; none if left out. */
  readonly allowedRsv?: number;
}

const ascending = Uint8Array.from({ length: 65536 }, (_, at) => at % 251);
const rfcKey = hex("37fa213d");

const vectors: readonly FrameCase[] = [
  {
    name: "an unmasked text",
    source: "RFC 6455 §5.7",
    wire: hex("81 05 48 65 6c 6c 6f"),
    // 1000 0001  0000 0101  H  e  l  l  o
    // FRRR oooo  Mlll llll
    frame: frameOf({ opcode: Opcode.text, payload: utf8("Hello") }),
  },
  {
    name: "a masked text",
    source: "RFC 6455 §5.7",
    wire: hex("81 85 37 fa 21 3d 7f 9f 4d 51 58"),
    // 1000 0001  1000 0101  masking key  H^37 e^fa l^21 l^3d o^37
    // FRRR oooo  Mlll llll
    frame: frameOf({
      opcode: Opcode.text,
      maskingKey: rfcKey,
      payload: utf8("Hello"),
    }),
  },
  {
    name: "the first fragment of a text",
    source: "RFC 6455 §5.7",
    wire: hex("01 03 48 65 6c"),
    // 0000 0001  0000 0011  H  e  l
    // FRRR oooo  Mlll llll
    frame: frameOf({ fin: false, opcode: Opcode.text, payload: utf8("Hel") }),
  },
  {
    name: "the last fragment of a text",
    source: "RFC 6455 §5.7",
    wire: hex("80 02 6c 6f"),
    // 1000 0000  0000 0010  l  o
    // FRRR oooo  Mlll llll
    frame: frameOf({ opcode: Opcode.continuation, payload: utf8("lo") }),
  },
  {
    name: "an unmasked Ping",
    source: "RFC 6455 §5.7",
    wire: hex("89 05 48 65 6c 6c 6f"),
    // 1000 1001  0000 0101  H  e  l  l  o
    // FRRR oooo  Mlll llll
    frame: frameOf({ opcode: Opcode.ping, payload: utf8("Hello") }),
  },
  {
    name: "a masked Pong",
    source: "RFC 6455 §5.7",
    wire: hex("8a 85 37 fa 21 3d 7f 9f 4d 51 58"),
    // 1000 1010  1000 0101  masking key  H^37 e^fa l^21 l^3d o^37
    // FRRR oooo  Mlll llll
    frame: frameOf({
      opcode: Opcode.pong,
      maskingKey: rfcKey,
      payload: utf8("Hello"),
    }),
  },
  {
    name: "256 bytes of binary",
    source: "RFC 6455 §5.7",
    wire: concatenated([hex("82 7e 01 00"), ascending.subarray(0, 256)]),
    // 1000 0010  0111 1110  0x0100
    // FRRR oooo  Mlll llll  16 bits of length
    frame: frameOf({
      opcode: Opcode.binary,
      payload: ascending.subarray(0, 256),
    }),
  },
  {
    name: "64 KiB of binary",
    source: "RFC 6455 §5.7",
    wire: concatenated([hex("82 7f 00 00 00 00 00 01 00 00"), ascending]),
    // 1000 0010  0111 1111  0x0000000000010000
    // FRRR oooo  Mlll llll  64 bits of length
    frame: frameOf({ opcode: Opcode.binary, payload: ascending }),
  },
  {
    name: "a masked text longer than its key",
    source: "RFC 6455 §5.3",
    wire: hex("81 89 32fd435f 41922e3a46952a3155"),
    frame: frameOf({
      opcode: Opcode.text,
      maskingKey: hex("32fd435f"),
      payload: utf8("something"),
    }),
  },
  {
    name: "an empty Close",
    source: "RFC 6455 §5.5.1",
    wire: hex("88 00"),
    frame: frameOf({ opcode: Opcode.close, payload: hex("") }),
  },
  {
    name: "a masked Close with code 1000",
    source: "RFC 6455 §5.5.1",
    wire: hex("88 82 37fa213d 3412"),
    frame: frameOf({
      opcode: Opcode.close,
      maskingKey: rfcKey,
      payload: hex("03e8"),
    }),
  },
  {
    name: "an empty fragment in the middle",
    source: "RFC 6455 §5.4",
    wire: hex("00 00"),
    frame: frameOf({
      fin: false,
      opcode: Opcode.continuation,
      payload: hex(""),
    }),
  },
  {
    name: "a key of zeros, which changes nothing",
    source: "RFC 6455 §5.3",
    wire: hex("82 83 00000000 010203"),
    frame: frameOf({
      opcode: Opcode.binary,
      maskingKey: hex("00000000"),
      payload: hex("010203"),
    }),
  },
];

const withRsv: readonly FrameCase[] = [
  {
    name: "RSV1",
    source: "RFC 7692 §7.2.3.1",
    wire: hex("c1 07 f2 48 cd c9 c9 07 00"),
    // 1100 0001  0000 0111  "Hello" in DEFLATE
    // FRRR oooo  Mlll llll
    frame: frameOf({
      rsv1: true,
      opcode: Opcode.text,
      payload: hex("f248cdc9c90700"),
    }),
    allowedRsv: 0x40,
  },
  {
    name: "RSV2",
    source: "RFC 6455 §5.2",
    wire: hex("a2 00"),
    // 1010 0010  0000 0000
    // FRRR oooo  Mlll llll
    frame: frameOf({ rsv2: true, opcode: Opcode.binary, payload: hex("") }),
    allowedRsv: 0x20,
  },
  {
    name: "RSV3",
    source: "RFC 6455 §5.2",
    wire: hex("92 00"),
    // 1001 0010  0000 0000
    // FRRR oooo  Mlll llll
    frame: frameOf({ rsv3: true, opcode: Opcode.binary, payload: hex("") }),
    allowedRsv: 0x10,
  },
  {
    name: "all three RSV bits, without FIN",
    source: "RFC 6455 §5.2",
    wire: hex("72 00"),
    // 0111 0010  0000 0000
    // FRRR oooo  Mlll llll
    frame: frameOf({
      fin: false,
      rsv1: true,
      rsv2: true,
      rsv3: true,
      opcode: Opcode.binary,
      payload: hex(""),
    }),
    allowedRsv: 0x70,
  },
];

/** The second byte and the length after it, for the lengths at the edges. */
const edgeHeaders: Readonly<Record<number, string>> = {
  0: "00",
  125: "7d",
  126: "7e 007e",
  127: "7e 007f",
  65535: "7e ffff",
  65536: "7f 0000000000010000",
};

const unmaskedEdges: readonly FrameCase[] = edgeLengths.map((length) => ({
  name: `${length} bytes, unmasked`,
  source: "RFC 6455 §5.2",
  wire: concatenated([
    hex(`82 ${edgeHeaders[length]}`),
    ascending.subarray(0, length),
  ]),
  frame: frameOf({
    opcode: Opcode.binary,
    payload: ascending.subarray(0, length),
  }),
}));

const maskedEdges: readonly FrameCase[] = unmaskedEdges.map((edge) => {
  const { payload } = edge.frame;
  const header = edge.wire.slice(0, edge.wire.length - payload.length);
  header[1]! |= 0x80;
  const masked = payload.map((byte, at) => byte ^ rfcKey[at % 4]!);
  return {
    name: `${payload.length} bytes, masked`,
    source: edge.source,
    wire: concatenated([header, rfcKey, masked]),
    frame: { ...edge.frame, maskingKey: rfcKey },
  };
});

/** The table that drives reading and writing alike. */
export const frameCases: readonly FrameCase[] = [
  ...vectors,
  ...withRsv,
  ...unmaskedEdges,
  ...maskedEdges,
];
