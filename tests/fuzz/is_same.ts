/**
 * Whether two values say the same: bytes by their content, errors by their message
 * and fields, everything else by its own fields. Faster than an assertion that
 * has to describe the difference.
 */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!isObject(a) || !isObject(b)) return false;
  if (a instanceof Uint8Array || b instanceof Uint8Array) {
    return a instanceof Uint8Array && b instanceof Uint8Array &&
      areEqual(a, b);
  }
  if (a instanceof Error && b instanceof Error && a.message !== b.message) {
    return false;
  }
  const names = Object.keys(a);
  return names.length === Object.keys(b).length &&
    names.every((name) => name in b && isSame(a[name], b[name]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Whether two arrays hold the same bytes. */
export function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) {
    if (a[at] !== b[at]) return false;
  }
  return true;
}
