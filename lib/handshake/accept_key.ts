import { encodeBase64 } from "@std/encoding/base64";
import { requireBytes, requireString } from "../error/require.ts";
import { trimWhitespace } from "./headers.ts";

/** The GUID that RFC 6455 §1.3 has the server append to the key. */
const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Size of the nonce in a key, in bytes (RFC 6455 §4.1). */
const nonceBytes = 16;

/**
 * The value of `Sec-WebSocket-Accept` that answers a `Sec-WebSocket-Key`:
 * base64 of the SHA-1 of the key and a fixed GUID.
 *
 * It shows that the server read the request as a WebSocket handshake; it is no
 * secret and no security property (RFC 6455 §10.8). White space around the key
 * is ignored. Whether the key is one at all is judged by `checkRequest`.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-4.2.2 | RFC 6455 §4.2.2}.
 *
 * @param key The key as the client sent it.
 * @returns 28 characters of base64.
 * @throws {TypeError} If `key` is not a string.
 *
 * @example The key of RFC 6455 §1.3
 * ```ts
 * import { acceptKey } from "@sluice/websocket/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   await acceptKey("dGhlIHNhbXBsZSBub25jZQ=="),
 *   "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
 * );
 * ```
 */
export async function acceptKey(key: string): Promise<string> {
  requireString(key, "Cannot make accept key");
  const input = new TextEncoder().encode(trimWhitespace(key) + guid);
  return encodeBase64(await crypto.subtle.digest("SHA-1", input));
}

/**
 * A `Sec-WebSocket-Key` from random bytes.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-4.1 | RFC 6455 §4.1}.
 *
 * @param nonce 16 bytes, fresh and random for each connection.
 * @returns 24 characters of base64.
 * @throws {TypeError} If `nonce` is not a `Uint8Array`.
 * @throws {RangeError} If it is not 16 bytes long.
 *
 * @example
 * ```ts
 * import { createKey } from "@sluice/websocket/handshake";
 * import { assertEquals } from "@std/assert";
 *
 * const key = createKey(crypto.getRandomValues(new Uint8Array(16)));
 *
 * assertEquals(key.length, 24);
 * ```
 */
export function createKey(nonce: Uint8Array): string {
  const action = "Cannot create key";
  requireBytes(nonce, action);
  if (nonce.length === nonceBytes) return encodeBase64(nonce);
  throw new RangeError(
    `${action}: found a nonce of ${nonce.length} bytes, wanted ${nonceBytes}`,
  );
}

/** Whether `key` is the base64 of 16 bytes, as RFC 6455 §4.2.1 asks: no other has 22 digits. */
export function isKey(key: string): boolean {
  return /^[A-Za-z0-9+/]{22}==$/.test(key);
}
