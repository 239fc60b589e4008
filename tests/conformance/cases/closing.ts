import {
  close,
  closing,
  continuation,
  type Failure,
  failure,
  frame,
  type Group,
  ping,
  text,
  textItem,
  unfinished,
} from "../conformance_case.ts";
import { hex } from "../../support/hex.ts";
import { joined } from "../wire.ts";

const hello = "Hello World!";
const invalidCode: Failure = [1002, "invalid-close-code"];
const validCodes = [
  ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011],
  ...[3000, 3999, 4000, 4999],
];
const invalidCodes = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];

const longTextBytes = 256 * 1024;
const longText = (): string =>
  "BAsd7&jh23".repeat(longTextBytes / 10 + 1).slice(0, longTextBytes);

/** Group 7. */
export const closingGroup: Group = {
  number: 7,
  title: "Close",
  cases: [
    closing(
      "7.1.1",
      "Text, Close",
      {
        frames: () => [text(hello), close(1000)],
      },
      1000,
      () => [textItem(hello)],
    ),
    closing("7.1.2", "Two Close frames", {
      frames: () => [close(1000), frame(0x8)],
    }, 1000),
    closing("7.1.3", "Close, Ping", {
      frames: () => [close(1000), ping()],
    }, 1000),
    closing("7.1.4", "Close, text", {
      frames: () => [close(1000), text(hello)],
    }, 1000),
    closing("7.1.5", "Text unfinished, Close, continuation", {
      frames: () => [
        text("fragment1", unfinished),
        close(1000),
        continuation("fragment2"),
      ],
    }, 1000),
    // Open in the plan; here what came before the Close has to be answered, also
    // when the end of the first text, the second and the Close come together.
    closing(
      "7.1.6",
      "Text of 256 KiB, text, Close, Ping",
      {
        frames: () => [text(longText()), text(hello), close(1000), ping()],
        chop: { first: longTextBytes },
      },
      1000,
      () => [textItem(longText()), textItem(hello)],
    ),
    closing("7.3.1", "Close without a body", {
      frames: () => [frame(0x8)],
    }, undefined),
    failure("7.3.2", "Close with a body of 1 byte", {
      frames: () => [frame(0x8, "a")],
    }, [1002, "close-body-too-short"]),
    closing("7.3.3", "Close with a code", {
      frames: () => [close(1000)],
    }, 1000),
    closing("7.3.4", "Close with a code and a reason", {
      frames: () => [close(1000, hello)],
    }, 1000),
    closing("7.3.5", "Close with a reason of 123 bytes", {
      frames: () => [close(1000, "*".repeat(123))],
    }, 1000),
    failure("7.3.6", "Close with a reason of 124 bytes", {
      frames: () => [close(1000, "*".repeat(124))],
    }, [1002, "control-frame-too-large"]),
    failure("7.5.1", "Close with a reason that is not UTF-8", {
      frames: () => [
        close(
          1000,
          joined([
            hex("ce ba e1 bd b9 cf 83 ce bc ce b5"),
            hex("ed a0 80"),
            hex("65 64 69 74 65 64"),
          ]),
        ),
      ],
    }, [1007, "invalid-close-reason"]),
    ...validCodes.map((code, at) =>
      closing(`7.7.${at + 1}`, `Close with ${code}, which is valid`, {
        frames: () => [close(code)],
      }, code)
    ),
    ...invalidCodes.map((code, at) =>
      failure(`7.9.${at + 1}`, `Close with ${code}, which is invalid`, {
        frames: () => [close(code)],
      }, invalidCode)
    ),
    // Open in the plan; RFC 6455 §7.4.2 has no codes from 5000 on.
    ...[5000, 65535].map((code, at) =>
      failure(`7.13.${at + 1}`, `Close with ${code}, out of every range`, {
        frames: () => [close(code)],
      }, invalidCode)
    ),
  ],
};
