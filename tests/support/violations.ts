import { assert, assertEquals } from "@std/assert";
import { ProtocolError } from "../../lib/error/protocol_error.ts";
import type { ProtocolErrorCode } from "../../lib/error/protocol_rule.ts";

/** The part of a {@linkcode ProtocolError} that a table of cases states. */
export interface Violation {
  /** The rule that is broken. */
  readonly code: ProtocolErrorCode;
  /** At which byte of the stream. */
  readonly offset: number;
}

/** Checks that a parser answered `invalid`, for this rule at this byte. */
export function assertInvalid(
  result: { readonly status: string; readonly error?: unknown },
  { code, offset }: Violation,
  name: string,
): ProtocolError {
  assertEquals(result.status, "invalid", name);
  return assertViolation(result.error, { code, offset }, name);
}

/** Checks that `error` is of this rule at this byte. */
export function assertViolation(
  error: unknown,
  { code, offset }: Violation,
  name: string,
): ProtocolError {
  assert(error instanceof ProtocolError, `${name}: ${error}`);
  assertEquals(
    { code: error.code, offset: error.offset },
    { code, offset },
    name,
  );
  return error;
}
