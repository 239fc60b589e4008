import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { connectWebSocket } from "../../lib/connection/connect.ts";
import { permessageDeflate } from "../../lib/deflate/mod.ts";
import { run, scratchFile, start } from "./terminals.ts";

Deno.test("sluice tap shows both directions, and saves what it saw", async () => {
  const path = scratchFile("tap.pcapng");
  const serving = start("serve", "--quiet", "--listen", "0");
  const to = String(await serving.port());
  const tapping = start("tap", "--listen", "0", "--to", to, "--save", path);
  const url = `ws://127.0.0.1:${await tapping.port()}/`;
  const extensions = [permessageDeflate({ thresholdBytes: 0 })];
  const connection = await connectWebSocket(url, { extensions });
  connection.send("Hello");
  assertEquals(await connection.receive(), "Hello");
  connection.close();
  await connection.closed;
  await tapping.terminal.seen("← frame 4  close");
  assertEquals(await tapping.stop(), 0);
  await serving.stop();
  const shown = tapping.terminal.output();
  for (
    const line of [
      "✓ Sec-WebSocket-Accept: ",
      "→ frame 1  text  FIN RSV1 masked  7 bytes",
      '→ message 1  text in 1 frame  7 bytes inflated to 5  "Hello"',
      '← frame 2  text  FIN  5 bytes  "Hello"',
      "→ frame 3  close  FIN masked  2 bytes  1000 Normal Closure",
    ]
  ) assertStringIncludes(shown, line);

  const { code, output } = await run(["inspect", path]);
  Deno.removeSync(path);
  assertEquals(code, 0);
  const frames = (text: string) =>
    text.split("\n").filter((line) => /[→←] frame /.test(line))
      .map((line) => line.replace(/^#1 \S+ /, ""));
  assertEquals(frames(output).length, 4);
  assertEquals(frames(output), frames(shown));
});

Deno.test("sluice tap tells by its exit code that a rule was broken", async () => {
  // A server that answers in something else.
  using server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const answering = server.accept().then(async (conn) => {
    await conn.write(Uint8Array.of(0x83, 0x00));
    conn.close();
  });
  const tapping = start(
    ...["tap", "--listen", "0", "--to", String(server.addr.port)],
  );
  const port = await tapping.port();
  using client = await Deno.connect({ hostname: "127.0.0.1", port });
  assertEquals(await client.read(new Uint8Array(10)), 2);
  await answering;
  await tapping.terminal.seen("reserved-opcode");
  assertEquals(await tapping.stop(), 1);
});

Deno.test("sluice tap says when there is no server, and goes on", async () => {
  const gone = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port: to } = gone.addr;
  gone.close();
  const tapping = start("tap", "--listen", "0", "--to", String(to));
  const port = await tapping.port();
  using client = await Deno.connect({ hostname: "127.0.0.1", port });
  assertEquals(await client.read(new Uint8Array(1)), null);
  await tapping.terminal.seen("is the server running?");
  assertEquals(await tapping.stop(), 0);
});

Deno.test("sluice tap --connections ends by itself", async () => {
  const serving = start("serve", "--quiet", "--listen", "0");
  const to = String(await serving.port());
  const tapping = start(
    ...["tap", "--connections", "1", "--listen", "0", "--to", to],
  );
  const connection = await connectWebSocket(
    `ws://127.0.0.1:${await tapping.port()}/`,
  );
  connection.close();
  await connection.closed;
  await tapping.terminal.seen("← frame 2  close");
  assertEquals(await tapping.stop(), 0);
  await serving.stop();
});

Deno.test("sluice tap hangs up on both sides when it is interrupted, and keeps what it saved", async () => {
  const path = scratchFile("tap.pcapng");
  const serving = start("serve", "--quiet", "--listen", "0");
  const to = String(await serving.port());
  const tapping = start("tap", "--listen", "0", "--to", to, "--save", path);
  const connection = await connectWebSocket(
    `ws://127.0.0.1:${await tapping.port()}/`,
  );
  connection.send("Hello");
  assertEquals(await connection.receive(), "Hello");
  await tapping.terminal.seen("← frame 2");
  assertEquals(await tapping.stop(), 0);
  assertEquals((await connection.closed).closeCode, 1006);
  await serving.stop();
  const { code, output } = await run(["inspect", path]);
  Deno.removeSync(path);
  assertEquals(code, 0);
  assertStringIncludes(output, '"Hello"');
});

Deno.test("sluice tap goes on after an accept that fails, until it is interrupted", async () => {
  const { listen } = Deno;
  let asked = 0;
  Deno.listen = ((options: Deno.TcpListenOptions) => {
    const listener = listen(options);
    const accept = listener.accept.bind(listener);
    listener.accept = () =>
      asked++ < 2 ? Promise.reject(new Error("Too many open files")) : accept();
    return listener;
  }) as typeof listen;
  let tapping;
  try {
    tapping = start("tap", "--listen", "0", "--to", "1");
  } finally {
    Deno.listen = listen;
  }
  await tapping.terminal.seen("Cannot accept a client: Too many open files");
  using client = await Deno.connect({
    hostname: "127.0.0.1",
    port: await tapping.port(),
  });
  // Taken, though there is no server to pass it on to.
  assertEquals(await client.read(new Uint8Array(1)), null);
  assert(asked > 2);
  assertEquals(await tapping.stop(), 0);
});
