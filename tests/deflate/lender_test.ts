import {
  assertEquals,
  assertNotStrictEquals,
  assertStrictEquals,
} from "@std/assert";
import { createLender, keep } from "../../lib/deflate/lender.ts";

/** Makes things that say what was done with them. */
function counted() {
  const made: string[][] = [];
  const create = () => {
    const log: string[] = [];
    made.push(log);
    return {
      log,
      reset: () => void log.push("reset"),
      close: () => void log.push("close"),
    };
  };
  return { made, create };
}

Deno.test("keep() makes one when it is first needed, and keeps it to the end (R94)", () => {
  const { made, create } = counted();
  const lent = keep(create);
  assertEquals(made.length, 0, "an idle connection has none");
  const first = lent.take();
  lent.give();
  assertStrictEquals(lent.take(), first);
  lent.give();
  assertEquals(made, [[]], "its window goes on from message to message");
  lent.close();
  lent.close();
  assertEquals(made, [["close"]], "once");
});

Deno.test("keep() empties the one there is when what came before is to be forgotten", () => {
  const { made, create } = counted();
  const lent = keep(create);
  lent.forget();
  assertEquals(made, [], "there is none");
  lent.take();
  lent.give();
  lent.forget();
  lent.forget();
  assertEquals(made, [["reset"]], "once, since nothing came after");
  lent.take();
  lent.forget();
  assertEquals(made, [["reset", "reset"]]);
});

Deno.test("keep() that was never needed has nothing to close", () => {
  const { made, create } = counted();
  const lent = keep(create);
  lent.give();
  lent.close();
  assertEquals(made, []);
});

Deno.test("createLender() lends one to all whose messages come whole, emptied each time (R94, R100)", () => {
  const { made, create } = counted();
  const lend = createLender(create);
  const lents = [lend(), lend(), lend()];
  for (const lent of lents) {
    const stream = lent.take();
    assertStrictEquals(lent.take(), stream, "the same for one message");
    lent.give();
  }
  assertEquals(made, [["reset", "reset", "reset"]]);
});

Deno.test("createLender() closes what waits with the last connection", () => {
  const { made, create } = counted();
  const lend = createLender(create);
  const [a, b] = [lend(), lend()];
  a.take();
  b.take();
  a.give();
  b.give();
  a.close();
  a.close();
  assertEquals(made, [["reset"], ["reset"]], "somebody may need them");
  b.close();
  assertEquals(made, [["reset", "close"], ["reset", "close"]]);
  const again = lend();
  again.take();
  assertEquals(made.length, 3);
  again.close();
  assertEquals(made[2], ["close"], "once");
});

Deno.test("createLender() lends to each message under way one of its own", () => {
  const { made, create } = counted();
  const lend = createLender(create);
  const [a, b] = [lend(), lend()];
  assertNotStrictEquals(a.take(), b.take());
  a.give();
  b.give();
  assertEquals(made, [["reset"], ["reset"]]);
  const [c, d] = [lend(), lend()];
  assertNotStrictEquals(c.take(), d.take());
  assertEquals(made.length, 2, "which are lent again");
});

Deno.test("createLender() keeps four, and lets more go", () => {
  const { made, create } = counted();
  const lend = createLender(create);
  const lents = Array.from({ length: 6 }, lend);
  for (const lent of lents) lent.take();
  for (const lent of lents) lent.give();
  assertEquals(made.map((log) => log.includes("close")), [
    false,
    false,
    false,
    false,
    true,
    true,
  ]);
});

Deno.test("createLender() lends nothing again that a connection ended with", () => {
  const { made, create } = counted();
  const lend = createLender(create);
  const lent = lend();
  const broken = lent.take();
  lent.close();
  assertEquals(made, [["close"]], "it may be corrupt");
  assertNotStrictEquals(lend().take(), broken);
  const idle = lend();
  idle.give();
  idle.close();
  assertEquals(made.length, 2);
});
