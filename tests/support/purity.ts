import { assertEquals } from "@std/assert";
import { roomBehind } from "../../lib/bytes/append_bytes.ts";

/**
 * Calls `call` twice with `args` and checks that it is pure as far as can be
 * seen from outside: nothing it was given changed, and both answers are equal.
 *
 * Objects are frozen in depth, so that a write throws. Typed arrays cannot be
 * frozen: the whole buffer beneath each is compared with a copy, the bytes
 * beside the view included.
 */
export function assertPure<Arguments extends readonly unknown[], Result>(
  name: string,
  call: (...args: Arguments) => Result,
  ...args: Arguments
): Result {
  const views = freeze(args);
  const spans = views.map(ownSpan);
  const copies = spans.map((span) => span.slice());
  // From one place in the source, so that the stacks of errors are equal too.
  const answers = Array.from({ length: 2 }, () => call(...args));
  spans.forEach((span, at) =>
    assertEquals(
      span,
      copies[at],
      `${name} wrote to the buffer of an argument`,
    )
  );
  const [first, second] = answers;
  assertEquals(second, first, `${name} answered differently the second time`);
  return first!;
}

/** Freezes everything in reach of `root` and gives the byte arrays in it. */
function freeze(root: unknown): Uint8Array[] {
  const views: Uint8Array[] = [];
  const seen = new Set<object>();
  const visit = (value: unknown) => {
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    seen.add(value);
    if (value instanceof Uint8Array) {
      views.push(value);
    } else {
      Object.values(Object.freeze(value)).forEach(visit);
    }
  };
  visit(root);
  return views;
}

/**
 * All the bytes that `view` looks at a part of, but for what `appendBytes` keeps
 * free behind an array: that is nobody's, and for the next to write to.
 */
function ownSpan(view: Uint8Array): Uint8Array {
  const free = roomBehind(view)?.length ?? 0;
  return new Uint8Array(view.buffer, 0, view.buffer.byteLength - free);
}
