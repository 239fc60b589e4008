import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  connectionError,
  readCloseInfo,
  WebSocketError,
} from "../../lib/facade/web_socket_error.ts";

Deno.test("WebSocketError is a DOMException with a code and a reason", () => {
  const cases = [
    [new WebSocketError(), "", null, ""],
    [new WebSocketError("no"), "no", null, ""],
    [new WebSocketError("", { closeCode: 3333 }), "", 3333, ""],
    // A reason cannot go without a code.
    [new WebSocketError("", { reason: "why" }), "", 1000, "why"],
    [
      new WebSocketError("no", { closeCode: 1000, reason: "why" }),
      "no",
      1000,
      "why",
    ],
  ] as const;
  for (const [error, message, closeCode, reason] of cases) {
    assert(error instanceof DOMException && error instanceof Error);
    assertEquals([error.name, error.code], ["WebSocketError", 0]);
    assertEquals(error.message, message);
    assertEquals([error.closeCode, error.reason], [closeCode, reason]);
  }
});

Deno.test("WebSocketError refuses what cannot be sent", () => {
  for (const closeCode of [999, 1001, 1005, 1006, 2999, 5000]) {
    const error = assertThrows(
      () => new WebSocketError("", { closeCode }),
      DOMException,
    );
    assertEquals(error.name, "InvalidAccessError");
  }
  for (const reason of ["x".repeat(124), "🔌".repeat(31)]) {
    const error = assertThrows(
      () => new WebSocketError("", { reason }),
      DOMException,
    );
    assertEquals(error.name, "SyntaxError");
  }
});

Deno.test("readCloseInfo() takes a dictionary, as Web IDL has it", () => {
  for (const info of [undefined, null, {}, { reason: "" }, () => {}]) {
    assertEquals(readCloseInfo(info), { closeCode: 1005, reason: "" });
  }
  assertEquals(readCloseInfo({ closeCode: "4000", reason: 7 }), {
    closeCode: 4000,
    reason: "7",
  });
  for (const info of [true, 1000, "bye", Symbol("x")]) {
    assertThrows(() => readCloseInfo(info), TypeError, "wanted an object");
  }
  assertThrows(() => readCloseInfo({ closeCode: 65536 }), TypeError);
});

Deno.test("connectionError() may have a code that is never sent, and a cause", () => {
  const cause = new RangeError("no");
  const info = { closeCode: 1006, reason: "" };
  const error = connectionError("over", info, cause);
  assert(error instanceof WebSocketError);
  assertEquals([error.message, error.closeCode], ["over", 1006]);
  assertEquals(error.cause, cause);
  assertEquals("cause" in connectionError("over", info), false);
});
