import { assertEquals, assertThrows } from "@std/assert";
import {
  formatAddress,
  requireDialOptions,
  requireListenOptions,
} from "../../lib/transport/dial_options.ts";

Deno.test("options that do not go together are refused", () => {
  requireDialOptions({ secure: false }, { unixPath: "a" });
  requireDialOptions({ secure: true }, {});
  requireListenOptions({ port: 80 });
  requireListenOptions({ cert: "a", key: "b" });
  const cases: [() => void, string][] = [
    [
      () => requireDialOptions({ secure: true }, { unixPath: "a" }),
      "found a wss: URL with unixPath",
    ],
    [() => requireListenOptions({ cert: "a" }), "found cert alone"],
    [() => requireListenOptions({ key: "a" }), "found key alone"],
    [
      () => requireListenOptions({ cert: "a", key: "b", unixPath: "c" }),
      "found cert with unixPath",
    ],
  ];
  for (const [call, words] of cases) assertThrows(call, TypeError, words);
});

Deno.test("addresses are written as a URL has them", () => {
  assertEquals(formatAddress("127.0.0.1", 80), "127.0.0.1:80");
  assertEquals(formatAddress("::1", 80), "[::1]:80");
});
