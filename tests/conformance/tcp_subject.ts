import type { Ending } from "./conformance_case.ts";
import type { Received, Subject } from "./subject.ts";
import { createItemReader, type Item, type Side } from "./wire.ts";
import type { Inflate } from "./wire_deflate.ts";

/** The longest that a subject may take to say something. */
const patienceMs = 20_000;

/** How long it is watched where it has to say nothing. */
const momentMs = 20;

/** Makes a subject of whatever is at the other end of a connection. */
export function createTcpSubject(
  connection: Deno.TcpConn,
  side: Side,
  leftover: Uint8Array,
  judge: (ending: Ending) => Promise<string | undefined>,
  inflate?: Inflate,
): Subject {
  const reader = createItemReader(side, inflate);
  const waiting: Received[] = [];
  let wake = () => {};
  // Chops have to arrive as they were cut.
  connection.setNoDelay(true);
  void readAll();

  /** Reads all the time, so that neither side waits for the other to read. */
  async function readAll(): Promise<void> {
    const chunk = new Uint8Array(256 * 1024);
    try {
      take(leftover);
      for (;;) {
        const length = await connection.read(chunk);
        if (length === null) return note({ type: "end" });
        take(chunk.subarray(0, length));
      }
    } catch (error) {
      note({ type: "broken", found: (error as Error).message });
    }
  }
  function take(bytes: Uint8Array): void {
    reader.push(bytes);
    for (let item: Item | undefined; (item = reader.next());) note(item);
  }
  function note(received: Received): void {
    waiting.push(received);
    wake();
  }

  const waitFor = async (limitMs: number): Promise<Received> => {
    if (waiting.length === 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      const timer = setTimeout(resolve, limitMs);
      await promise;
      clearTimeout(timer);
    }
    return waiting[0] ?? { type: "nothing" };
  };

  return {
    side,
    send: async (bytes) => {
      try {
        for (let at = 0; at < bytes.length;) {
          at += await connection.write(bytes.subarray(at));
        }
      } catch {
        // What it made of the bytes shows in what it says, and how it ends.
      }
    },
    receive: async (limitMs = patienceMs) => {
      const received = await waitFor(limitMs);
      waiting.shift();
      return received;
    },
    peek: () => waitFor(momentMs),
    end: async () => {
      try {
        await connection.closeWrite();
      } catch {
        // It has hung up on us altogether, as it may once it has seen our end.
      }
    },
    judge,
  };
}
