import type { HeadLimits, ResponseHead } from "../handshake/head.ts";
import type { HeaderList } from "../handshake/headers.ts";
import { isHost, isPath } from "../handshake/request_checks.ts";
import type {
  AcceptRequestOptions,
  CheckRequestResult,
  WebSocketRequest,
} from "../handshake/server.ts";

/** A request, in whichever HTTP it came. */
export interface ReceivedRequest {
  /** What is to be said of it. */
  readonly checked: CheckRequestResult;
  /** Makes the request of who does not mean to open a WebSocket, without its body. */
  readonly toPage: () => Request | undefined;
  /** What was read after it. */
  readonly leftover: Uint8Array;
}

/** Sends an answer that has been made. */
export type SendAnswer = () => Promise<void>;

/**
 * How a request comes and an answer goes: all that HTTP/1.1 and the others do each
 * in their own way. What is asked and what is answered is the same.
 */
export interface ServerExchange {
  /**
   * Gives the request, judged; where it has to be read first, a promise of it.
   *
   * @throws {ProtocolError} (or rejects) If it is none of this HTTP.
   */
  readonly receive: (
    limits: HeadLimits,
  ) => ReceivedRequest | Promise<ReceivedRequest>;
  /**
   * Makes the answer that opens the WebSocket, and a function that sends it.
   *
   * @throws {TypeError} (or rejects) If the application cannot answer so.
   */
  readonly accept: (
    request: WebSocketRequest,
    options: AcceptRequestOptions,
  ) => SendAnswer | Promise<SendAnswer>;
  /** Sends an answer that opens none. */
  readonly refuse: (head: ResponseHead, body: Uint8Array) => Promise<void>;
}

/** Whether a request is refused for not being for a WebSocket at all. */
export function isFault(
  checked: CheckRequestResult,
  code: "not-an-upgrade" | "not-extended-connect",
): boolean {
  return checked.status === "invalid" && checked.error.code === code;
}

/**
 * A request as a `Request`, whose body is not read; `undefined` for methods that a
 * `Request` cannot have, such as CONNECT, and for one that is for nowhere.
 */
export function toRequest(
  { method, scheme = "http", target, host = "localhost", headers }: {
    readonly method: string;
    readonly scheme?: string | undefined;
    readonly target: string;
    readonly host: string | undefined;
    readonly headers: HeaderList;
  },
): Request | undefined {
  if (/^(?:connect|trace|track)$/i.test(method)) return undefined;
  // Put together, not resolved: `//a` is a path, and no host.
  const path = target === "*" ? "/*" : target;
  const url = isPath(path) ? `${scheme}://${host}${path}` : target;
  if (!isHost(host) || !/^https?:/i.test(url) || !URL.canParse(url)) {
    return undefined;
  }
  return new Request(url, {
    method,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
  });
}
