import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { parseCommandLine } from "../../lib/cli/command.ts";
import { connectCommand } from "../../lib/cli/connect_command.ts";
import { connectAs, urlOf } from "../../lib/cli/connect_options.ts";
import { UnreachableError, UsageError } from "../../lib/cli/terminal.ts";
import { serveWebSocket } from "../../lib/connection/serve.ts";
import { testTerminal } from "./terminals.ts";

const given = (...args: string[]) => parseCommandLine(connectCommand, args);

Deno.test("what stands on the command line goes into the request", async () => {
  const seen: string[] = [];
  await using server = serveWebSocket({
    hostname: "127.0.0.1",
    protocols: ["b"],
  }, {
    open: (_, { protocols, headers, resourceName }) => {
      const cookie = headers.find(([name]) => name === "Cookie")?.[1];
      const offered = headers.some(([name]) => /extensions$/i.test(name));
      seen.push(resourceName, ...protocols, String(cookie), String(offered));
    },
  });
  const args = ["--protocol", "a", "--protocol", "b", "-H", "Cookie: c=d"];
  const url = `ws://${server.address}/path`;
  const connection = await connectAs(
    given(...args, "--no-deflate"),
    url,
    testTerminal(),
  );
  assertEquals(connection.protocol, "b");
  assertEquals(seen, ["/path", "a", "b", "c=d", "false"]);
  connection.close();
  await connection.closed;
});

Deno.test("one URL is wanted, and headers with a colon", async () => {
  assertEquals(urlOf(given("ws://a/"), "connect"), "ws://a/");
  assertThrows(() => urlOf(given(), "connect"), UsageError, "found no URL");
  await assertRejects(
    () => connectAs(given("-H", "Cookie"), "ws://a/", testTerminal()),
    UsageError,
    'found "Cookie", wanted a name, a colon and a value',
  );
});

Deno.test("a URL that is none of a WebSocket is a wrong command line", async () => {
  await assertRejects(
    () => connectAs(given(), "http://a/", testTerminal()),
    UsageError,
    "wanted the scheme ws or wss",
  );
});

Deno.test("why there is no connection is said in words", async () => {
  const gone = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `ws://127.0.0.1:${gone.addr.port}/`;
  gone.close();
  const cases: [string[], string, string][] = [
    [[], url, `Cannot connect to ${url}: Connection refused`],
    [["--ca", "no/such.pem"], url, "Cannot read no/such.pem"],
  ];
  for (const [args, url, words] of cases) {
    await assertRejects(
      () => connectAs(given(...args), url, testTerminal()),
      UnreachableError,
      words,
    );
  }
});
