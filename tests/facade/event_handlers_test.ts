import { assertEquals } from "@std/assert";
import { createEventHandlers } from "../../lib/facade/event_handlers.ts";

Deno.test("createEventHandlers() keeps the place of the first handler (HTML Standard, Event handlers)", () => {
  const target = new EventTarget();
  const handlers = createEventHandlers(target);
  const calls: string[] = [];
  target.addEventListener("x", () => calls.push("before"));
  handlers.set("x", () => calls.push("first"));
  target.addEventListener("x", () => calls.push("after"));
  handlers.set("x", () => calls.push("second"));
  target.dispatchEvent(new Event("x"));
  assertEquals(calls, ["before", "second", "after"]);

  calls.length = 0;
  handlers.set("x", null);
  target.dispatchEvent(new Event("x"));
  assertEquals(calls, ["before", "after"]);

  calls.length = 0;
  handlers.set("x", () => calls.push("third"));
  target.dispatchEvent(new Event("x"));
  assertEquals(calls, ["before", "after", "third"]);
});

Deno.test("createEventHandlers() call with the target as this, and the event", () => {
  const target = new EventTarget();
  const handlers = createEventHandlers(target);
  const event = new Event("x");
  let given: unknown[] = [];
  handlers.set("x", function (this: unknown, ...rest: unknown[]) {
    given = [this === target, ...rest];
  });
  target.dispatchEvent(event);
  assertEquals(given, [true, event]);
});

Deno.test("createEventHandlers() give what was assigned, and null for what is no object", () => {
  const target = new EventTarget();
  const handlers = createEventHandlers(target);
  assertEquals(handlers.get("x"), null);
  const handler = () => {};
  handlers.set("x", handler);
  assertEquals(handlers.get("x"), handler);
  for (const value of [null, undefined, 7, "text"]) {
    handlers.set("x", handler);
    handlers.set("x", value);
    assertEquals(handlers.get("x"), null);
  }
  // Kept, and not called.
  const object = { handleEvent: () => assertEquals(1, 2) };
  handlers.set("x", object);
  assertEquals(handlers.get("x") as unknown, object);
  target.dispatchEvent(new Event("x"));
});
