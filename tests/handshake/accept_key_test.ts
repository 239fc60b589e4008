import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { decodeHex } from "@std/encoding/hex";
import { acceptKey, createKey, isKey } from "../../lib/handshake/accept_key.ts";
import { utf8 } from "../support/hex.ts";
import { assertPure } from "../support/purity.ts";

const acceptCases = [
  {
    source: "RFC 6455 §1.3",
    key: "dGhlIHNhbXBsZSBub25jZQ==",
    accept: "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
  },
  {
    source: "a recorded handshake",
    key: "8cyP/EvUjJHSMbkOIHFU/w==",
    accept: "EiaKGKO0E/pC8vnArob263aS3XY=",
  },
];

Deno.test("acceptKey() answers the key with the hash of it and the GUID (R20)", async () => {
  for (const { source, key, accept } of acceptCases) {
    assertEquals(await acceptKey(key), accept, source);
  }
});

Deno.test("acceptKey() ignores white space around the key (R20)", async () => {
  for (const { source, key, accept } of acceptCases) {
    for (const padded of [` ${key}`, `${key}  `, `\t ${key}\t`]) {
      assertEquals(await acceptKey(padded), accept, source);
    }
  }
});

Deno.test("acceptKey() hashes the text of the key, whatever it decodes to (R20)", async () => {
  // The last two bits of the 22nd character carry nothing of the 16 bytes.
  const [a, b] = await Promise.all([
    acceptKey("AAAAAAAAAAAAAAAAAAAAAA=="),
    acceptKey("AAAAAAAAAAAAAAAAAAAAAB=="),
  ]);
  assert(a !== b);
});

Deno.test("acceptKey() throws TypeError for a key that is not a string", async () => {
  await assertRejects(
    () => acceptKey(undefined as unknown as string),
    TypeError,
    "wanted a string",
  );
});

const keyCases = [
  {
    source: "RFC 6455 §1.3",
    nonce: utf8("the sample nonce"),
    key: "dGhlIHNhbXBsZSBub25jZQ==",
  },
  {
    source: "RFC 6455 §4.1",
    nonce: decodeHex("0102030405060708090a0b0c0d0e0f10"),
    key: "AQIDBAUGBwgJCgsMDQ4PEA==",
  },
  {
    source: "all bits 0",
    nonce: new Uint8Array(16),
    key: "AAAAAAAAAAAAAAAAAAAAAA==",
  },
  {
    source: "all bits 1",
    nonce: new Uint8Array(16).fill(0xff),
    key: "/////////////////////w==",
  },
];

Deno.test("createKey() writes 16 bytes as 24 characters of base64 (R11)", () => {
  for (const { source, nonce, key } of keyCases) {
    assertEquals(assertPure("createKey()", createKey, nonce), key, source);
    assert(isKey(key), source);
  }
});

Deno.test("createKey() reads a view, not the buffer beneath it (R11)", () => {
  const buffer = new Uint8Array(32);
  buffer.set(utf8("the sample nonce"), 8);
  assertEquals(
    assertPure("createKey()", createKey, buffer.subarray(8, 24)),
    "dGhlIHNhbXBsZSBub25jZQ==",
  );
});

Deno.test("createKey() throws RangeError for a nonce that is not 16 bytes (R11)", () => {
  for (const size of [0, 1, 15, 17, 20, 32]) {
    assertThrows(
      () => createKey(new Uint8Array(size)),
      RangeError,
      `found a nonce of ${size} bytes, wanted 16`,
    );
  }
});

Deno.test("createKey() throws TypeError for anything but bytes", () => {
  for (const nonce of ["the sample nonce", new Array(16).fill(0), null]) {
    assertThrows(
      () => createKey(nonce as unknown as Uint8Array),
      TypeError,
      "wanted a Uint8Array",
    );
  }
});

const isKeyCases: readonly [key: string, expected: boolean][] = [
  ["dGhlIHNhbXBsZSBub25jZQ==", true],
  ["8cyP/EvUjJHSMbkOIHFU/w==", true],
  ["++++++++++++++++++++//==", true],
  ["", false],
  // 15 and 17 bytes.
  ["dGhlIHNhbXBsZSBub25j", false],
  ["dGhlIHNhbXBsZSBub25jZQE=", false],
  ["AAAAAAAAAAAAAAAAAAAAAAA=", false],
  ["AAAAAAAAAAAAAAAAAAAAAAAA", false],
  // Padding that is missing, or too much.
  ["dGhlIHNhbXBsZSBub25jZQ", false],
  ["dGhlIHNhbXBsZSBub25jZQ=", false],
  ["dGhlIHNhbXBsZSBub25jZQ===", false],
  // The other alphabet, RFC 4648 §5.
  ["8cyP_EvUjJHSMbkOIHFU_w==", false],
  ["dGhlIHNhbXBsZSBub25jZ-==", false],
  ["dGhlIHNhbXBs ZSBub25jZQ=", false],
  [" dGhlIHNhbXBsZSBub25jZQ==", false],
  ["dGhlIHNhbXBsZSBub25jZQ==\n", false],
  ["dGhlIHNhbXBsZSBub25jé===", false],
  ["========================", false],
];

Deno.test("isKey() is true of the base64 of 16 bytes alone (R26)", () => {
  for (const [key, expected] of isKeyCases) {
    assertEquals(isKey(key), expected, JSON.stringify(key));
  }
});
