import { assertEquals, assertThrows } from "@std/assert";
import { createCaptureReader, isCapture } from "../../lib/capture/mod.ts";
import { createCaptureSaver } from "../../lib/cli/capture_saver.ts";
import { UnreachableError } from "../../lib/cli/terminal.ts";
import { utf8 } from "../support/hex.ts";
import { scratchFile } from "./terminals.ts";

const client = { transport: "tcp", hostname: "127.0.0.1", port: 5000 } as const;
const server = { transport: "tcp", hostname: "::1", port: 80 } as const;

Deno.test("what is saved can be read again, in either format", () => {
  for (const name of ["a.pcap", "a.pcapng"]) {
    const path = scratchFile(name);
    const saver = createCaptureSaver(path);
    // One of IPv4 and one of IPv6, as behind a socket that listens on both.
    const connection = saver.begin(client, server);
    connection.data("client", utf8("Hello"));
    connection.close("client");
    // Who has ended its half can still be answered.
    connection.data("server", utf8("World"));
    connection.close("server");
    connection.data("server", utf8("too late"));
    saver.close();
    const bytes = Deno.readFileSync(path);
    Deno.removeSync(path);
    assertEquals(isCapture(bytes), true);
    const reader = createCaptureReader();
    const events = [...reader.read(bytes), ...reader.end()];
    const text = events.flatMap((event) =>
      event.type === "data" ? [new TextDecoder().decode(event.bytes)] : []
    );
    assertEquals(text, ["Hello", "World"]);
    assertEquals(events.map(({ type }) => type), [
      "open",
      "data",
      "data",
      "close",
    ]);
  }
});

Deno.test("a file that cannot be made is told before anything is relayed", () => {
  const path = `${scratchFile("x")}/no/such/folder.pcap`;
  assertThrows(
    () => createCaptureSaver(path),
    UnreachableError,
    `Cannot save to ${path}`,
  );
});
