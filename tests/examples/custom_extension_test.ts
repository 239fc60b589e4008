import { assertEquals, assertMatch } from "@std/assert";
import { startExample } from "./run_example.ts";

Deno.test("custom_extension.ts shows how old each message is, both ways (R42)", async () => {
  const { code, stdout, stderr } = await startExample("custom_extension.ts")
    .finish();
  assertEquals([code, stderr], [0, ""]);
  const [there, back, message] = stdout.split("\n");
  for (const line of [there, back]) {
    assertMatch(line!, /^\d+\.\d{3} ms old$/);
  }
  assertEquals(message, "Hello over x-sent-at");
});
