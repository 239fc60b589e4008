/** What waits for an application to read it. */
export interface Inbox<Item> {
  /** Puts an item at the end; it is given to who waits, if somebody does. */
  readonly put: (item: Item) => void;
  /** Who read so far will come for no more; somebody else still may. */
  readonly release: () => void;
  /** Nobody will read any more: what waits and what comes is let go. */
  readonly discard: () => void;
  /** Nothing more will come. */
  readonly end: () => void;
  /** Nothing more will come, because of `error`. */
  readonly fail: (error: Error) => void;
  /**
   * The next item; `undefined` at the end. Rejects once with the error, after
   * the items before it.
   */
  readonly next: () => Promise<Item | undefined>;
  /** Whether more waits than the limits want. */
  readonly isFull: () => boolean;
  /** Whether nothing waits, or nobody has ever come to take it. */
  readonly isLeft: () => boolean;
  /** Whether nothing waits, and who took the last item has come for more. */
  readonly isIdle: () => boolean;
}

/** How much may wait, and who is told when there is room again. */
export interface InboxOptions<Item> {
  readonly maxBufferedBytes: number;
  readonly maxBufferedMessages: number;
  /** How many bytes an item keeps alive, given the one before it. */
  readonly sizeOf: (item: Item, before: Item | undefined) => number;
  /** Called when the inbox was full and is no more. */
  readonly onRoom: () => void;
  /** Called when the last item is taken, and when somebody comes for more. */
  readonly onEmpty: () => void;
}

/** A queue between what comes when it comes and who reads when they read. */
export function createInbox<Item>(options: InboxOptions<Item>): Inbox<Item> {
  const { maxBufferedBytes, maxBufferedMessages, sizeOf, onRoom, onEmpty } =
    options;
  let items: (Item | undefined)[] = [];
  let sizes: number[] = [];
  // How many at the front have been taken: moving the rest each time would be
  // quadratic.
  let taken = 0;
  let bufferedBytes = 0;
  let readers: PromiseWithResolvers<Item | undefined>[] = [];
  let isEnded = false;
  let isBusy = false;
  let isRead = false;
  let isDiscarding = false;
  let error: Error | undefined;

  const isFull = () =>
    bufferedBytes > maxBufferedBytes ||
    items.length - taken > maxBufferedMessages;
  const isEmpty = () => items.length === taken;
  const dropTaken = () => {
    items = items.slice(taken);
    sizes = sizes.slice(taken);
    taken = 0;
  };
  const take = (): Item => {
    const wasFull = isFull();
    isBusy = true;
    const item = items[taken]!;
    bufferedBytes -= sizes[taken]!;
    items[taken] = undefined;
    taken += 1;
    if (isEmpty() || (taken >= 64 && taken * 2 >= items.length)) dropTaken();
    if (wasFull && !isFull()) onRoom();
    if (isEmpty()) onEmpty();
    return item;
  };
  const finish = () => {
    isEnded = true;
    for (const reader of readers) settle(reader);
    readers = [];
  };
  const settle = (reader: PromiseWithResolvers<Item | undefined>) => {
    if (error === undefined) return reader.resolve(undefined);
    reader.reject(error);
    error = undefined;
  };

  return {
    put: (item) => {
      // Who still waits is to see the end, and no message with a gap before it.
      if (isDiscarding) return;
      const reader = readers.shift();
      if (reader !== undefined) {
        isBusy = true;
        return reader.resolve(item);
      }
      const size = sizeOf(item, items.at(-1));
      items.push(item);
      sizes.push(size);
      bufferedBytes += size;
    },
    release: () => {
      isBusy = false;
      isRead = false;
      onEmpty();
    },
    discard: () => {
      isDiscarding = true;
      while (!isEmpty()) take();
      isBusy = false;
      onEmpty();
    },
    end: () => {
      if (!isEnded) finish();
    },
    fail: (reason) => {
      if (isEnded) return;
      error = reason;
      finish();
    },
    next: () => {
      isRead = true;
      if (items.length > taken) return Promise.resolve(take());
      const reader = Promise.withResolvers<Item | undefined>();
      if (isEnded) settle(reader);
      else readers.push(reader);
      isBusy = false;
      onEmpty();
      return reader.promise;
    },
    isFull,
    isLeft: () => isEmpty() || !isRead,
    isIdle: () => isEmpty() && !isBusy,
  };
}

/**
 * How many bytes a message keeps alive: a view keeps the whole of its buffer,
 * which the messages of one chunk share.
 */
export function keptBytes(
  data: string | Uint8Array,
  before: string | Uint8Array | undefined,
): number {
  if (typeof data === "string") return data.length;
  const isShared = typeof before === "object" && before.buffer === data.buffer;
  return isShared ? 0 : data.buffer.byteLength;
}
