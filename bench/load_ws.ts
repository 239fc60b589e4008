/** As much of `ws` as the codec is compared with. */

/** Makes messages of bytes. */
export interface WsReceiver {
  on(event: "message", listener: () => void): void;
  _write(chunk: Uint8Array, encoding: string, done: () => void): void;
}

/** The parts of `ws` that are its codec. */
export interface Ws {
  readonly Receiver: new (options: { isServer: boolean }) => WsReceiver;
  readonly Sender: {
    frame(
      data: Uint8Array,
      options: Readonly<Record<string, unknown>>,
    ): unknown;
  };
}

/**
 * Loads `ws` from npm for this process alone, or says that it cannot. The name
 * is put together here so that it is nobody's dependency: neither the lock file
 * nor the type check sees it.
 */
export async function loadWs(): Promise<Ws | undefined> {
  const specifier = ["npm", "ws@8"].join(":");
  try {
    return await import(specifier);
  } catch (error) {
    console.error(`Left out: ws cannot be loaded (${error})`);
    return undefined;
  }
}
