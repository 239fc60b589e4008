import { assert, assertEquals } from "@std/assert";
import {
  closeEvent,
  errorEvent,
  eventClasses,
  messageEvent,
} from "../../lib/facade/events.ts";

Deno.test("events are those of the runtime where it has them", () => {
  const message = messageEvent("x", "ws://a");
  assert(message instanceof MessageEvent);
  assertEquals([message.type, message.data, message.origin], [
    "message",
    "x",
    "ws://a",
  ]);
  const close = closeEvent({ wasClean: true, code: 1000, reason: "bye" });
  assert(close instanceof CloseEvent);
  const { type, wasClean, code, reason } = close;
  assertEquals({ type, wasClean, code, reason }, {
    type: "close",
    wasClean: true,
    code: 1000,
    reason: "bye",
  });
  const error = errorEvent(new TypeError("no"));
  assert(error instanceof ErrorEvent);
  assertEquals([error.type, error.message], ["error", "no"]);
  assert(error.error instanceof TypeError);
  assertEquals((errorEvent("why") as ErrorEvent).message, "why");
});

Deno.test("eventClasses() has our own only where the runtime has none, with the same fields", () => {
  // Node 22 has MessageEvent alone.
  const classes = eventClasses({ MessageEvent });
  assert(classes.MessageEvent === MessageEvent);
  const own = eventClasses({});
  const error = new Error("no");
  const cases = [
    [own.MessageEvent, MessageEvent, { data: [1], origin: "ws://a" }],
    [own.CloseEvent, CloseEvent, { wasClean: true, code: 4000, reason: "x" }],
    [own.ErrorEvent, ErrorEvent, { message: "no", error }],
  ] as const;
  for (const [Own, Platform, init] of cases) {
    const event = new (Own as new (type: string, init: object) => Event)(
      "x",
      init,
    );
    assert(event instanceof Event);
    assertEquals(Own.name, Platform.name);
    assertEquals([event.type, event.bubbles, event.cancelable], [
      "x",
      false,
      false,
    ]);
    const same = new (Platform as new (type: string, init: object) => Event)(
      "x",
      init,
    );
    for (const name of [...Object.keys(init), "lastEventId", "source"]) {
      assertEquals(
        (event as unknown as Record<string, unknown>)[name],
        (same as unknown as Record<string, unknown>)[name],
        name,
      );
    }
  }
});
