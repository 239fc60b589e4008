import { assertEquals } from "@std/assert";
import {
  addNewest,
  moveToNewest,
  type Recency,
  type Recent,
  removeItem,
} from "../../lib/capture/recency.ts";
import { forEachSeed } from "../support/random.ts";

interface Item extends Recent<Item> {
  readonly name: number;
}

function item(name: number): Item {
  return { name, older: undefined, newer: undefined };
}

/** Their names from either end, which have to agree. */
function namesIn(items: Recency<Item>): number[] {
  const names: number[] = [];
  for (let at = items.oldest; at !== undefined; at = at.newer) {
    names.push(at.name);
  }
  const back: number[] = [];
  for (let at = items.newest; at !== undefined; at = at.older) {
    back.push(at.name);
  }
  assertEquals(back.reverse(), names);
  return names;
}

Deno.test("a Recency keeps the order that an array would", () => {
  forEachSeed((random) => {
    const items: Recency<Item> = { oldest: undefined, newest: undefined };
    let names: number[] = [];
    const known: Item[] = [];
    for (let step = 0; step < 200; step++) {
      const chosen = known.length > 0 ? random.pick(known) : undefined;
      if (chosen === undefined || random.chance(0.3)) {
        known.push(item(step));
        addNewest(items, known.at(-1)!);
        names.push(step);
      } else {
        names = names.filter((name) => name !== chosen.name);
        if (random.chance(0.6)) {
          moveToNewest(items, chosen);
          names.push(chosen.name);
        } else {
          removeItem(items, chosen);
          known.splice(known.indexOf(chosen), 1);
        }
      }
      assertEquals(namesIn(items), names);
    }
  });
});
