/** What a job is told to do, in its first argument, as JSON. */
export interface JobOrder {
  /** The name of the target. */
  readonly target: string;
  /** The module that exports it. */
  readonly file: string;
  /** Matches the files whose counters count, as the source of a `RegExp`. */
  readonly counted: string;
  /** The folder for what breaks the invariant, as a URL. */
  readonly crashers: string;
  readonly seed: number;
  /** `null` for no limit. */
  readonly maxExecutions: number | null;
  /** `null` for no limit. */
  readonly maxMs: number | null;
  /** Keep the smallest set of inputs that takes as many paths as fit. */
  readonly saveCorpus: boolean;
}

/** How far a job has come. */
export interface JobReport {
  readonly executions: number;
  readonly elapsedMs: number;
  readonly paths: number;
  readonly corpus: number;
  readonly crashers: number;
}

/** How many branches of some files were reached. */
export interface Reached {
  readonly branches: number;
  readonly reached: number;
}

/** What a job says, a line of JSON each. */
export type JobMessage =
  | ({ readonly type: "progress" } & JobReport)
  | {
    /** A hang is one, too, and nothing follows it. */
    readonly type: "crasher" | "hang";
    /** The file that it was written to. */
    readonly path: string;
    readonly message: string;
  }
  | ({
    readonly type: "done";
    readonly reached: Reached;
    /** How many inputs were kept, if any were to be. */
    readonly saved: number | undefined;
  } & JobReport);
