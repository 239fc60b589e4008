import { escapeControls } from "../error/escape_controls.ts";

/** Where a command reads and writes, and what it knows of who is there. */
export interface Terminal {
  /** Writes to the standard output; settles when more may be written. */
  readonly write: (text: string) => Promise<void>;
  /** Writes to the standard error: what is not the result. */
  readonly note: (text: string) => void;
  /** The standard input. */
  readonly input: ReadableStream<Uint8Array>;
  /** Whether a person types the input. */
  readonly isInputTyped: boolean;
  /** Whether a person reads the output. */
  readonly isOutputRead: boolean;
  /** Whether a person reads the standard error: progress is for them. */
  readonly isNoteRead: boolean;
  /** Whether colours are wanted there, as far as can be told. */
  readonly color: boolean;
  /**
   * Aborts when the command is to end, by Ctrl-C or a pipe that is closed. A
   * command that never looks at it is ended at once.
   */
  readonly signal: AbortSignal;
}

/**
 * Tells what went wrong in a line. A terminal obeys what it is sent, and what a peer
 * wrote may be in it.
 */
export function noteError(
  { note }: Pick<Terminal, "note">,
  { message }: Error,
): void {
  note(`${escapeControls(message)}\n`);
}

/** What a program exits with. */
export const ExitCode = {
  /** Everything went well. */
  ok: 0,
  /** A rule of the protocol was broken, or messages were lost. */
  broken: 1,
  /** The command line was wrong. */
  usage: 2,
  /** A file could not be read, or a host not be reached. */
  unreachable: 3,
} as const;

/** A mistake in how a command was called, in words for who called it. */
export class UsageError extends Error {
  /** Always `"UsageError"`. */
  override readonly name = "UsageError";
}

/** What could not be read or reached, in words for who wanted it. */
export class UnreachableError extends Error {
  /** Always `"UnreachableError"`. */
  override readonly name = "UnreachableError";
}
