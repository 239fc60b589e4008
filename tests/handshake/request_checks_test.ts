import { assertEquals } from "@std/assert";
import type { HeaderList } from "../../lib/handshake/headers.ts";
import {
  checkContentLength,
  checkExtensions,
  checkOrigin,
  checkProtocols,
  checkVersion,
  isHost,
  isPath,
} from "../../lib/handshake/request_checks.ts";
import { assertPure } from "../support/purity.ts";

type Check = typeof checkVersion;

// Over HTTP/1.1 in server_test.ts, over HTTP/2 in extended_connect_test.ts; here
// that names have no case, which the latter has to have in lower.
const cases: readonly (readonly [Check, HeaderList, string | undefined])[] = [
  [checkContentLength, [["content-length", "0"]], undefined],
  [checkContentLength, [["CONTENT-LENGTH", "1"]], "unexpected-body"],
  [checkOrigin, [["origin", "https://a"]], undefined],
  [checkOrigin, [["origin", "a"], ["ORIGIN", "a"]], "duplicate-header"],
  [checkVersion, [["sec-websocket-version", "13"]], undefined],
  [checkVersion, [["SEC-WEBSOCKET-VERSION", "8"]], "unsupported-version"],
  [checkVersion, [], "unsupported-version"],
  [checkProtocols, [["sec-websocket-protocol", "a, b"]], undefined],
  [checkProtocols, [["sec-websocket-protocol", "a, a"]], "malformed-protocols"],
  [checkExtensions, [["sec-websocket-extensions", "a; b=1"]], undefined],
  [checkExtensions, [["sec-websocket-extensions", ""]], "malformed-extensions"],
];

Deno.test("what both HTTPs check is judged by headers alone, in any case (R25)", () => {
  for (const [check, headers, code] of cases) {
    const name = `${check.name} ${JSON.stringify(headers)}`;
    assertEquals(assertPure(name, check, { headers })?.[0], code, name);
  }
});

Deno.test("isHost() takes a host with or without a port, and nothing more", () => {
  for (
    const host of [
      "a",
      "a.example:1",
      "127.0.0.1",
      "[::1]:8080",
      "a_b.c-d:",
      "%61",
    ]
  ) {
    assertEquals(isHost(host), true, host);
  }
  for (
    const other of [
      ...["", "a b", "a/b", "me@a", "a?b", "a#b", "a,b", "a\\b", "a<b>", "é"],
      ...[
        "a:port",
        "a:1:2",
        "a:65536",
        ":1",
        "[::1",
        "[]",
        "[a]",
        "%zz",
        "1.2.3.256",
      ],
    ]
  ) {
    assertEquals(isHost(other), false, other);
  }
});

Deno.test("isPath() takes an absolute path, without a fragment", () => {
  for (const path of ["/", "/a?b", "//a"]) assertEquals(isPath(path), true);
  for (const other of ["", "*", "a", "/a#", "http://a/"]) {
    assertEquals(isPath(other), false, other);
  }
});
