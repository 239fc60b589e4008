import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { groups } from "./cases/groups.ts";
import {
  close,
  type ConformanceCase,
  exchange,
  failure,
  type Group,
  text,
  textItem,
} from "./conformance_case.ts";
import { runInProcess } from "./in_process.ts";
import { runCase } from "./run_case.ts";
import type { Received, Subject } from "./subject.ts";
import { createItemReader, joined, type Side, writeFrame } from "./wire.ts";

const sides: readonly Side[] = ["server", "client"];

async function problemsOf(
  cases: readonly ConformanceCase[],
  side: Side,
): Promise<string[]> {
  const problems: string[] = [];
  for (const testCase of cases) {
    const problem = await runInProcess(testCase, side);
    if (problem !== undefined) problems.push(`${testCase.number}: ${problem}`);
  }
  return problems;
}

/** What takes no longer than the other groups: short, medium, in fragments. */
const quick =
  /^(?:9\.[12]\.[12]|9\.7\.1|9\.8\.2|12\.\d\.(?:1|5|16)|13\.\d\.(?:1|5|16))$/;

/** Of a slow group, what takes no longer than the others. */
function quickCases({ cases, isSlow }: Group): readonly ConformanceCase[] {
  return isSlow ? cases.filter(({ number }) => quick.test(number)) : cases;
}

for (const group of groups) {
  for (const side of sides) {
    Deno.test(`conformance ${group.number}, ${group.title}: a ${side} session passes strictly`, async () => {
      assertEquals(await problemsOf(quickCases(group), side), []);
    });
  }
}

Deno.test("the plan is whole: so many cases in each group, no number twice", () => {
  const numbers = groups.flatMap(({ cases }) =>
    cases.map(({ number }) => number)
  );
  assertEquals(new Set(numbers).size, numbers.length);
  assertEquals(
    groups.map(({ number, cases }) => [number, cases.length]),
    [
      ...[[1, 16], [2, 11], [3, 7], [4, 10], [5, 20]],
      ...[[6, 145], [7, 37], [9, 54], [10, 1], [12, 90], [13, 126]],
    ],
  );
  for (const { number, cases } of groups) {
    assert(cases.every((one) => one.number.startsWith(`${number}.`)));
  }
});

Deno.test("RESULTS.md is of a run of all these cases", () => {
  const page = Deno.readTextFileSync(new URL("RESULTS.md", import.meta.url));
  for (const { number, title, cases } of groups) {
    const row = new RegExp(
      `^\\| ${number} ${title} +\\| ${cases.length} +\\|`,
      "m",
    );
    assert(row.test(page), `${number} ${title}`);
  }
});

/** A server that says what it is told to say, whatever it is sent. */
function scripted(...script: readonly Received[]): Subject {
  const waiting = [...script];
  return {
    side: "server",
    send: () => Promise.resolve(),
    receive: () => Promise.resolve(waiting.shift() ?? { type: "nothing" }),
    peek: () => Promise.resolve(waiting[0] ?? { type: "nothing" }),
    end: () => Promise.resolve(),
    judge: () => Promise.resolve(undefined),
  };
}

const echo = exchange(
  "0.1",
  "An echo",
  { frames: () => [text("Hello")] },
  () => [textItem("Hello")],
);
const refusal = failure(
  "0.2",
  "A refusal",
  { frames: () => [text("Hello", { rsv: 1 })] },
  [1002, "reserved-bits"],
);
const hello: Received = {
  type: "text",
  data: new TextEncoder().encode("Hello"),
};
const close1000: Received = { type: "close", code: 1000 };
const close1002: Received = { type: "close", code: 1002 };
const end: Received = { type: "end" };

Deno.test("the tester passes what is right", async () => {
  assertEquals(await runCase(echo, scripted(hello, close1000, end)), undefined);
  assertEquals(await runCase(refusal, scripted(close1002, end)), undefined);
});

Deno.test("the tester says what was expected and what it saw instead", async () => {
  const wrong: [ConformanceCase, Received[], string][] = [
    [
      echo,
      [],
      "step 2: expected text of 5 bytes [48 65 6c 6c 6f], saw nothing",
    ],
    [echo, [{ ...hello, type: "binary" }], "saw binary of 5 bytes"],
    [
      echo,
      [hello, hello, close1000, end],
      "step 4: expected Close 1000, saw text",
    ],
    [
      echo,
      [hello, { type: "close", code: undefined }],
      "saw Close without a code",
    ],
    [
      echo,
      [hello, close1000],
      "expected the end of the connection, saw nothing",
    ],
    [
      echo,
      [hello, close1000, close1000],
      "the end of the connection, saw Close",
    ],
    [refusal, [close1000, end], "expected Close 1002, saw Close 1000"],
    [refusal, [end], "expected Close 1002, saw the end of the connection"],
    [refusal, [{ type: "broken", found: "RSV bits set" }], "saw RSV bits set"],
  ];
  for (const [testCase, script, problem] of wrong) {
    const found = await runCase(testCase, scripted(...script));
    assertStringIncludes(found ?? "", problem);
  }
});

Deno.test("the tester's reader takes its writer's frames, cut anywhere", () => {
  for (const side of sides) {
    const frames = [
      text("Hel", { fin: false }),
      close(1001, "bye"),
      { ...text("lo"), opcode: 0 },
    ];
    const bytes = joined(frames.map((frame) => writeFrame(frame, side)));
    for (let cut = 0; cut <= bytes.length; cut++) {
      const reader = createItemReader(side);
      const items = [bytes.subarray(0, cut), bytes.subarray(cut)].flatMap(
        (part) => {
          reader.push(part);
          return Array.from({ length: 3 }, reader.next);
        },
      ).filter((item) => item !== undefined);
      assertEquals(items, [{ type: "close", code: 1001 }, {
        type: "text",
        data: new TextEncoder().encode("Hello"),
      }]);
    }
  }
});

Deno.test("the tester's reader refuses what may not be sent", () => {
  const illegal: [Side, number[]][] = [
    ["server", [0x81, 0x80, 0, 0, 0, 0]],
    ["client", [0x81, 0x00]],
    ["server", [0xc1, 0x00]],
    ["server", [0x83, 0x00]],
    ["server", [0x80, 0x00]],
    ["server", [0x09, 0x00]],
    ["server", [0x89, 0x7e, 0x00, 0x7e]],
    ["server", [0x82, 0x7e, 0x00, 0x7d]],
    ["server", [0x82, 0x7f, 0, 0, 0, 0, 0, 0, 0xff, 0xff]],
    ["server", [0x01, 0x00, 0x01, 0x00]],
    ["server", [0x81, 0x01, 0xff]],
    ["server", [0x88, 0x01, 0x03]],
    ["server", [0x88, 0x02, 0x03, 0xee]],
  ];
  for (const [side, bytes] of illegal) {
    const reader = createItemReader(side);
    reader.push(Uint8Array.from(bytes));
    let error: unknown;
    try {
      while (reader.next() !== undefined);
    } catch (thrown) {
      error = thrown;
    }
    assert(error instanceof Error, `${side} [${bytes}]`);
  }
});
