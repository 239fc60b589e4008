import { assert, assertEquals } from "@std/assert";
import { createTimer } from "../../lib/connection/timer.ts";
import { pause, until } from "./connections.ts";

Deno.test("createTimer() comes at its deadline, not before, and once", async () => {
  const times: number[] = [];
  const timer = createTimer(() => times.push(performance.now()));
  const deadlineMs = performance.now() + 10;
  timer.set(deadlineMs);
  await until(() => times.length > 0, "the timer");
  assert(times[0]! >= deadlineMs - 0.5, `${deadlineMs - times[0]!} ms early`);
  await pause(15);
  assertEquals(times.length, 1);
});

Deno.test("createTimer() comes at once for a deadline that is past", async () => {
  let count = 0;
  const timer = createTimer(() => count++);
  timer.set(performance.now() - 1_000);
  assertEquals(count, 0, "not within set()");
  await until(() => count > 0, "the timer");
});

Deno.test("createTimer() comes earlier when it is set so", async () => {
  let count = 0;
  const timer = createTimer(() => count++);
  timer.set(performance.now() + 60_000);
  timer.set(performance.now() + 5);
  await until(() => count > 0, "the timer");
  assertEquals(count, 1);
});

Deno.test("createTimer() may come too early when it is put off, and is then set again", async () => {
  const deadlines: number[] = [];
  const last = performance.now() + 25;
  const timer = createTimer(() => {
    deadlines.push(performance.now());
    if (performance.now() < last) timer.set(last);
  });
  timer.set(performance.now() + 5);
  timer.set(last);
  await until(() => (deadlines.at(-1) ?? 0) >= last, "the timer");
});

Deno.test("createTimer() never comes at Infinity, and leaves nothing behind", async () => {
  let count = 0;
  const timer = createTimer(() => count++);
  timer.set(Infinity);
  timer.set(performance.now() + 5);
  timer.set(Infinity);
  await pause(15);
  assertEquals(count, 0);
  timer.set(performance.now());
  await until(() => count > 0, "the timer after that");
});

Deno.test("createTimer() takes a deadline further off than a timer can wait", async () => {
  let count = 0;
  const timer = createTimer(() => count++);
  timer.set(performance.now() + 2 ** 40);
  await pause(10);
  assertEquals(count, 0);
  timer.set(Infinity);
});

Deno.test("createTimer() has what came while the loop stood still be read first", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [near, far] = await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }),
    listener.accept(),
  ]);
  const order: string[] = [];
  const reading = near.read(new Uint8Array(8)).then(() => order.push("read"));
  // Comes by the loop, so that the read is waiting in the kernel.
  await pause(5);
  createTimer(() => order.push("timer")).set(performance.now() + 10);
  await far.write(Uint8Array.of(1));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  await until(() => order.length === 2, "both");
  assertEquals(order, ["read", "timer"]);
  await reading;
  for (const one of [near, far, listener]) one.close();
});
