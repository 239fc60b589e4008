import { assertEquals } from "@std/assert";
import { protocolRules } from "../../lib/error/protocol_rules.ts";
import { responseFaults } from "../../lib/handshake/client.ts";
import type { RequestHead, ResponseHead } from "../../lib/handshake/head.ts";
import { requestFaults } from "../../lib/handshake/server.ts";
import type { DissectedHead, JudgedLine } from "../../lib/inspect/item.ts";
import { judgeHead } from "../../lib/inspect/judge_head.ts";
import {
  accept,
  goodRequest,
  goodResponse,
  withHeader,
} from "../handshake/handshake_heads.ts";
import { assertPure } from "../support/purity.ts";

const where = { offset: 7, byteLength: 99 };

function judgeRequest(head: RequestHead): DissectedHead {
  const faults = requestFaults(head);
  return assertPure("judgeHead", judgeHead, { head, faults, ...where });
}

function judgeResponse(head: ResponseHead): DissectedHead {
  const faults = responseFaults(head, { accept, protocols: ["chat"] });
  return assertPure("judgeHead", judgeHead, { head, faults, ...where });
}

/** Each line and its verdict: `✓ Host: a`. */
function linesOf({ startLine, headers, missing }: DissectedHead): string[] {
  const marks = { right: "✓", wrong: "✗", unjudged: "·" } as const;
  const write = ({ verdict, text }: JudgedLine) => `${marks[verdict]} ${text}`;
  return [
    write(startLine),
    ...headers.map(write),
    ...missing.map((line) => `missing ${write(line)}`),
  ];
}

Deno.test("judgeHead() says of each line of a request that it is right, or that there is no rule (R26)", () => {
  const head = withHeader(goodRequest, "Cookie", "a=1");
  const judged = judgeRequest(head);
  assertEquals(linesOf(judged), [
    "✓ GET /chat HTTP/1.1",
    "✓ Host: server.example.com",
    "✓ Upgrade: websocket",
    "✓ Connection: Upgrade",
    "✓ Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "✓ Sec-WebSocket-Version: 13",
    "· Cookie: a=1",
  ]);
  const { type, from, offset, byteLength } = judged;
  assertEquals({ type, from, offset, byteLength }, {
    type: "head",
    from: "client",
    ...where,
  });
  assertEquals(judged.headers[0], {
    name: "Host",
    value: "server.example.com",
    text: "Host: server.example.com",
    verdict: "right",
    note: "the host that is meant, since many may live at one address",
    section: "RFC 6455 §4.1",
  });
  assertEquals([judged.headers[5]!.note, judged.headers[5]!.section], ["", ""]);
});

Deno.test("judgeHead() says of each line of an answer what it is for (R35)", () => {
  const judged = judgeResponse(
    withHeader(goodResponse, "Sec-WebSocket-Protocol", "chat"),
  );
  assertEquals(judged.from, "server");
  assertEquals(linesOf(judged), [
    "✓ HTTP/1.1 101 Switching Protocols",
    "✓ Upgrade: websocket",
    "✓ Connection: Upgrade",
    `✓ Sec-WebSocket-Accept: ${accept}`,
    "✓ Sec-WebSocket-Protocol: chat",
  ]);
  assertEquals(judged.startLine.section, "RFC 6455 §4.2.2");
});

Deno.test("judgeHead() says what is wrong with each line, all of them, and what is not there (R25, R26)", () => {
  const judged = judgeRequest({
    method: "POST",
    target: "/",
    httpVersion: "1.0",
    headers: [
      ["HOST", "a"],
      ["host", "b"],
      ["upgrade", "websocket"],
      ["Content-Length", "5"],
      ["Sec-WebSocket-Version", "8"],
    ],
  });
  assertEquals(linesOf(judged), [
    "✗ POST / HTTP/1.0",
    "✗ HOST: a",
    "✗ host: b",
    "✓ upgrade: websocket",
    "✗ Content-Length: 5",
    "✗ Sec-WebSocket-Version: 8",
    "missing ✗ Connection: ",
    "missing ✗ Sec-WebSocket-Key: ",
  ]);
  // Of the start line the first rule.
  assertEquals(
    judged.startLine.note,
    "found method POST, wanted method GET",
  );
  assertEquals(judged.headers[1], {
    name: "host",
    value: "b",
    text: "host: b",
    verdict: "wrong",
    note: 'found Host "a" and "b", wanted one Host header with a host',
    section: "RFC 9112 §3.2",
  });
  assertEquals(judged.missing[0], {
    name: "Connection",
    value: "",
    text: "Connection: ",
    verdict: "wrong",
    note: "found no Connection header, wanted " +
      protocolRules["missing-connection-upgrade"].wanted,
    section: "RFC 6455 §4.2.1",
  });
});

Deno.test("judgeHead() says what is wrong with an answer (R18, R19, R20, R22)", () => {
  const judged = judgeResponse({
    ...goodResponse,
    headers: [
      ["Upgrade", "h2c"],
      ["Sec-WebSocket-Accept", "x"],
      ["Sec-WebSocket-Protocol", "other"],
    ],
  });
  assertEquals(linesOf(judged), [
    "✓ HTTP/1.1 101 Switching Protocols",
    "✗ Upgrade: h2c",
    "✗ Sec-WebSocket-Accept: x",
    "✗ Sec-WebSocket-Protocol: other",
    "missing ✗ Connection: ",
  ]);
});

Deno.test("judgeHead() does not judge the headers of a refusal as those of an answer (R17, R31)", () => {
  const head: ResponseHead = {
    httpVersion: "1.1",
    status: 426,
    reason: "Upgrade Required",
    headers: [
      ["Upgrade", "websocket"],
      ["Connection", "Upgrade, close"],
      ["Sec-WebSocket-Version", "13"],
      ["Sec-WebSocket-Accept", "x"],
    ],
  };
  const [first] = responseFaults(head, { accept, protocols: [] });
  const judged = judgeHead({ head, faults: [first!], ...where });
  assertEquals(linesOf(judged), [
    "✗ HTTP/1.1 426 Upgrade Required",
    "✓ Upgrade: websocket",
    "· Connection: Upgrade, close",
    "✓ Sec-WebSocket-Version: 13",
    "· Sec-WebSocket-Accept: x",
  ]);
});

Deno.test("judgeHead() writes the start line as it was sent", () => {
  const request = { ...goodRequest, target: "http://a/?b", httpVersion: "1.2" };
  assertEquals(
    judgeRequest(request).startLine.text,
    "GET http://a/?b HTTP/1.2",
  );
  const response = { ...goodResponse, reason: "" };
  assertEquals(judgeResponse(response).startLine.text, "HTTP/1.1 101");
});
