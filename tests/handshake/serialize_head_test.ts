import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  parseRequestHead,
  parseResponseHead,
  type RequestHead,
  type ResponseHead,
} from "../../lib/handshake/head.ts";
import {
  serializeRequestHead,
  serializeResponseHead,
} from "../../lib/handshake/serialize_head.ts";
import { assertPure } from "../support/purity.ts";
import { latin1, requestHeadCases, responseHeadCases } from "./head_cases.ts";

Deno.test("serializeRequestHead() writes what parseRequestHead() reads (R8)", () => {
  for (const { name, source, text, head } of requestHeadCases) {
    const label = `${name} (${source})`;
    const bytes = assertPure(label, serializeRequestHead, head);
    assertEquals(bytes, latin1(text), label);
  }
});

Deno.test("serializeResponseHead() writes what parseResponseHead() reads (R35)", () => {
  for (const { name, source, text, head } of responseHeadCases) {
    const label = `${name} (${source})`;
    const bytes = assertPure(label, serializeResponseHead, head);
    assertEquals(bytes, latin1(text), label);
  }
});

Deno.test("serializeRequestHead() gives a new array each time", () => {
  const { head } = requestHeadCases[0]!;
  assert(
    serializeRequestHead(head).buffer !== serializeRequestHead(head).buffer,
  );
});

const request: RequestHead = {
  method: "GET",
  target: "/",
  httpVersion: "1.1",
  headers: [["Host", "a"]],
};

const response: ResponseHead = {
  httpVersion: "1.1",
  status: 101,
  reason: "Switching Protocols",
  headers: [["Upgrade", "websocket"]],
};

/** Lines that would say something else than the caller means. */
const illegalHeaders: readonly (readonly [name: string, value: string])[] = [
  ["X", "a\r\nY: b"],
  ["X", "a\r\n\r\nbody"],
  ["X", "\r\n"],
  ["X", "a\r"],
  ["X", "a\n"],
  ["X", "a\nY: b"],
  ["X", "a\r\n folded"],
  ["X", "a\0"],
  ["X", "a\x7f"],
  ["X", "\u0100"],
  // Would be CR and LF, were characters simply cut to a byte.
  ["X", "a\u010d\u010aY: b"],
  ["X", "\u{1f600}"],
  ["X", "\ud800"],
  ["X\r\nY", "b"],
  ["X: a\r\nY", "b"],
  ["", "b"],
  ["X Y", "b"],
  ["X ", "b"],
  ["\r\n", "b"],
  ["X\0", "b"],
  ["Größe", "b"],
  ["\u0158", "b"],
];

Deno.test("A header that would break out of its line throws TypeError (R25)", () => {
  for (const header of illegalHeaders) {
    const headers = [["A", "1"], header, ["Z", "2"]] as const;
    const label = JSON.stringify(header);
    assertThrows(
      () => serializeRequestHead({ ...request, headers }),
      TypeError,
      "Cannot serialize HTTP head",
      label,
    );
    assertThrows(
      () => serializeResponseHead({ ...response, headers }),
      TypeError,
      "Cannot serialize HTTP head",
      label,
    );
  }
});

Deno.test("A header name with a colon, which would be read back as another name, throws TypeError (R25)", () => {
  for (const name of ["X:", "X: a", ":X", "X:Y"]) {
    assertThrows(
      () => serializeRequestHead({ ...request, headers: [[name, "b"]] }),
      TypeError,
      "Cannot serialize HTTP head",
      name,
    );
    assertThrows(
      () => serializeResponseHead({ ...response, headers: [[name, "b"]] }),
      TypeError,
      "Cannot serialize HTTP head",
      name,
    );
  }
});

Deno.test("What is written is read back as it was, or TypeError is thrown", () => {
  for (const value of [" a", "a ", "\ta", "a\t", " ", "\xa0a\xa0"]) {
    const head = { ...request, headers: [["X", value]] as const };
    let bytes: Uint8Array;
    try {
      bytes = serializeRequestHead(head);
    } catch (error) {
      assert(error instanceof TypeError, JSON.stringify(value));
      continue;
    }
    const result = parseRequestHead(bytes);
    assert(result.status === "complete", JSON.stringify(value));
    assertEquals(result.head, head, JSON.stringify(value));
  }
});

const illegalRequests: readonly Partial<RequestHead>[] = [
  { method: "" },
  { method: "GET /x" },
  { method: "GET / HTTP/1.1\r\nX:" },
  { method: "G\rT" },
  { method: "GÉT" },
  { target: "" },
  { target: "/a b" },
  { target: "/\r\nX: y" },
  { target: "/ HTTP/1.1\r\nX: y\r\n\r\n" },
  { target: "/ HTTP/1.1\r\nX: y\r\nY:" },
  { target: "/\n" },
  { target: "/\t" },
  { target: "/\0" },
  { target: "/é" },
  { target: "/€" },
  // Its code is that of a line feed in the lower byte.
  { target: "/\u010a" },
  { httpVersion: "" },
  { httpVersion: "2" },
  { httpVersion: "1.1\r\nX: y" },
  { httpVersion: "1.1 " },
];

Deno.test("serializeRequestHead() throws TypeError for a start line that is none (R25)", () => {
  for (const part of illegalRequests) {
    assertThrows(
      () => serializeRequestHead({ ...request, ...part }),
      TypeError,
      "Cannot serialize HTTP head",
      JSON.stringify(part),
    );
  }
});

const illegalResponses: readonly Partial<ResponseHead>[] = [
  { reason: "OK\r\nX: y" },
  { reason: "OK\r\n\r\n" },
  { reason: "OK\n" },
  { reason: "OK\0" },
  { reason: "€" },
  { status: 0 },
  { status: 99 },
  { status: 1000 },
  { status: -101 },
  { status: 101.5 },
  { status: NaN },
  { httpVersion: "1.1\r\nX: y" },
  { httpVersion: "1" },
];

Deno.test("serializeResponseHead() throws TypeError for a status line that is none (R25)", () => {
  for (const part of illegalResponses) {
    assertThrows(
      () => serializeResponseHead({ ...response, ...part }),
      TypeError,
      "Cannot serialize HTTP head",
      JSON.stringify(part),
    );
  }
});

Deno.test("A head over the limits of a reader is written all the same", () => {
  const headers = Array.from(
    { length: 500 },
    (_, index) => ["X", `${index}${"a".repeat(100)}`] as const,
  );
  const unlimited = { maxHeadBytes: Infinity, maxHeaders: Infinity };
  const sent = serializeRequestHead({ ...request, headers });
  const asked = parseRequestHead(sent, unlimited);
  assert(asked.status === "complete");
  assertEquals(asked.head.headers, headers);
  const answer = serializeResponseHead({ ...response, headers });
  const answered = parseResponseHead(answer, unlimited);
  assert(answered.status === "complete");
  assertEquals(answered.head.headers, headers);
});
