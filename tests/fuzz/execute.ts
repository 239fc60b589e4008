import { assertHolds } from "./invariants.ts";
import { areEqual } from "./is_same.ts";
import type { FuzzTarget, Meter } from "./target.ts";

/** Checks one input, and that nobody wrote to it. Throws what is thrown. */
export async function execute(
  target: FuzzTarget,
  bytes: Uint8Array,
  meter: Meter,
): Promise<void> {
  const copy = bytes.slice();
  const checked = target.check(copy, meter);
  // Without a turn of the queue for those that need none.
  if (checked !== undefined) await checked;
  assertHolds(areEqual(copy, bytes), "The input was written to");
}

/**
 * What kind of failure an error is: two inputs that fail in one place for one
 * reason have one name.
 */
export function failureOf(error: unknown): string {
  if (!(error instanceof Error)) return `thrown ${String(error)}`;
  const [words] = error.message.split(": found");
  return `${error.name}: ${words!.slice(0, 160).replace(/\d+/g, "0")}`;
}
