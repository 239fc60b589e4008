import type { CloseInit } from "../connection/connection.ts";
import { CloseCode, maxReasonBytes } from "../message/close.ts";

/**
 * What an application closes with, as a connection takes it: without a code and
 * a reason the Close has no body, which is 1005; a reason alone comes with 1000.
 *
 * Source: {@link https://websockets.spec.whatwg.org/#validate-close-code-and-reason | WebSockets Standard, validate close code and reason}.
 *
 * @throws {DOMException} `InvalidAccessError`, if the code is neither 1000 nor of
 * 3000–4999; `SyntaxError`, if the reason has more than 123 bytes.
 */
export function readCloseInit(
  code: number | undefined,
  reason = "",
): Required<CloseInit> {
  if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) {
    throw new DOMException(
      `Cannot close WebSocket: found code ${code}, wanted 1000 or 3000–4999`,
      "InvalidAccessError",
    );
  }
  const byteLength = new TextEncoder().encode(reason).length;
  if (byteLength > maxReasonBytes) {
    throw new DOMException(
      `Cannot close WebSocket: found a reason of ${byteLength} bytes, wanted ` +
        `at most ${maxReasonBytes} (RFC 6455 §5.5)`,
      "SyntaxError",
    );
  }
  const standing = reason === "" ? CloseCode.noStatus : CloseCode.normal;
  return { closeCode: code ?? standing, reason };
}

/**
 * A number as `[Clamp] unsigned short` has it: anything, to the nearest of
 * 0–65535.
 *
 * Source: {@link https://webidl.spec.whatwg.org/#Clamp | Web IDL, Clamp}.
 */
export function clampCode(value: unknown): number {
  const number = Number(value);
  if (Number.isNaN(number)) return 0;
  const within = Math.min(Math.max(number, 0), 65535);
  // Halves go to the even one.
  const floor = Math.floor(within);
  const isHalf = within - floor === 0.5;
  return isHalf ? floor + floor % 2 : Math.round(within);
}

/**
 * A number as `[EnforceRange] unsigned short` has it.
 *
 * Source: {@link https://webidl.spec.whatwg.org/#EnforceRange | Web IDL, EnforceRange}.
 *
 * @throws {TypeError} If it is not within 0–65535.
 */
export function enforceCode(value: unknown): number {
  const code = Math.trunc(Number(value));
  if (code >= 0 && code <= 65535) return code;
  throw new TypeError(
    `Cannot close WebSocket: found code ${String(value)}, wanted 0–65535`,
  );
}
