/**
 * Every attack, each against a server or a client of ours in a process of its own:
 * `deno task test:attacks`.
 *
 * By itself, since it takes minutes, much memory and every port that it can get.
 *
 * @module
 */
import type { Outcome } from "./attack.ts";
import { families } from "./families.ts";
import { makeTable, tryAll } from "./try_all.ts";

const outcomes: Outcome[] = [];

for (const family of families) {
  Deno.test(`attacks: ${family.name}`, async (context) => {
    await tryAll(family, ({ name, run }) =>
      context.step({
        name,
        fn: async () => void outcomes.push(await run()),
        // Some go on at the same time; the test around them looks for leaks.
        sanitizeOps: false,
        sanitizeResources: false,
        sanitizeExit: false,
      }));
  });
}

globalThis.addEventListener("unload", () => console.log(makeTable(outcomes)));
