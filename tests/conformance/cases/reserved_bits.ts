import {
  type Failure,
  failure,
  frame,
  type Group,
  ping,
  text,
  textItem,
} from "../conformance_case.ts";

const hello = "Hello, world!";
const reservedBits: Failure = [1002, "reserved-bits"];
const around = (rsv: number) => () => [
  text(hello),
  text(hello, { rsv }),
  ping(),
];

/** Group 3. */
export const reservedBitsGroup: Group = {
  number: 3,
  title: "Reserved bits",
  cases: [
    failure("3.1", "Text with RSV = 1", {
      frames: () => [text(hello, { rsv: 1 })],
    }, reservedBits),
    failure(
      "3.2",
      "Text, text with RSV = 2, Ping",
      { frames: around(2) },
      reservedBits,
      [textItem(hello)],
    ),
    failure(
      "3.3",
      "Text, text with RSV = 3, Ping, frame by frame",
      { frames: around(3), chop: "frames" },
      reservedBits,
      [textItem(hello)],
    ),
    failure(
      "3.4",
      "Text, text with RSV = 4, Ping, octet by octet",
      { frames: around(4), chop: 1 },
      reservedBits,
      [textItem(hello)],
    ),
    failure("3.5", "Binary with RSV = 5", {
      frames: () => [
        frame(
          0x2,
          Uint8Array.of(0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff),
          { rsv: 5 },
        ),
      ],
    }, reservedBits),
    failure("3.6", "Ping with RSV = 6", {
      frames: () => [frame(0x9, hello, { rsv: 6 })],
    }, reservedBits),
    failure("3.7", "Close with RSV = 7", {
      frames: () => [frame(0x8, "", { rsv: 7 })],
    }, reservedBits),
  ],
};
