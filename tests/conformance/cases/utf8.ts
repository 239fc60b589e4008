import {
  type ConformanceCase,
  continuation,
  exchange,
  type Failure,
  failure,
  fragmented,
  type Group,
  receive,
  type Step,
  text,
  textItem,
  unfinished,
} from "../conformance_case.ts";
import { hex, utf8 } from "../../support/hex.ts";
import { joined } from "../wire.ts";
import { utf8Sections } from "./utf8_sequences.ts";

const invalidUtf8: Failure = [1007, "invalid-utf8"];
const mixed = "Hello-µ@ßöäüàá-UTF-8!!";
const greek = hex("ce ba e1 bd b9 cf 83 ce bc ce b5");
/** A surrogate; its second byte, the 13th of all, makes that certain. */
const surrogate = joined([greek, hex("ed a0 80"), utf8("edited")]);
/** U+110000, which there is not; the 13th byte, 90, makes that certain. */
const beyond = joined([greek, hex("f4 90 80 80"), utf8("edited")]);

/** Group 6. */
export const utf8Group: Group = {
  number: 6,
  title: "UTF-8",
  cases: [
    exchange("6.1.1", "Text of 0 bytes", {
      frames: () => [text("")],
    }, () => [textItem("")]),
    exchange("6.1.2", "Text in 3 fragments of 0 bytes", {
      frames: () => [
        text("", unfinished),
        continuation("", unfinished),
        continuation(""),
      ],
    }, () => [textItem("")]),
    exchange("6.1.3", "Text in 3 fragments, the outer ones of 0 bytes", {
      frames: () => [
        text("", unfinished),
        continuation("middle frame payload", unfinished),
        continuation(""),
      ],
    }, () => [textItem("middle frame payload")]),
    exchange("6.2.1", "Valid text", {
      frames: () => [text(mixed)],
    }, () => [textItem(mixed)]),
    exchange("6.2.2", "Valid text in 2 fragments, cut between characters", {
      frames: () => [
        text("Hello-µ@ßöä", unfinished),
        continuation("üàá-UTF-8!!"),
      ],
    }, () => [textItem(mixed)]),
    exchange("6.2.3", "Valid text in fragments of 1 byte", {
      frames: () => fragmented(0x1, utf8(mixed), 1),
    }, () => [textItem(mixed)]),
    exchange("6.2.4", "Valid Greek text in fragments of 1 byte", {
      frames: () => fragmented(0x1, greek, 1),
    }, () => [textItem(greek)]),
    failure("6.3.1", "Invalid text", {
      frames: () => [text(surrogate)],
      fatalByte: 12,
    }, invalidUtf8),
    failure("6.3.2", "Invalid text in fragments of 1 byte", {
      frames: () => fragmented(0x1, surrogate, 1),
      fatalByte: 12,
    }, invalidUtf8),
    failFast("6.4.1", "Invalid in the 2nd of 3 fragments", [
      ...sendFragment(text(beyond.subarray(0, 11), unfinished)),
      { type: "quiet" },
      ...sendFragment(continuation(beyond.subarray(11, 15), unfinished)),
    ]),
    failFast("6.4.2", "Invalid with the only byte of the 2nd fragment", [
      ...sendFragment(text(beyond.subarray(0, 12), unfinished)),
      { type: "quiet" },
      ...sendFragment(continuation(beyond.subarray(12, 13), unfinished)),
    ]),
    failFast("6.4.3", "Invalid in the 2nd of 3 chops of a frame", [
      { type: "send-part", frame: text(beyond), from: 0, to: 11 },
      { type: "quiet" },
      { type: "send-part", frame: text(beyond), from: 11, to: 15 },
    ]),
    failFast("6.4.4", "Invalid with the only byte of the 2nd chop of a frame", [
      { type: "send-part", frame: text(beyond), from: 0, to: 12 },
      { type: "quiet" },
      { type: "send-part", frame: text(beyond), from: 12, to: 13 },
    ]),
    ...utf8Sections.flatMap(({ title, sequences }, section) =>
      sequences.map((digits, at) =>
        sequenceCase(`6.${5 + section}.${at + 1}`, title, hex(digits))
      )
    ),
  ],
};

/** The rest of the message is never sent: the failure must not wait for it. */
function failFast(
  number: string,
  title: string,
  sending: readonly Step[],
): ConformanceCase {
  return {
    number,
    title,
    steps: () => [...sending, receive({ type: "close", code: 1007 })],
    ending: { type: "failed", rule: "invalid-utf8" },
  };
}

function sendFragment(frame: ReturnType<typeof text>): Step[] {
  return [{ type: "send", frames: [frame], chop: "whole" }];
}

function sequenceCase(
  number: string,
  title: string,
  payload: Uint8Array,
): ConformanceCase {
  const fatalByte = fatalByteOf(payload);
  return fatalByte === undefined
    ? exchange(number, `${title} (valid)`, {
      frames: () => [text(payload)],
    }, () => [textItem(payload)])
    : failure(number, `${title} (invalid)`, {
      frames: () => [text(payload)],
      fatalByte,
    }, invalidUtf8);
}

/**
 * The first byte after which nothing could make these valid, or the last one if
 * only the end of the message does; `undefined` if they are valid. As the
 * platform's decoder sees it, of which `lib/` makes no use for this.
 */
function fatalByteOf(bytes: Uint8Array): number | undefined {
  const isRefused = (length: number, stream: boolean) => {
    try {
      new TextDecoder("utf-8", { fatal: true })
        .decode(bytes.subarray(0, length), { stream });
      return false;
    } catch {
      return true;
    }
  };
  const at = bytes.findIndex((_, index) => isRefused(index + 1, true));
  if (at !== -1) return at;
  return isRefused(bytes.length, false) ? bytes.length - 1 : undefined;
}
