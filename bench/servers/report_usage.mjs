/**
 * Lets the benchmark ask a server, over its standard input, what it has cost so
 * far. Every runtime counts the same way (`getrusage`: user and system time of
 * all threads), to the microsecond, where `/proc` and `ps` count in hundredths
 * of a second.
 *
 * - `usage`: answered with a line of JSON.
 * - `profile start`, `profile stop`: a CPU profile in V8's format, on Deno and
 *   Node.
 * - The end of the input ends the server, so that none outlives the benchmark.
 */
import process from "node:process";
import { createInterface } from "node:readline";

/** @type {import("node:inspector").Session | undefined} */
let session;

/** What this process has cost, and what it holds. */
function usage() {
  const { user, system } = process.cpuUsage();
  return {
    cpuMicroseconds: user + system,
    rssBytes: process.memoryUsage.rss(),
  };
}

/** @param {string} method */
function post(method) {
  return new Promise((resolve, reject) =>
    session?.post(
      method,
      (error, result) => error ? reject(error) : resolve(result),
    )
  );
}

async function startProfile() {
  const { Session } = await import("node:inspector");
  session = new Session();
  session.connect();
  await post("Profiler.enable");
  await post("Profiler.start");
  return {};
}

/**
 * What is answered to a line; a server may add to it.
 *
 * @type {Record<string, () => unknown>}
 */
export const answers = {
  "usage": usage,
  "profile start": startProfile,
  "profile stop": () => post("Profiler.stop"),
};

const lines = createInterface({ input: process.stdin });
lines.on("line", async (line) => {
  console.log(JSON.stringify(await answers[line]?.()));
});
lines.on("close", () => process.exit());
