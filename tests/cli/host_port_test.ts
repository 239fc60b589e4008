import { assertEquals, assertThrows } from "@std/assert";
import { formatHostPort, parseHostPort } from "../../lib/cli/host_port.ts";
import { UsageError } from "../../lib/cli/terminal.ts";

const cases = [
  ["3000", "127.0.0.1", 3000, "127.0.0.1:3000"],
  [":3000", "127.0.0.1", 3000, "127.0.0.1:3000"],
  ["localhost:80", "localhost", 80, "localhost:80"],
  ["[::1]:8080", "::1", 8080, "[::1]:8080"],
  ["0", "127.0.0.1", 0, "127.0.0.1:0"],
] as const;

Deno.test("parseHostPort() reads a port alone, and a host with it", () => {
  for (const [text, hostname, port, written] of cases) {
    assertEquals(parseHostPort(text, "to"), { hostname, port });
    assertEquals(formatHostPort({ hostname, port }), written);
  }
});

Deno.test("parseHostPort() refuses what is neither", () => {
  for (const text of ["", "host", "host:", "65536", "::1", "a:b:1", "-1"]) {
    assertThrows(() => parseHostPort(text, "to"), UsageError, "--to");
  }
});
