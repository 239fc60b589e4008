import { assertEquals } from "@std/assert";
import {
  nextTask,
  nextTaskBy,
  type TaskSources,
} from "../../lib/facade/next_task.ts";

/** Settles after so many promises. */
async function chain(length: number): Promise<void> {
  for (let left = length; left > 0; left--) await undefined;
}

const timer: TaskSources = {
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
};
const sources: [string, TaskSources][] = [
  ["setImmediate", {
    ...timer,
    setImmediate: (callback) => setTimeout(callback, 0),
  }],
  ["MessageChannel", {
    ...timer,
    MessageChannel: MessageChannel as unknown as NonNullable<
      TaskSources["MessageChannel"]
    >,
  }],
  ["setTimeout", timer],
];

for (const [name, source] of sources) {
  Deno.test(`nextTaskBy() waits for all settled promises, by ${name}`, async () => {
    const order: string[] = [];
    const waiting = nextTaskBy(source)().then(() => order.push("task"));
    await chain(100).then(() => order.push("chain"));
    await waiting;
    assertEquals(order, ["chain", "task"]);
  });
}

Deno.test("nextTask() waits for all settled promises, one call after the other", async () => {
  const order: string[] = [];
  const first = nextTask().then(() => {
    order.push("first");
    return chain(50).then(() => order.push("what it began"));
  });
  const second = nextTask().then(() => order.push("second"));
  await Promise.all([first, second]);
  assertEquals(order, ["first", "what it began", "second"]);
});
