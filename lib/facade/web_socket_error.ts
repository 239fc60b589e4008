import { enforceCode, readCloseInit } from "./close_code.ts";

/** With what a connection is closed, or was. */
export interface WebSocketCloseInfo {
  /** The code of the Close; none by default, or 1000 if there is a reason. */
  readonly closeCode?: number;
  /** The reason in it; at most 123 bytes of UTF-8. */
  readonly reason?: string;
}

/** What no constructor does: an error with a code that may not be sent. */
let unchecked: (
  message: string,
  info: Required<WebSocketCloseInfo>,
) => WebSocketError;

/**
 * Why a connection failed, or with which code and reason it is to be closed when
 * it is given to the `abort` or `cancel` of a `WebSocketStream`.
 *
 * A class, since the platform's is one.
 *
 * Source: {@link https://developer.mozilla.org/docs/Web/API/WebSocketError | WebSocketError}.
 *
 * @example
 * ```ts
 * import { WebSocketError } from "@sluice/websocket/facade";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new WebSocketError("enough", { closeCode: 4000, reason: "full" });
 *
 * assertEquals(error.name, "WebSocketError");
 * assertEquals([error.closeCode, error.reason], [4000, "full"]);
 * ```
 */
export class WebSocketError extends DOMException {
  #closeCode: number | null;
  #reason: string;

  static {
    unchecked = (message, { closeCode, reason }) => {
      const error = new WebSocketError(message);
      error.#closeCode = closeCode;
      error.#reason = reason;
      return error;
    };
  }

  /**
   * Makes an error.
   *
   * @param message What is wrong; empty by default.
   * @param info The code, 1000 or 3000–4999, and the reason, at most 123 bytes.
   * @throws {DOMException} `InvalidAccessError` or `SyntaxError`, if they cannot
   * be sent.
   */
  constructor(message = "", info: WebSocketCloseInfo = {}) {
    super(message, "WebSocketError");
    const { closeCode, reason } = readCloseInfo(info);
    this.#closeCode = closeCode === 1005 ? null : closeCode;
    this.#reason = reason;
  }

  /** The code of the Close; `null` for none. */
  get closeCode(): number | null {
    return this.#closeCode;
  }

  /** The reason in it; empty for none. */
  get reason(): string {
    return this.#reason;
  }
}

/**
 * What an application closes with; 1005 stands for no code.
 *
 * @throws {TypeError} If it is no object, or the code no number of 16 bits.
 * @throws {DOMException} As `readCloseInit` does.
 */
export function readCloseInfo(info: unknown): Required<WebSocketCloseInfo> {
  const isObject = typeof info === "object" || typeof info === "function";
  if (info !== undefined && !isObject) {
    throw new TypeError(
      `Cannot close WebSocket: found ${String(info)}, wanted an object with ` +
        "closeCode and reason",
    );
  }
  const { closeCode, reason = "" } = (info ?? {}) as WebSocketCloseInfo;
  const code = closeCode === undefined ? undefined : enforceCode(closeCode);
  return readCloseInit(code, `${reason}`);
}

/** The error of a connection that failed, with what there is to say of it. */
export function connectionError(
  message: string,
  info: Required<WebSocketCloseInfo>,
  cause?: unknown,
): WebSocketError {
  const error = unchecked(message, info);
  // Not by the constructor: a DOMException takes none everywhere.
  if (cause !== undefined) {
    Object.defineProperty(error, "cause", {
      value: cause,
      writable: true,
      configurable: true,
    });
  }
  return error;
}
