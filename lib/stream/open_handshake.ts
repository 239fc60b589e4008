import { ProtocolError } from "../error/protocol_error.ts";
import { createKey } from "../handshake/accept_key.ts";
import {
  checkResponse,
  createRequest,
  type CreateRequestOptions,
} from "../handshake/client.ts";
import {
  type HeadLimits,
  type HeadResult,
  parseRequestHead,
  parseResponseHead,
} from "../handshake/head.ts";
import type { HeaderList } from "../handshake/headers.ts";
import {
  serializeRequestHead,
  serializeResponseHead,
} from "../handshake/serialize_head.ts";
import {
  acceptRequest,
  type AcceptRequestOptions,
  checkRequest,
  refuseRequest,
  type WebSocketRequest,
} from "../handshake/server.ts";
import type { ByteStreams } from "./byte_streams.ts";
import { type ReadHead, readHead } from "./read_head.ts";

/** How {@linkcode acceptHandshake} answers. */
export interface AcceptHandshakeOptions extends HeadLimits {
  /**
   * Chooses the answer to a request that is right in itself: subprotocol and
   * further headers. Nothing but the necessary by default.
   */
  readonly answer?: (request: WebSocketRequest) => AcceptRequestOptions;
  /** Gives up when it aborts, such as `AbortSignal.timeout(10_000)`. */
  readonly signal?: AbortSignal;
}

/** What a server knows once the WebSocket is open. */
export interface AcceptedHandshake {
  /** What the client asked for. */
  readonly request: WebSocketRequest;
  /** The subprotocol in use; empty for none. */
  readonly protocol: string;
  /** The frames of the client, from the first byte on. */
  readonly readable: ReadableStream<Uint8Array>;
}

/**
 * Opens a WebSocket as a server: reads a request, judges it, answers it.
 *
 * Afterwards frames are read from the result's `readable`, which begins with
 * what came together with the request, and written to the same `writable`. A
 * request that breaks a rule is answered with its HTTP status, and `writable`
 * is closed. Whenever the promise rejects, the connection is of no more use, and
 * the caller's to close.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-4.2 | RFC 6455 §4.2}.
 *
 * @param streams A connection on which nothing has been read yet.
 * @param options How to answer.
 * @throws {ProtocolError} (rejects) If the client broke a rule.
 * @throws {TypeError} (rejects) If `answer` chooses a subprotocol that was not on
 * offer, or a header that cannot be sent.
 * @throws (rejects) The reason of `signal`, when it aborts before.
 *
 * @example
 * ```ts
 * import { acceptHandshake } from "@sluice/websocket/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const sent: string[] = [];
 * const { request, protocol } = await acceptHandshake({
 *   readable: ReadableStream.from([new TextEncoder().encode(
 *     "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n" +
 *       "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
 *       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
 *   )]),
 *   writable: new WritableStream({
 *     write: (chunk) => void sent.push(new TextDecoder().decode(chunk)),
 *   }),
 * });
 *
 * assertEquals(request.resourceName, "/chat");
 * assertEquals(protocol, "");
 * assertEquals(sent.join("").slice(0, 12), "HTTP/1.1 101");
 * ```
 */
export async function acceptHandshake(
  streams: ByteStreams,
  options: AcceptHandshakeOptions = {},
): Promise<AcceptedHandshake> {
  const { readable, writable } = streams;
  const { answer = () => ({}), signal } = options;
  try {
    const read = await readHeadFrom(
      readable,
      (bytes) => parseRequestHead(bytes, options),
      signal,
    );
    const checked = checkRequest(read.head);
    if (checked.status === "invalid") throw checked.error;
    const { request } = checked;
    const chosen: AcceptRequestOptions = answer(request);
    const head = await acceptRequest(request, chosen);
    await write(writable, [serializeResponseHead(head)], signal);
    const { protocol = "" } = chosen;
    return { request, protocol, readable: prepend(read.rest, readable) };
  } catch (error) {
    if (error instanceof ProtocolError) await refuse(writable, error, signal);
    throw error;
  }
}

/** How {@linkcode requestHandshake} asks. */
export interface RequestHandshakeOptions
  extends HeadLimits, Omit<CreateRequestOptions, "key"> {
  /**
   * 16 random bytes for the key, fresh for each connection. For tests; Web
   * Crypto's random numbers by default.
   */
  readonly nonce?: Uint8Array;
  /** Gives up when it aborts, such as `AbortSignal.timeout(10_000)`. */
  readonly signal?: AbortSignal;
}

/** What a client knows once the WebSocket is open. */
export interface RequestedHandshake {
  /** The subprotocol that the server chose; empty for none. */
  readonly protocol: string;
  /** Every header line of the response. */
  readonly headers: HeaderList;
  /** The frames of the server, from the first byte on. */
  readonly readable: ReadableStream<Uint8Array>;
}

