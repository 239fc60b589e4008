import { maskingKeyBytes } from "../frame/header.ts";

/** How many keys are drawn at once: a draw costs as much as many of them. */
const keysDrawn = 256;

let keys = new Uint8Array(0);
let at = 0;

/**
 * A masking key that nobody can foresee, of 4 bytes, from the strong source of
 * the runtime (RFC 6455 §5.3, §10.3). A view on a buffer that is written only
 * once: a key is never given out twice, and stays what it is.
 */
export function drawMaskingKey(): Uint8Array {
  if (at === keys.length) {
    keys = crypto.getRandomValues(new Uint8Array(keysDrawn * maskingKeyBytes));
    at = 0;
  }
  at += maskingKeyBytes;
  return keys.subarray(at - maskingKeyBytes, at);
}
