import type { Terminal } from "./terminal.ts";

/** How far a long piece of work has come, shown in one line that is rewritten. */
export interface Progress {
  /** Work has come so far; shown ten times a second at the most. */
  readonly update: (done: number, words?: string) => void;
  /** Takes the line away, so that something else can be written. */
  readonly clear: () => void;
}

const barWidth = 30;

/** Nothing is shown of work that ends before, in milliseconds. */
const patienceMs = 500;

const pauseMs = 100;

/** Goes to the beginning of the line and clears it. */
const clearLine = "\r\x1b[K";

/**
 * Progress for who reads the standard error; nothing for anybody else.
 *
 * @param total How much there is to do; `undefined` if nobody knows.
 */
export function createProgress(
  terminal: Pick<Terminal, "note" | "isNoteRead">,
  total: number | undefined,
  nowMs: () => number = () => performance.now(),
): Progress {
  let isShown = false;
  let nextMs = nowMs() + patienceMs;
  const clear = (): void => {
    if (isShown) terminal.note(clearLine);
    isShown = false;
  };
  return {
    clear,
    update: (done, words = "") => {
      if (!terminal.isNoteRead || nowMs() < nextMs) return;
      nextMs = nowMs() + pauseMs;
      isShown = true;
      terminal.note(`${clearLine}${barOf(done, total)}  ${words}`);
    },
  };
}

/** Such as `[######------------------------]  20 %`. */
export function barOf(done: number, total: number | undefined): string {
  if (total === undefined || total === 0) return "…";
  const percent = Math.floor(Math.min(1, done / total) * 100);
  const bar = signsOf(done, total).padEnd(barWidth, "-");
  return `[${bar}] ${String(percent).padStart(3)} %`;
}

/** The full part of a bar: at most 30 signs, `"######"` for a fifth. */
export function signsOf(done: number, total: number): string {
  return "#".repeat(Math.floor(Math.min(1, done / total) * barWidth));
}

/** A number of bytes as people read it: `"1.5 MiB"`. */
export function sizeOf(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const step = Math.min(
    units.length - 1,
    bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10),
  );
  const value = bytes / 1024 ** step;
  return `${step === 0 ? value : value.toFixed(1)} ${units[step]}`;
}
