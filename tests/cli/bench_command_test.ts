import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { serveWebSocket } from "../../lib/connection/serve.ts";
import { run } from "./terminals.ts";

Deno.test("sluice bench sends what it was asked for, and says how long answers take", async () => {
  let count = 0;
  await using server = serveWebSocket({ hostname: "127.0.0.1" }, {
    message: (connection, data) => {
      count += 1;
      connection.send(data);
    },
  });
  const { code, output } = await run([
    ...["bench", "-c", "3", "-n", "100", "--in-flight", "4", "--size", "10"],
    ...["--json", `ws://${server.address}/`],
  ]);
  const result = JSON.parse(output);
  assertEquals([code, count, result.answered, result.wrong], [0, 100, 100, 0]);
  const { p50, p90, p99, longest } = result.latencyMs;
  assert(p50 <= p90 && p90 <= p99 && p99 <= longest);
  const { output: text } = await run(
    ["bench", "-n", "20", "--binary", `ws://${server.address}/`],
  );
  assertStringIncludes(text, "20 of 20 messages of 32 bytes answered in ");
  assertStringIncludes(text, "\n  p99.9    ");
});

Deno.test("sluice bench tells answers that are wrong or do not come", async () => {
  await using wrong = serveWebSocket({ hostname: "127.0.0.1" }, {
    message: (connection) => connection.send("something else"),
  });
  const first = await run([
    "bench",
    "-n",
    "10",
    "-c",
    "1",
    `ws://${wrong.address}/`,
  ]);
  assertEquals(first.code, 1);
  assertStringIncludes(first.output, "10 answers were not what was sent");
  await using closing = serveWebSocket({ hostname: "127.0.0.1" }, {
    message: (connection) => connection.close({ closeCode: 1001 }),
  });
  const second = await run(
    ["bench", "-n", "10", "-c", "1", `ws://${closing.address}/`],
  );
  assertEquals(second.code, 1);
  assertStringIncludes(second.notes, "Closed after 0 answers: 1001");
  assert(!second.output.includes("Latency"), second.output);
  const third = await run(
    ["bench", "-n", "1", "-c", "1", "--json", `ws://${closing.address}/`],
  );
  assertEquals(JSON.parse(third.output).latencyMs.p50, null);
});

Deno.test("sluice bench wants a message for each connection", async () => {
  const { code, notes } = await run(["bench", "-n", "1", "-c", "2", "ws://a/"]);
  assertEquals(code, 2);
  assertStringIncludes(notes, "wanted at least one for each");
});
