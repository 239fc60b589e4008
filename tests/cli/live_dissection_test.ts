import { assertEquals } from "@std/assert";
import { createLiveDissection } from "../../lib/cli/live_dissection.ts";
import { hex } from "../support/hex.ts";

Deno.test("both directions are taken apart in the order in which they came", async () => {
  const seen: string[] = [];
  const live = createLiveDissection(64, async (item) => {
    // A slow reader changes nothing.
    await new Promise((resolve) => setTimeout(resolve, 1));
    seen.push(`${item.from} ${item.type}`);
  });
  live.read("client", hex("89 80 00 00 00 00"));
  live.read("server", hex("8a 00"));
  live.read("client", hex("81 80 00 00"));
  await live.read("client", hex("00 00"));
  await live.end();
  assertEquals(seen, [
    "client frame",
    "server frame",
    "client frame",
    "client message",
  ]);
});
