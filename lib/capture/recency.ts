/** Something that stands in a {@linkcode Recency}. */
export interface Recent<Item> {
  /** What was used a little longer ago. */
  older: Item | undefined;
  /** What was used a little later. */
  newer: Item | undefined;
}

/**
 * Things in the order in which they were last used. Each stands in one of these
 * at most, and every step takes constant time: a `Map` in that order would have
 * to pass by all the places that were given up.
 */
export interface Recency<Item extends Recent<Item>> {
  /** What has not been used for longest. */
  oldest: Item | undefined;
  /** What was used last. */
  newest: Item | undefined;
}

/** Puts an item that stands nowhere behind the others. */
export function addNewest<Item extends Recent<Item>>(
  items: Recency<Item>,
  item: Item,
): void {
  item.older = items.newest;
  item.newer = undefined;
  if (items.newest === undefined) items.oldest = item;
  else items.newest.newer = item;
  items.newest = item;
}

/** Takes out an item that stands here. */
export function removeItem<Item extends Recent<Item>>(
  items: Recency<Item>,
  item: Item,
): void {
  const { older, newer } = item;
  if (older === undefined) items.oldest = newer;
  else older.newer = newer;
  if (newer === undefined) items.newest = older;
  else newer.older = older;
  item.older = item.newer = undefined;
}

/** Notes that an item that stands here was used. */
export function moveToNewest<Item extends Recent<Item>>(
  items: Recency<Item>,
  item: Item,
): void {
  if (items.newest === item) return;
  removeItem(items, item);
  addNewest(items, item);
}
