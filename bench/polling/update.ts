/** What is delivered: short JSON texts, numbered, with the time they were made. */

/** An update, as its receiver has it. */
export interface Update {
  /** From 1 on, without a gap. */
  readonly id: number;
  /** When it was made, by {@linkcode nowMs}. */
  readonly madeMs: number;
}

/** The length of every update's text, all of it ASCII. */
export const updateBytes = 100;

/** An update that is made now, as text. */
export function makeUpdate(id: number): string {
  const start = `{"id":${id},"madeMs":${nowMs().toFixed(3)},"text":"`;
  return `${start}${"x".repeat(updateBytes - start.length - 2)}"}`;
}

/**
 * The time of the machine, finer than `Date.now()`: the server and its clients
 * are processes of one machine, and read one clock.
 */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
