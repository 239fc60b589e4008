/** What went wrong, as far as it is worth telling, and what nobody caught. */
export interface Faults {
  readonly note: (fault: string) => void;
  /** The first of them, and how many there were. */
  readonly all: () => { readonly count: number; readonly first: string[] };
}

/** More say nothing that these do not. */
const mostTold = 10;

/** Notes faults, and every rejection and error that nobody caught. */
export function createFaults(): Faults {
  const first: string[] = [];
  let count = 0;
  const note = (fault: string): void => {
    count += 1;
    if (first.length < mostTold) first.push(fault);
  };
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    note(`unhandled rejection: ${event.reason?.stack ?? event.reason}`);
  });
  addEventListener("error", (event) => {
    event.preventDefault();
    note(`uncaught: ${event.error?.stack ?? event.message}`);
  });
  return { note, all: () => ({ count, first }) };
}
