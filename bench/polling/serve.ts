/** What the servers have in common: their arguments, and the driver's lines. */
import { answers } from "../servers/report_usage.mjs";
import { createFeed, type Feed } from "./feed.ts";
import type { Load } from "./load.ts";

/** The port that is to be listened on, and the load, as JSON. */
export const port: number = Number(Deno.args[0]);
const load: Load = JSON.parse(Deno.args[1]!);

/** A feed that the driver starts. */
export function openFeed(onUpdate: (update: string) => void): Feed {
  const feed = createFeed(load, onUpdate);
  answers["warm up"] = () => (feed.warmUp(), {});
  answers.start = () => (feed.start(), {});
  return feed;
}