/**
 * Opens a WebSocket as a client: sends a request and judges the answer.
 *
 * Afterwards frames are read from the result's `readable`, which begins with
 * what came together with the answer, and written to the same `writable`.
 * The connection itself, with TLS for a `wss:` URL, is the caller's to make.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-4.1 | RFC 6455 §4.1}.
 *
 * @param streams A connection to the URL's host and port, not used yet.
 * @param url The URL of the WebSocket.
 * @param options What to ask for.
 * @throws {TypeError} (rejects) If the URL or an option cannot be sent.
 * @throws {ProtocolError} (rejects) If the server did not open the WebSocket,
 * or broke a rule.
 * @throws (rejects) The reason of `signal`, when it aborts before.
 *
 * @example
 * ```ts
 * import { requestHandshake } from "@sluice/websocket/stream";
 * import { assertRejects } from "@std/assert";
 *
 * const streams = {
 *   readable: ReadableStream.from([
 *     new TextEncoder().encode("HTTP/1.1 404 Not Found\r\n\r\n"),
 *   ]),
 *   writable: new WritableStream<Uint8Array>(),
 * };
 *
 * await assertRejects(
 *   () => requestHandshake(streams, "ws://example.com/"),
 *   Error,
 *   "found HTTP/1.1 404 Not Found, wanted status 101",
 * );
 * ```
 */
export async function requestHandshake(
  streams: ByteStreams,
  url: string | URL,
  options: RequestHandshakeOptions = {},
): Promise<RequestedHandshake> {
  const { nonce = crypto.getRandomValues(new Uint8Array(16)), signal } =
    options;
  const key = createKey(nonce);
  const request = createRequest(url, { ...options, key });
  await write(streams.writable, [serializeRequestHead(request)], signal);
  const { head, rest } = await readHeadFrom(
    streams.readable,
    (bytes) => parseResponseHead(bytes, options),
    signal,
  );
  const { protocols = [] } = options;
  const checked = await checkResponse(head, { key, protocols });
  if (checked.status === "invalid") throw checked.error;
  const { protocol, headers } = checked;
  return { protocol, headers, readable: prepend(rest, streams.readable) };
}

/** Reads a head from a stream, and leaves the stream unlocked. */
async function readHeadFrom<Head>(
  readable: ReadableStream<Uint8Array>,
  parse: (bytes: Uint8Array) => HeadResult<Head>,
  signal: AbortSignal | undefined,
): Promise<ReadHead<Head>> {
  const reader = readable.getReader();
  const giveUp = () => void reader.cancel(signal?.reason).catch(() => {});
  signal?.addEventListener("abort", giveUp);
  try {
    return await readHead(async () => {
      signal?.throwIfAborted();
      const { done, value } = await reader.read();
      signal?.throwIfAborted();
      return done ? null : value;
    }, parse);
  } finally {
    signal?.removeEventListener("abort", giveUp);
    reader.releaseLock();
  }
}

/** The same stream when there is nothing to put before it. */
function prepend(
  bytes: Uint8Array,
  readable: ReadableStream<Uint8Array>,
): ReadableStream<Uint8Array> {
  if (bytes.length === 0) return readable;
  const reader = readable.getReader();
  let first: Uint8Array | undefined = bytes;
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = first === undefined
        ? await reader.read()
        : { done: false, value: first };
      first = undefined;
      if (done) controller.close();
      else controller.enqueue(value!);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}

/** Writes, and closes if that is wanted; aborts the stream with the signal. */
async function write(
  writable: ByteStreams["writable"],
  chunks: readonly Uint8Array<ArrayBuffer>[],
  signal: AbortSignal | undefined,
  thenClose = false,
): Promise<void> {
  signal?.throwIfAborted();
  const writer = writable.getWriter();
  const aborted = Promise.withResolvers<never>();
  const giveUp = () => {
    aborted.reject(signal?.reason);
    writer.abort(signal?.reason).catch(() => {});
  };
  signal?.addEventListener("abort", giveUp);
  const writing = async () => {
    for (const chunk of chunks) await writer.write(chunk);
    if (thenClose) await writer.close();
  };
  try {
    await Promise.race([writing(), aborted.promise]);
  } finally {
    signal?.removeEventListener("abort", giveUp);
    writer.releaseLock();
  }
}

/** Says why in HTTP. That the client may be gone is no error of its own. */
async function refuse(
  writable: ByteStreams["writable"],
  error: ProtocolError,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { head, body } = refuseRequest(error);
  const chunks = [serializeResponseHead(head), new TextEncoder().encode(body)];
  try {
    await write(writable, chunks, signal, true);
  } catch {
    // The error thrown to the caller is the one that matters.
  }
}
