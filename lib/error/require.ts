// The caller's own mistakes, all in one wording: what could not be done, what
// was given, what was wanted.

/** Throws a `TypeError` unless `value` is a `Uint8Array`. */
export function requireBytes(value: unknown, action: string): void {
  if (value instanceof Uint8Array) return;
  throw new TypeError(
    `${action}: found ${describe(value)}, wanted a Uint8Array`,
  );
}

/** Throws a `TypeError` unless `value` is a string. */
export function requireString(value: unknown, action: string): void {
  if (typeof value === "string") return;
  throw new TypeError(`${action}: found ${describe(value)}, wanted a string`);
}

/** Throws a `RangeError` unless `value` is an integer in the range. */
export function requireInteger(
  value: number,
  action: string,
  name: string,
  lowest: number = 0,
  highest: number = Number.MAX_SAFE_INTEGER,
): void {
  if (Number.isInteger(value) && value >= lowest && value <= highest) return;
  const range = highest === Number.MAX_SAFE_INTEGER
    ? `an integer >= ${lowest}`
    : `an integer from ${lowest} to ${highest}`;
  throw new RangeError(
    `${action}: found ${name} = ${describe(value)}, wanted ${range}`,
  );
}

/** Throws a `RangeError` unless `value` is an integer, or `Infinity`. */
export function requireLimit(
  value: number,
  action: string,
  name: string,
  lowest: number = 0,
): void {
  if (value !== Infinity) requireInteger(value, action, name, lowest);
}

/** Throws a `TypeError` unless `role` is ours to play, or not given. */
export function requireRole(role: unknown, action: string): void {
  if (role === undefined || role === "client" || role === "server") return;
  throw new TypeError(
    `${action}: found role ${describe(role)}, wanted "client" or "server"`,
  );
}

/** A value in a few words, for an error message. */
export function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  return value.constructor?.name ?? "an object";
}
