import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fixture, run } from "./terminals.ts";

Deno.test("sluice inspect shows a frame with its bits and what they say", async () => {
  const { code, output } = await run(["inspect", "818537fa213d7f9f4d5158"]);
  assertEquals(code, 0);
  for (
    const line of [
      "→ frame 1  text, all of message 1  bytes 0–10",
      "|1|0|0|0|0 0 0 1|1|0 0 0 0 1 0 1|0 0 1 1 0 1 1 1 1 1 1 1 1 0 1 0|",
      "  masking key  37 fa 21 3d",
      "  masked       7f 9f 4d 51 58",
      "  unmasked     48 65 6c 6c 6f",
      '  text         "Hello"',
    ]
  ) assertStringIncludes(output, `${line}\n`);
});

Deno.test("sluice inspect takes digits that the shell has cut into words", async () => {
  const { code, output } = await run(["inspect", "--brief", "89", "00"]);
  assertEquals([code, output], [0, "← frame 1  ping  FIN  0 bytes\n"]);
});

Deno.test("sluice inspect ends with 1 when a rule is broken, and says where", async () => {
  const { code, output } = await run([
    "inspect",
    "--brief",
    "81 02 48 69 83 00",
  ]);
  assertEquals(code, 1);
  assertStringIncludes(output, '← frame 1  text  FIN  2 bytes  "Hi"\n');
  assertStringIncludes(output, "✗ ← reserved-opcode\n");
  assertStringIncludes(output, "  81 02 48 69 83 00\n              ^^\n");
  assertStringIncludes(output, "(RFC 6455 §5.2, byte 4)");
});

Deno.test("sluice inspect --from judges frames by who sent them", async () => {
  const args = (side: string) => ["inspect", "--brief", "--from", side, "8100"];
  assertEquals((await run(args("server"))).code, 0);
  const { code, output } = await run(args("client"));
  assertEquals(code, 1);
  assertStringIncludes(output, "unmasked-client-frame");
});

Deno.test("sluice inspect --agreed undoes compression without a handshake", async () => {
  const frame = "c1 07 f2 48 cd c9 c9 07 00";
  const { output } = await run(
    ["inspect", "--brief", "--agreed", "permessage-deflate", frame],
  );
  assertStringIncludes(output, '7 bytes inflated to 5  "Hello"');
  assertStringIncludes((await run(["inspect", frame])).output, "reserved-bits");
});

Deno.test("sluice inspect reads a capture, and counts what is in it", async () => {
  const { code, output } = await run(["inspect", fixture("loopback.pcapng")]);
  assertEquals(code, 0);
  assertStringIncludes(
    output,
    '→ frame 1  text  FIN masked  5 bytes  "Hello"\n',
  );
  assertStringIncludes(
    output,
    "1 connection, 1 of WebSocket; 24 frames, 0 violations\n",
  );
});

Deno.test("sluice inspect --json gives a line for each item", async () => {
  const { output } = await run(["inspect", "--json", fixture("deflate.pcap")]);
  const items = output.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert(items.every(({ connection }) => connection === 1));
  const texts = items.filter(({ type }) => type === "message")
    .map(({ text }) => text);
  assertEquals(texts.slice(0, 2), ["Hello", "Hello"]);
});

Deno.test("sluice inspect shows what it could read of a broken input", async () => {
  const { code, output, notes } = await run(
    ["inspect", "--brief", "--format", "hex", "-"],
    "89 00 ?",
  );
  assertEquals(code, 3);
  assertStringIncludes(output, "ping");
  assertStringIncludes(notes, 'found "?" at character 6');
});

Deno.test("sluice inspect shows progress on long inputs to who looks", async () => {
  const frame = new Uint8Array(128 * 1024);
  frame.set([0x82, 127, 0, 0, 0, 0, 0, 1, 0xff, 0xf6]);
  const slow = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 90));
      controller.enqueue(frame);
      if (++count === 9) controller.close();
    },
  });
  let count = 0;
  const { code, notes, output } = await run(
    ["inspect", "--brief", "--format", "raw", "-"],
    slow,
    { isNoteRead: true },
  );
  assertEquals(code, 0);
  assertStringIncludes(notes, "KiB, ");
  assertEquals(output.split("\n").length, 10);
});

Deno.test("sluice inspect says what a capture has not, and an input that is empty", async () => {
  const lost = await run(["inspect", "--brief", fixture("lost.pcapng")]);
  assertStringIncludes(lost.output, " bytes of them are not in the capture");
  const middle = await run(["inspect", "--brief", fixture("middle.pcap")]);
  assertStringIncludes(middle.output, "--any takes connections without one");
  const empty = await run(["inspect", "-"], "");
  assertStringIncludes(empty.notes, "there is nothing to inspect");
});

Deno.test("sluice inspect says what is wrong with digits that are none, and with no name", async () => {
  const digits = await run(["inspect", "--format", "hex", "nothex"]);
  assertEquals(digits.code, 3);
  assert(!digits.notes.includes("empty"), digits.notes);
  const nothing = await run(["inspect", ""]);
  assertEquals(nothing.code, 2);
  assertStringIncludes(nothing.notes, 'Cannot inspect ""');
});
