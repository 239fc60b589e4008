import { assertEquals } from "@std/assert";
import type { CaptureEvent } from "../../lib/capture/capture_event.ts";
import { captureOf, readPieces } from "./support.ts";

/** What every event carries, by its type: the compiler knows them all. */
const fields: Record<CaptureEvent["type"], string[]> = {
  open: ["begun", "client", "id", "packet", "server", "timeMs", "type"],
  data: ["bytes", "from", "id", "offset", "packet", "timeMs", "type"],
  gap: ["byteLength", "from", "id", "offset", "packet", "timeMs", "type"],
  close: ["how", "id", "packet", "timeMs", "type"],
  broken: ["message", "offset", "type"],
};

Deno.test("every event has its fields, and no others", () => {
  const events = readPieces([
    ...captureOf([
      { from: "client", flags: "syn", sequence: 0 },
      { from: "client", sequence: 4, acknowledgment: 1, text: "abc" },
    ]),
    Uint8Array.of(1),
  ]);
  const types = events.map(({ type }) => type);
  assertEquals(types, ["open", "gap", "data", "close", "broken"]);
  for (const event of events) {
    assertEquals(Object.keys(event).sort(), fields[event.type], event.type);
  }
});
