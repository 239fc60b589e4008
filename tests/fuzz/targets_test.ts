import { assert } from "@std/assert";
import { seededRandom } from "../support/random.ts";
import { execute } from "./execute.ts";
import { readCrashers, readSeeds } from "./files.ts";
import { noMeter } from "./target.ts";
import { targets } from "./targets/mod.ts";

for (const target of targets) {
  const { name, generate } = target;

  Deno.test(`what ${name} was found to do, it does right (every seed and crasher)`, async () => {
    const kept = [...readSeeds(name), ...readCrashers(name)];
    assert(kept.length > 0, "There are no seeds");
    for (const { path, bytes } of kept) {
      await execute(target, bytes, noMeter).catch((cause) => {
        throw new Error(`${path}: ${cause.message}`, { cause });
      });
    }
  });

  Deno.test(`the inputs that ${name} generates are right`, async () => {
    const random = seededRandom(1);
    for (let count = 0; count < 30; count++) {
      await execute(target, generate(random), noMeter);
    }
  });
}
