/**
 * A connection of some runtime, as bytes that are read and written: all that a
 * WebSocket needs to know of TCP, TLS, or whatever else carries it.
 */
export interface Transport {
  /**
   * Waits for the next bytes. They are the transport's own and valid until the
   * next call; `null` is the end of what the peer sends.
   *
   * @param room An array of the caller's. A transport that can may read into it,
   * and gives a view on its beginning.
   */
  readonly read: (room?: Uint8Array<ArrayBuffer>) => Promise<Uint8Array | null>;
  /**
   * Writes all of `bytes`, and settles when they are on their way and the caller
   * may write to the array again.
   */
  readonly write: (bytes: Uint8Array<ArrayBuffer>) => Promise<void>;
  /** Ends our half; the peer can still be read. */
  readonly closeWrite: () => Promise<void>;
  /** Ends both halves at once; waiting reads and writes fail or end. */
  readonly close: () => void;
}

/** Where clients connect. */
export interface Listener {
  /** Where that is: host and port, or the path of a Unix socket. */
  readonly address: string;
  /**
   * Waits for the next client, which may be a `ConnectTransport`; `null`
   * once the listener is closed.
   */
  readonly accept: () => Promise<Transport | null>;
  /** Takes no more clients. */
  readonly close: () => void;
}
