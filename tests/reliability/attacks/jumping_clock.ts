/** A wall clock that somebody sets again and again. */
import { seededRandom } from "../../support/random.ts";

const hourMs = 3_600_000;

/** Has `Date.now` and `new Date` jump by up to an hour at each look, either way. */
export function jumpAbout(seed = 1): void {
  const random = seededRandom(seed);
  const now = Date.now.bind(Date);
  const jumping = () => now() + random.integer(-hourMs, hourMs);
  const RealDate = Date;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, given) =>
      given.length === 0
        ? new target(jumping())
        : Reflect.construct(target, given),
  });
  RealDate.now = jumping;
}
