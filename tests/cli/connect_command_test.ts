import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { serveWebSocket } from "../../lib/connection/serve.ts";
import { assertHarmless } from "../support/terminal_text.ts";
import { run } from "./terminals.ts";

const echo = () =>
  serveWebSocket({ hostname: "127.0.0.1" }, {
    message: (connection, data) => connection.send(data),
  });

Deno.test("sluice connect between pipes: lines go out, messages come as lines", async () => {
  await using server = echo();
  const { code, output, notes } = await run(
    ["connect", "--wait-ms", "150", `ws://${server.address}/`],
    "Hello\n//slash\n/binary 00 ff\n",
  );
  assertEquals(output, "Hello\n/slash\n/binary 00 ff\n");
  assertEquals([code, notes], [0, "Closed: 1000 Normal Closure\n"]);
});

Deno.test("sluice connect obeys /ping and /close, and tells wrong commands", async () => {
  await using server = echo();
  const { code, output, notes } = await run(
    ["connect", `ws://${server.address}/`],
    "/dance\n/help\n/ping\nlast\n/close 4001 so long\nnever sent\n",
  );
  assertEquals(code, 0);
  assertStringIncludes(notes, "Cannot read the line: found the command /dance");
  assertStringIncludes(notes, "Closed: 4001 private use (so long)\n");
  assertStringIncludes(output, "/binary HEX");
  assertStringIncludes(output, "last\n");
  assertEquals(output.includes("never sent"), false);
});

Deno.test("sluice connect says what of a /close cannot be sent", async () => {
  await using server = echo();
  const { notes } = await run(
    ["connect", "--wait-ms", "1", `ws://${server.address}/`],
    "/close 1006\n/close 1000\n",
  );
  assertStringIncludes(notes, "1006");
  assertStringIncludes(notes, "Closed: 1000");
});

Deno.test("sluice connect --text sends commands as they are", async () => {
  await using server = echo();
  const { output } = await run(
    ["connect", "--text", "--wait-ms", "150", `ws://${server.address}/`],
    "/ping\n",
  );
  assertEquals(output, "/ping\n");
});

Deno.test("sluice connect --inspect shows the frames of both directions", async () => {
  await using server = echo();
  const { output } = await run(
    ["connect", "--inspect", "--wait-ms", "150", `ws://${server.address}/`],
    "Hello\n",
  );
  assertStringIncludes(output, "✓ Sec-WebSocket-Accept: ");
  assertStringIncludes(
    output,
    '→ frame 1  text  FIN masked  5 bytes  "Hello"\n',
  );
  assertStringIncludes(output, '← frame 2  text  FIN  5 bytes  "Hello"\n');
  assertStringIncludes(output, "→ frame 3  close");
});

Deno.test("sluice connect ends with 1 when the server closes with an error", async () => {
  await using server = serveWebSocket({ hostname: "127.0.0.1" }, {
    message: (connection) =>
      connection.close({ closeCode: 1011, reason: "no" }),
  });
  const { code, notes } = await run(
    ["connect", `ws://${server.address}/`],
    "Hello\n",
  );
  assertEquals([code, notes], [1, "Closed: 1011 Internal Error (no)\n"]);
});

Deno.test("sluice connect at a terminal shows a prompt, and messages above it", async () => {
  await using server = echo();
  // Somebody who types, and waits for the answer before closing.
  const echoed = new ReadableStream<Uint8Array>({
    async start(controller) {
      controller.enqueue(new TextEncoder().encode("Hello\n"));
      await new Promise((resolve) => setTimeout(resolve, 300));
      controller.enqueue(new TextEncoder().encode("/close\n"));
      controller.close();
    },
  });
  const { output } = await run(
    ["connect", `ws://${server.address}/`],
    echoed,
    { isInputTyped: true, isOutputRead: true },
  );
  assertStringIncludes(output, "Connected; /help says what can be typed\n> ");
  assertStringIncludes(output, "\r\x1b[K< Hello\n> ");
});

Deno.test("what a peer chose does nothing to a terminal", async () => {
  const nasty = "a\x1b]0;pwned\x07\x9b2Jb\u202e";
  await using server = serveWebSocket({ hostname: "127.0.0.1" }, {
    open: (connection) => {
      connection.send(nasty);
      connection.close({ reason: nasty });
    },
  });
  const { output, notes } = await run(
    ["connect", `ws://${server.address}/`],
    new ReadableStream(),
    { isInputTyped: true, isOutputRead: true },
  );
  // All but what is written to go to the beginning of the line.
  assertHarmless((output + notes).replaceAll("\r\x1b[K", ""));
});

Deno.test("sluice connect refuses how to write frames when it shows none", async () => {
  for (const option of [["--json"], ["--full"], ["--max-shown", "9"]]) {
    const { code, notes } = await run(["connect", ...option, "ws://a/"]);
    assertEquals(code, 2);
    assertStringIncludes(notes, `found ${option[0]} without --inspect`);
  }
});

Deno.test("sluice connect shows of an answer nothing that a terminal obeys", async () => {
  using server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const answering = server.accept().then(async (conn) => {
    await conn.read(new Uint8Array(4096));
    const answer = `HTTP/1.1 401 a\x9b31m${"b".repeat(500)}\r\n\r\n`;
    const bytes = Uint8Array.from(answer, (letter) => letter.charCodeAt(0));
    await conn.write(bytes);
    conn.close();
  });
  const url = `ws://127.0.0.1:${server.addr.port}/`;
  const { code, notes } = await run(["connect", url]);
  await answering;
  assertEquals(code, 3);
  assertStringIncludes(notes, "401 a\\u009b31mbbb");
  assert(!notes.includes("\x9b"));
  assert(notes.length < 300, notes);
});
