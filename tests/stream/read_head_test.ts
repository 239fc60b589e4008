import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  type HeadLimits,
  parseRequestHead,
  parseResponseHead,
} from "../../lib/handshake/head.ts";
import {
  serializeRequestHead,
  serializeResponseHead,
} from "../../lib/handshake/serialize_head.ts";
import { readHead } from "../../lib/stream/read_head.ts";
import { goodRequest, goodResponse } from "../handshake/handshake_heads.ts";
import { hex } from "../support/hex.ts";
import { seededRandom } from "../support/random.ts";
import {
  byteByByte,
  concatenated,
  everyCutInTwo,
  randomPieces,
} from "../support/splits.ts";
import { assertViolation } from "../support/violations.ts";
import { standing } from "./streams.ts";

const request = serializeRequestHead(goodRequest);

/** A `read` that gives these pieces and then the end, and counts its calls. */
function reading(pieces: Iterable<Uint8Array>) {
  const iterator = pieces[Symbol.iterator]();
  let calls = 0;
  const read = () => {
    calls += 1;
    const { done, value } = iterator.next();
    return Promise.resolve(done ? null : value);
  };
  return { read, calls: () => calls };
}

function readRequest(pieces: Iterable<Uint8Array>, limits?: HeadLimits) {
  return readHead(
    reading(pieces).read,
    (bytes) => parseRequestHead(bytes, limits),
  );
}

Deno.test("readHead() gives the head however the bytes are cut, and what came with it (R16)", async () => {
  for (const rest of [hex(""), hex("81"), hex("81 05 48656c6c6f 89 00")]) {
    const wire = concatenated([request, rest]);
    const cuts = [
      ...everyCutInTwo(wire),
      [wire],
      byteByByte(wire),
      ...[21, 22, 23, 24].map((seed) => randomPieces(wire, seededRandom(seed))),
    ];
    for (const [at, pieces] of cuts.entries()) {
      const { read, calls } = reading(pieces);
      const result = await readHead(read, parseRequestHead);
      assertEquals(result.head, goodRequest, `cut ${at}`);
      const taken = concatenated(pieces.slice(0, calls()));
      assertEquals(result.rest, taken.subarray(request.length), `cut ${at}`);
    }
  }
});

Deno.test("readHead() reads no more once it has the head (R16)", async () => {
  for (const pieces of [[request], byteByByte(request)]) {
    const { read, calls } = reading([...pieces, hex("8900")]);
    const { rest } = await readHead(read, parseRequestHead);
    assertEquals(rest, hex(""));
    assertEquals(calls(), pieces.length);
  }
});

Deno.test("readHead() does not write to the bytes it is given", async () => {
  const wire = concatenated([request, hex("8900")]);
  const copy = wire.slice();
  await readRequest(randomPieces(wire, seededRandom(25)));
  assertEquals(wire, copy);
});

Deno.test("readHead() reads whichever head its parser does", async () => {
  const bytes = serializeResponseHead(goodResponse);
  const { read } = reading(byteByByte(bytes));
  assertEquals((await readHead(read, parseResponseHead)).head, goodResponse);
});

Deno.test("readHead() rejects with what the parser finds wrong, however cut (R25)", async () => {
  const bad = concatenated([request.subarray(0, 30), hex("00"), request]);
  for (const pieces of [[bad], byteByByte(bad)]) {
    const end = await standing(readRequest(pieces));
    assert(end.status === "rejected");
    const at = { code: "malformed-head", offset: 30 } as const;
    assertViolation(end.reason, at, "NUL");
  }
});

Deno.test("readHead() refuses the first bytes of TLS without waiting for more (R25)", async () => {
  const { read, calls } = reading([hex("16 03 01"), hex("00")]);
  const end = await standing(readHead(read, parseRequestHead));
  assert(end.status === "rejected");
  const at = { code: "malformed-head", offset: 0 } as const;
  assertViolation(end.reason, at, "ClientHello");
  assertEquals(calls(), 1);
});

Deno.test("readHead() rejects when the bytes end before the head does (R25)", async () => {
  for (let held = 0; held < request.length; held++) {
    const bytes = request.subarray(0, held);
    for (const pieces of [held === 0 ? [] : [bytes], byteByByte(bytes)]) {
      const { promise, resolve } = Promise.withResolvers<unknown>();
      readRequest(pieces).then(resolve, resolve);
      const found = { code: "truncated-head", offset: held } as const;
      assertViolation(await promise, found, `${held} bytes held`);
    }
  }
});

Deno.test("readHead() reads no more of an endless head than its limit (R76)", async () => {
  function* endless() {
    while (true) yield hex("41414141");
  }
  const { read, calls } = reading(endless());
  const end = await standing(
    readHead(read, (bytes) => parseRequestHead(bytes, { maxHeadBytes: 64 })),
  );
  assert(end.status === "rejected");
  assertViolation(end.reason, { code: "head-too-large", offset: 0 }, "endless");
  assert(calls() <= 18, `${calls()} calls`);
});

Deno.test("readHead() looks at a head of short lines no more often than at one of long ones", async () => {
  const endless = { maxHeadBytes: Infinity, maxHeaders: Infinity };
  for (const line of ["a:\r\n", `a: ${"x".repeat(2000)}\r\n`]) {
    const text = `GET / HTTP/1.1\r\n${line.repeat(20_000 / line.length)}\r\n`;
    const bytes = new TextEncoder().encode(text);
    let looked = 0;
    let lookedAt = 0;
    await readHead(reading(byteByByte(bytes)).read, (bytes) => {
      looked += 1;
      lookedAt += bytes.length;
      return parseRequestHead(bytes, endless);
    });
    // A kilobyte byte by byte, and then once for each of the others.
    assert(looked <= 1024 + 20 + 1, `looked ${looked} times`);
    assert(lookedAt < 800_000, `at ${lookedAt} bytes`);
  }
});

Deno.test("readHead() tells what is wrong with a head that ends too early, however it is cut", async () => {
  const bytes = new TextEncoder().encode(
    `GET / HTTP/1.1\r\na: ${"x".repeat(1500)}\0${"x".repeat(100)}`,
  );
  for (const pieces of [[bytes], byteByByte(bytes)]) {
    const reason = await readRequest(pieces).catch((error) => error);
    const at = { code: "malformed-head", offset: 1519 } as const;
    assertViolation(reason, at, `${pieces.length} pieces`);
  }
});

Deno.test("readHead() rejects with whatever its reading rejects with", async () => {
  const reason = new Error("The connection is gone");
  const end = await standing(
    readHead(() => Promise.reject(reason), parseRequestHead),
  );
  assert(end.status === "rejected");
  assertStrictEquals(end.reason, reason);
});
