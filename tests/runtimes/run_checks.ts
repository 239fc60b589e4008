/** What is bundled for every runtime: the library, and the checks. */
import { checks } from "./checks.ts";
import type { Environment } from "./environment.ts";

export { dialCloudflare } from "@sluice/websocket/transport/cloudflare";
export { listenNode, upgradeListener } from "@sluice/websocket/transport/node";
export { http2Listener, http2Session } from "@sluice/websocket/transport/http2";
export { listenDeno } from "@sluice/websocket/transport/deno";

/** What came of a check. */
export interface Outcome {
  readonly name: string;
  /** `"lacks"`: the runtime cannot do it, and `why` says so. */
  readonly status: "ok" | "failed" | "lacks";
  readonly why: string;
}

/** No check takes longer than that, in milliseconds. */
const timeoutMs = 20_000;

/** Runs every check, one after the other. */
export async function runChecks(
  environment: Environment,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { name, needs, run } of checks) {
    const lack = needs.map((need) => environment.lacks[need])
      .find((why) => why !== undefined);
    if (lack !== undefined) {
      outcomes.push({ name, status: "lacks", why: lack });
      continue;
    }
    try {
      await within(Promise.resolve().then(() => run(environment)));
      outcomes.push({ name, status: "ok", why: "" });
    } catch (error) {
      outcomes.push({ name, status: "failed", why: describe(error) });
    }
  }
  return outcomes;
}

async function within(work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`Not done after ${timeoutMs} ms`)),
    timeoutMs,
  );
  try {
    await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function describe(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, " ").slice(0, 300);
}
