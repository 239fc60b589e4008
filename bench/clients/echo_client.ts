/**
 * The load of a client that measures itself, whatever library it uses: opens
 * and closes connections, or echoes in a closed loop, and prints as JSON what
 * that took of its own CPU time.
 */
import process from "node:process";

/** A connection of some client library. */
export interface EchoConnection {
  readonly send: (data: string | Uint8Array<ArrayBuffer>) => void;
  /** Closes, and resolves when it is closed. */
  readonly close: () => Promise<void>;
}

/** Opens a connection whose messages go to `onMessage`. */
export type Connect = (
  url: string,
  onMessage: (data: string | Uint8Array | ArrayBuffer) => void,
) => Promise<EchoConnection>;

/** What is to be measured. */
export interface ClientTask {
  readonly url: string;
  /** How many connections; for `handshakes` one after the other. */
  readonly connections: number;
  readonly inFlight: number;
  readonly bytes: number;
  readonly kind: "binary" | "text" | "handshakes";
  readonly warmUpMs: number;
  readonly runMs: number;
}

/** What it came to. */
export interface ClientResult {
  readonly cpuMicroseconds: number;
  /** How many messages came back, or handshakes were made. */
  readonly count: number;
}

/** Does the task that is given as JSON, and prints the result. */
export async function main(connect: Connect): Promise<void> {
  const task: ClientTask = JSON.parse(Deno.args[0]!);
  const result = task.kind === "handshakes"
    ? await shakeHands(connect, task)
    : await echo(connect, task);
  console.log(JSON.stringify(result));
  Deno.exit();
}

async function shakeHands(
  connect: Connect,
  { url, connections }: ClientTask,
): Promise<ClientResult> {
  const openAndClose = async (count: number) => {
    for (let index = 0; index < count; index++) {
      await (await connect(url, () => {})).close();
    }
  };
  await openAndClose(connections);
  return await cost(async () => {
    await openAndClose(connections);
    return connections;
  });
}

async function echo(connect: Connect, task: ClientTask): Promise<ClientResult> {
  const { connections, warmUpMs, runMs } = task;
  const loops = await Promise.all(
    Array.from({ length: connections }, () => openLoop(connect, task)),
  );
  const runAll = async (ms: number) => {
    const counts = await Promise.all(loops.map((run) => run(ms)));
    return counts.reduce((sum, count) => sum + count, 0);
  };
  await runAll(warmUpMs);
  return await cost(() => runAll(runMs));
}

/** A connection that sends bursts, each after the echo of the one before. */
async function openLoop(
  connect: Connect,
  { url, inFlight, bytes, kind }: ClientTask,
): Promise<(ms: number) => Promise<number>> {
  const data = kind === "text" ? "a".repeat(bytes) : new Uint8Array(bytes);
  let missing = 0;
  let count = 0;
  let endMs = 0;
  let finish = (_count: number) => {};
  const sendBurst = () => {
    missing = inFlight;
    for (let index = 0; index < inFlight; index++) connection.send(data);
  };
  const connection = await connect(url, (echoed) => {
    if (sizeOf(echoed) !== bytes) throw new Error("Another length came back");
    count += 1;
    missing -= 1;
    if (missing > 0) return;
    if (performance.now() < endMs) sendBurst();
    else finish(count);
  });
  return (ms) => {
    count = 0;
    endMs = performance.now() + ms;
    sendBurst();
    return new Promise((resolve) => finish = resolve);
  };
}

function sizeOf(data: string | Uint8Array | ArrayBuffer): number {
  return typeof data === "string" ? data.length : data.byteLength;
}

/** What something takes of this process. */
async function cost(run: () => Promise<number>): Promise<ClientResult> {
  const before = process.cpuUsage();
  const count = await run();
  const { user, system } = process.cpuUsage(before);
  return { cpuMicroseconds: user + system, count };
}
