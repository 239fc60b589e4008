import type { Ending } from "./conformance_case.ts";
import type { Item, Side } from "./wire.ts";

/** What is under test, as far as the tester can reach it. */
export interface Subject {
  /** Which end of the connection it is. */
  readonly side: Side;
  /** Gives it bytes; that it does not take them is no mistake as such. */
  readonly send: (bytes: Uint8Array) => Promise<void>;
  /** The next thing it says, which is waited for, up to a limit. */
  readonly receive: (limitMs?: number) => Promise<Received>;
  /** The same, without taking it, and waited for only for a moment. */
  readonly peek: () => Promise<Received>;
  /** Tells it that the tester sends no more. */
  readonly end: () => Promise<void>;
  /** What is wrong with how it was left behind; `undefined` if nothing is. */
  readonly judge: (ending: Ending) => Promise<string | undefined>;
}

/** What a tester sees of a subject. */
export type Received =
  | Item
  /** It hung up, in good order. */
  | { readonly type: "end" }
  /** It said nothing. */
  | { readonly type: "nothing" }
  /** It sent what may not be sent, or the connection broke. */
  | { readonly type: "broken"; readonly found: string };
