import {
  type Chop,
  closeNormally,
  type ConformanceCase,
  continuation,
  exchange,
  type Failure,
  failure,
  frame,
  type Group,
  ping,
  pongItem,
  receive,
  text,
  textItem,
  unfinished,
} from "../conformance_case.ts";

const fragmentedControl: Failure = [1002, "fragmented-control-frame"];
const nothingToContinue: Failure = [1002, "unexpected-continuation"];

/** Three ways to cut the same frames, for three cases in a row. */
const chops: readonly (readonly [Chop, string])[] = [
  ["whole", ""],
  ["frames", ", frame by frame"],
  [1, ", octet by octet"],
];

/** Group 5. */
export const fragmentation: Group = {
  number: 5,
  title: "Fragmentation",
  cases: [
    failure("5.1", "Ping in 2 fragments", {
      frames: () => [
        frame(0x9, "fragment1", unfinished),
        continuation("fragment2"),
      ],
    }, fragmentedControl),
    failure("5.2", "Pong in 2 fragments", {
      frames: () => [
        frame(0xa, "fragment1", unfinished),
        continuation("fragment2"),
      ],
    }, fragmentedControl),
    ...chops.map(([chop, how], at) =>
      exchange(`5.${3 + at}`, `Text in 2 fragments${how}`, {
        frames:
          () => [text("fragment1", unfinished), continuation("fragment2")],
        chop,
      }, () => [textItem("fragment1fragment2")])
    ),
    ...chops.map(([chop, how], at) =>
      exchange(
        `5.${6 + at}`,
        `Text in 2 fragments, a Ping between them${how}`,
        {
          frames: () => [
            text("fragment1", unfinished),
            ping("ping payload"),
            continuation("fragment2"),
          ],
          chop,
        },
        () => [pongItem("ping payload"), textItem("fragment1fragment2")],
      )
    ),
    ...chops.map(([chop, how], at) =>
      failure(`5.${9 + at}`, `Continuation of nothing with FIN, text${how}`, {
        frames: () => [
          continuation("non-continuation payload"),
          text("Hello, world!"),
        ],
        chop,
      }, nothingToContinue)
    ),
    ...chops.map(([chop, how], at) =>
      failure(
        `5.${12 + at}`,
        `Continuation of nothing without FIN, text${how}`,
        {
          frames: () => [
            continuation("non-continuation payload", unfinished),
            text("Hello, world!"),
          ],
          chop,
        },
        nothingToContinue,
      )
    ),
    failure(
      "5.15",
      "Text in 2 fragments, continuation of nothing without FIN, text",
      {
        frames: () => [
          text("fragment1", unfinished),
          continuation("fragment2"),
          continuation("fragment3", unfinished),
          text("fragment4"),
        ],
      },
      nothingToContinue,
      [textItem("fragment1fragment2")],
    ),
    failure(
      "5.16",
      "Twice: continuation of nothing without FIN, text in 2 fragments",
      { frames: () => twiceAfter(continuation("fragment1", unfinished)) },
      nothingToContinue,
    ),
    failure(
      "5.17",
      "Twice: continuation of nothing with FIN, text in 2 fragments",
      { frames: () => twiceAfter(continuation("fragment1")) },
      nothingToContinue,
    ),
    failure("5.18", "Text in 2 fragments, both with opcode 1", {
      frames: () => [text("fragment1", unfinished), text("fragment2")],
    }, [1002, "interleaved-message"]),
    fiveFragments("5.19", "whole", ""),
    fiveFragments("5.20", "frames", ", frame by frame"),
  ],
};

function twiceAfter(stray: ReturnType<typeof frame>) {
  const once = [
    stray,
    text("fragment2", unfinished),
    continuation("fragment3"),
  ];
  return [...once, ...once];
}

/** The first Ping has to be answered while the message is still unfinished. */
function fiveFragments(
  number: string,
  chop: Chop,
  how: string,
): ConformanceCase {
  const first = [
    text("fragment1", unfinished),
    continuation("fragment2", unfinished),
    ping("pongme 1!"),
  ];
  const second = [
    continuation("fragment3", unfinished),
    continuation("fragment4", unfinished),
    ping("pongme 2!"),
    continuation("fragment5"),
  ];
  return {
    number,
    title: `Text in 5 fragments, a Ping after the 2nd and the 4th${how}`,
    steps: () => [
      { type: "send", frames: first, chop },
      receive(pongItem("pongme 1!")),
      { type: "quiet" },
      { type: "send", frames: second, chop },
      receive(pongItem("pongme 2!")),
      receive(textItem("fragment1fragment2fragment3fragment4fragment5")),
      ...closeNormally,
    ],
    ending: { type: "clean" },
  };
}
