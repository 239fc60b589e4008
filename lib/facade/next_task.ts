/** The ways to a task of its own that a runtime may have. */
export interface TaskSources {
  readonly setImmediate?: (callback: () => void) => unknown;
  readonly MessageChannel?: new () => {
    readonly port1: { onmessage: (() => void) | null; close(): void };
    readonly port2: { postMessage(message: unknown): void };
  };
  readonly setTimeout: (callback: () => void, delayMs: number) => unknown;
}

/**
 * A function that waits for the next task: all promises that are settled have
 * been heard by then. By the quickest way there is: a timer waits a millisecond
 * or four.
 */
export function nextTaskBy(sources: TaskSources): () => Promise<void> {
  const { setImmediate, MessageChannel, setTimeout } = sources;
  if (setImmediate !== undefined) {
    return () => new Promise((resolve) => void setImmediate(resolve));
  }
  if (MessageChannel !== undefined) {
    return () =>
      new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
          port1.close();
          resolve();
        };
        port2.postMessage(undefined);
      });
  }
  return () => new Promise((resolve) => void setTimeout(resolve, 0));
}

/**
 * Waits for the next task. Each event has one to itself, so that what waits for
 * a promise in one listener has gone on before the next event comes.
 */
export const nextTask: () => Promise<void> = nextTaskBy(
  globalThis as unknown as TaskSources,
);
