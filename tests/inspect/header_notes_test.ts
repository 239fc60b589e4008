import { assert, assertEquals } from "@std/assert";
import { type HeadKind, noteOfHeader } from "../../lib/inspect/header_notes.ts";

const request = [
  "Host",
  "Upgrade",
  "Connection",
  "Sec-WebSocket-Key",
  "Sec-WebSocket-Version",
  "Sec-WebSocket-Protocol",
  "Sec-WebSocket-Extensions",
  "Origin",
  "Content-Length",
  "Transfer-Encoding",
];
const response = [
  "Upgrade",
  "Connection",
  "Sec-WebSocket-Accept",
  "Sec-WebSocket-Protocol",
  "Sec-WebSocket-Extensions",
];
const refusal = ["Upgrade", "Sec-WebSocket-Version"];

/** RFC 6455 §11.3, and what it takes from HTTP. */
const known: readonly (readonly [HeadKind, readonly string[]])[] = [
  ["request", request],
  ["response", response],
  ["refusal", refusal],
];

Deno.test("noteOfHeader() knows the headers that the handshake has a rule for, in any case (R23)", () => {
  for (const [kind, names] of known) {
    for (const name of names) {
      const found = noteOfHeader(kind, name);
      assert(found !== undefined, `${kind}: ${name}`);
      assert(/^RFC \d+ §[\d.]+$/.test(found.section), found.section);
      assert(found.note !== "", name);
      assertEquals(noteOfHeader(kind, name.toLowerCase()), found);
      assertEquals(noteOfHeader(kind, name.toUpperCase()), found);
    }
  }
});

Deno.test("noteOfHeader() says nothing of headers that are another's, or nobody's", () => {
  const all = [...request, ...response, ...refusal];
  for (const [kind, names] of known) {
    for (const name of all) {
      assertEquals(
        noteOfHeader(kind, name) !== undefined,
        names.includes(name),
      );
    }
    for (const name of ["Cookie", "", "constructor", "__proto__", "toString"]) {
      assertEquals(noteOfHeader(kind, name), undefined, `${kind}: ${name}`);
    }
  }
});
