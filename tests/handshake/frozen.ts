/**
 * `value`, frozen in depth, so that a write to any part of it throws: for
 * functions that answer with a promise. Only for values without byte arrays.
 */
export function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    Object.values(Object.freeze(value)).forEach(frozen);
  }
  return value;
}
