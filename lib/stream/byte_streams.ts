/** A connection as two streams of bytes, such as a `Deno.TcpConn`. */
export interface ByteStreams {
  /** What the peer sends. */
  readonly readable: ReadableStream<Uint8Array>;
  /** What the peer is sent. */
  readonly writable: WritableStream<Uint8Array<ArrayBuffer>>;
}
