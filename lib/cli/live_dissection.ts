import { permessageDeflate } from "../deflate/mod.ts";
import type { Role } from "../frame/frame.ts";
import { createDissector } from "../inspect/dissector.ts";
import type { DissectedItem } from "../inspect/item.ts";

/** Bytes taken apart while they pass. */
export interface LiveDissection {
  /** The next bytes, which are not kept; settles when what they say is written. */
  readonly read: (from: Role, bytes: Uint8Array) => Promise<void>;
  /** The connection has ended. */
  readonly end: () => Promise<void>;
}

/**
 * Takes both directions of a connection apart, one chunk after the other however
 * they come.
 *
 * @param write Called with each item, in order.
 */
export function createLiveDissection(
  maxShownBytes: number,
  write: (item: DissectedItem) => Promise<void>,
): LiveDissection {
  const extensions = [permessageDeflate()];
  const dissector = createDissector({ extensions, maxShownBytes });
  let last = Promise.resolve();
  /** Puts work behind all that came before. */
  const behind = (
    find: () => Promise<readonly DissectedItem[]>,
  ): Promise<void> => {
    last = last.then(async () => {
      for (const item of await find()) await write(item);
    });
    return last;
  };
  return {
    read: (from, bytes) => behind(() => dissector.read(bytes, from)),
    end: () => behind(() => dissector.end()),
  };
}
