import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startExample } from "./run_example.ts";

/** A server with `Deno.upgradeWebSocket`, an implementation that is not ours. */
function serveDeno(handle: (socket: WebSocket) => void): {
  readonly url: string;
  readonly shutdown: () => Promise<void>;
} {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.binaryType = "arraybuffer";
      handle(socket);
      return response;
    },
  );
  return {
    url: `ws://127.0.0.1:${server.addr.port}/`,
    shutdown: () => server.shutdown(),
  };
}

Deno.test("echo_client.ts echoes to Deno.upgradeWebSocket and exits with 0", async () => {
  const messages = ["something", "", "κόσμε", "x".repeat(70_000)];
  const received: unknown[] = [];
  const server = serveDeno((socket) => {
    socket.onopen = () => {
      for (const message of messages) socket.send(message);
      socket.send(Uint8Array.of(1, 2, 3));
    };
    socket.onmessage = ({ data }) => {
      received.push(typeof data === "string" ? data : new Uint8Array(data));
      if (received.length > messages.length) socket.close(4001, "enough");
    };
  });
  const { code, stdout, stderr } = await startExample(
    "echo_client.ts",
    server.url,
  ).finish();
  await server.shutdown();
  assertEquals(received, [...messages, Uint8Array.of(1, 2, 3)]);
  assertEquals({ code, stdout, stderr }, {
    code: 0,
    stdout: "Closed by the server: 4001 enough",
    stderr: "",
  });
});

Deno.test("send.ts prints what Deno.upgradeWebSocket answers", async () => {
  const server = serveDeno((socket) => {
    socket.onmessage = ({ data }) => socket.send(`You said ${data}`);
  });
  const { code, stdout, stderr } = await startExample(
    "send.ts",
    server.url,
    "hello",
  ).finish();
  await server.shutdown();
  assertEquals({ code, stdout, stderr }, {
    code: 0,
    stdout: "You said hello",
    stderr: "",
  });
});

Deno.test("every example says how it is used", async () => {
  const folder = new URL("../../examples/", import.meta.url);
  const names = [...Deno.readDirSync(folder)]
    .filter(({ isFile, name }) => isFile && name.endsWith(".ts"))
    .map(({ name }) => name);
  await Promise.all(names.map(async (name) => {
    const help = await startExample(name, "--help").finish();
    assertEquals(help.code, 0, name);
    assertStringIncludes(help.stdout, `Usage: ${name}`);
  }));
  assert(names.length > 5);
});

Deno.test("echo_client.ts and send.ts fail without what they need", async () => {
  for (const name of ["echo_client.ts", "send.ts"]) {
    assertEquals((await startExample(name).finish()).code, 2, name);
  }
});

Deno.test("echo_client.ts fails when nobody opens a WebSocket", async () => {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("no", { status: 404 }),
  );
  const url = `ws://127.0.0.1:${server.addr.port}/`;
  const { code, stderr } = await startExample("echo_client.ts", url).finish();
  await server.shutdown();
  assertEquals(code, 1);
  assertStringIncludes(stderr, "found HTTP/1.1 404 Not Found");
});
