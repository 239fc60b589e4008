import { chromium } from "playwright-core";
import { chromiumLaunching } from "../support/chromium.ts";
import type { Need } from "./environment.ts";
import type { Outcome } from "./run_checks.ts";
import type { Stage } from "./stage.ts";

/** A runtime, and how the checks are run on it. */
export interface Runtime {
  readonly name: string;
  /** Its version; throws if it is not installed. */
  readonly version: (stage: Stage) => Promise<string>;
  /** What it has not, with where that is said. */
  readonly lacks: Partial<Record<Need, string>>;
  readonly run: (stage: Stage) => Promise<readonly Outcome[]>;
}

const here = new URL("./programs/", import.meta.url).pathname;
const modules = new URL("../../.runtimes/node_modules/", import.meta.url)
  .pathname;

/** Nothing of a runtime takes longer than that, in milliseconds. */
const patienceMs = 120_000;

async function output(
  command: string,
  args: readonly string[],
): Promise<string> {
  const child = new Deno.Command(command, {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(patienceMs),
    env: { NO_COLOR: "1" },
  });
  const { stdout, stderr, success } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  if (success) return text(stdout);
  throw new Error(text(stderr).slice(-500) || text(stdout).slice(-500));
}

/** The last line is the result; a runtime may have said something before it. */
function outcomesIn(text: string): readonly Outcome[] {
  return JSON.parse(text.split("\n").at(-1)!);
}

/** Node or Bun: a program that is called with another. */
function like(name: string, path: string): Runtime {
  const command = `${modules}${path}`;
  return {
    name,
    lacks: {},
    version: () => output(command, ["--version"]),
    run: async ({ bundle, settings }) =>
      outcomesIn(
        await output(command, [`${here}sockets.mjs`, bundle, settings]),
      ),
  };
}

const deno: Runtime = {
  name: "Deno",
  lacks: {},
  version: () => Promise.resolve(Deno.version.deno),
  run: async ({ bundle, settings }) =>
    outcomesIn(
      await output(Deno.execPath(), [
        ...["run", "--quiet", "--allow-all", "--no-config"],
        ...[`${here}sockets.mjs`, bundle, settings],
      ]),
    ),
};

const inWorkers = "a Worker is called, it does not listen " +
  "(developers.cloudflare.com/workers/runtime-apis/tcp-sockets)";

const workerd: Runtime = {
  name: "workerd",
  lacks: {
    "TCP server": inWorkers,
    "TLS server": inWorkers,
    "Unix socket": inWorkers,
    "node:http": inWorkers,
    "node:http2": inWorkers,
  },
  version: async () =>
    (await output(`${modules}.bin/workerd`, ["--version"])).split(" ").at(-1)!,
  run: async (stage) => {
    const { port, config } = await stage.writeWorker();
    const child = new Deno.Command(`${modules}.bin/workerd`, {
      args: ["serve", config],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    try {
      const body = await Deno.readTextFile(stage.settings);
      return await fromWorker(`http://127.0.0.1:${port}/`, body);
    } finally {
      child.kill("SIGTERM");
      await child.status;
    }
  },
};

/** Asks a Worker that may not have started yet. */
async function fromWorker(
  url: string,
  body: string,
): Promise<readonly Outcome[]> {
  for (let tries = 0; tries < 50; tries++) {
    try {
      const signal = AbortSignal.timeout(patienceMs);
      const response = await fetch(url, { method: "POST", body, signal });
      if (response.ok) return await response.json();
      throw new Error(`HTTP ${response.status}: ${await response.text()}`);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error("It did not start");
}

const inPages = "a page has no sockets but WebSocket and WebTransport " +
  "(html.spec.whatwg.org); it takes a carrier";

const page: Runtime = {
  name: "Chromium",
  lacks: {
    "TLS client": inPages,
    "TCP server": inPages,
    "TLS server": inPages,
    "Unix socket": inPages,
    "node:http": inPages,
    "node:http2": inPages,
    "zlib": "a page has no zlib that flushes (compression.spec.whatwg.org)",
  },
  version: async () =>
    (await output(chromiumLaunching.executablePath, ["--version"])).replace(
      /[^\d.]/g,
      " ",
    )
      .trim().split(/\s+/)[0]!,
  run: async ({ pageUrl }) => {
    const browser = await chromium.launch(chromiumLaunching);
    try {
      const page = await browser.newPage();
      await page.goto(pageUrl);
      await page.waitForFunction("globalThis.outcomes", null, {
        timeout: patienceMs,
      });
      return await page.evaluate<readonly Outcome[]>("outcomes");
    } finally {
      await browser.close();
    }
  },
};

/** All of them, in the order of the table. */
export const runtimes: readonly Runtime[] = [
  deno,
  like("Node 22", "node22/bin/node"),
  like("Node 24", "node24/bin/node"),
  like("Bun", ".bin/bun"),
  workerd,
  page,
];
