import { assertEquals, assertStringIncludes } from "@std/assert";
import { startExample } from "./run_example.ts";

Deno.test("demo.ts shows the whole conversation and ends by itself", async () => {
  const { code, stdout, stderr } = await startExample("demo.ts").finish();
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  const shown = [
    "GET / HTTP/1.1",
    "HTTP/1.1 101 Switching Protocols",
    "|1|0|0|0|0 0 0 1|1|0 0 0 1 0 0 1|",
    "Unmasked     73 6f 6d 65 74 68 69 6e 67",
    'Text         "something"',
    'Text         "and a "',
    'Text         "happy new "',
    'Text         "year!"',
    'The client received: text "and a happy new year!"',
    "Unmasked     ca fe ba be",
    "Frame        ping, FIN",
    "Frame        pong, FIN",
    "Close code   1000 Normal Closure",
    "Both ends are closed.",
  ];
  let at = 0;
  for (const text of shown) {
    assertStringIncludes(stdout.slice(at), text, `after byte ${at}`);
    at = stdout.indexOf(text, at) + text.length;
  }
});
