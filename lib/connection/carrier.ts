import type { ByteStreams } from "../stream/byte_streams.ts";
import type { ConnectTransport } from "../transport/connect_transport.ts";
import { type DenoConn, denoTransport } from "../transport/deno.ts";
import { streamsTransport } from "../transport/streams.ts";
import type { Transport } from "../transport/transport.ts";

/**
 * What can carry a WebSocket: a transport, a `Deno.Conn`, or a pair of streams.
 * Others with `read` and `write` are made transports by `denoTransport`. For a
 * server a transport may be a stream of HTTP/2 or HTTP/3 on which a client asks.
 */
export type Carrier =
  | Transport
  | ConnectTransport
  | (DenoConn & ByteStreams)
  | ByteStreams;

/** Anything that carries bytes, as a transport. */
export function toTransport(carrier: Carrier): Transport {
  if (!("readable" in carrier)) return carrier;
  // A Deno.Conn has both; its read() and write() cost a fraction of its streams.
  return "read" in carrier ? denoTransport(carrier) : streamsTransport(carrier);
}
