import { assertEquals } from "@std/assert";
import { createLiveDissection } from "../../lib/cli/live_dissection.ts";
import { watchedTransport } from "../../lib/cli/watched_transport.ts";
import type { Transport } from "../../lib/transport/transport.ts";
import { hex } from "../support/hex.ts";

Deno.test("what passes a watched transport is seen, though its arrays are used again", async () => {
  const buffer = hex("8a 00");
  const written: Uint8Array[] = [];
  const transport: Transport = {
    read: () => Promise.resolve(buffer),
    write: (bytes) => Promise.resolve(void written.push(bytes.slice())),
    closeWrite: () => Promise.resolve(),
    close: () => {},
  };
  const seen: string[] = [];
  const live = createLiveDissection(64, (item) => {
    if (item.type === "frame") seen.push(`${item.from} ${item.opcodeName}`);
    return Promise.resolve();
  });
  const watched = watchedTransport(transport, live);
  const ping = hex("89 80 00 00 00 00");
  await watched.write(ping);
  ping.fill(0);
  assertEquals(await watched.read(), hex("8a 00"));
  buffer.fill(0);
  await live.end();
  assertEquals(seen, ["client ping", "server pong"]);
  assertEquals(written, [hex("89 80 00 00 00 00")]);
});
