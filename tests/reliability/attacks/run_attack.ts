/** One attack, from a fresh server to the check that nothing is left of it. */
import type { Attack, Outcome, World } from "./attack.ts";
import { startPoliteClient } from "./polite_client.ts";
import { connectRaw, openRaw, patienceMs } from "./raw_peer.ts";
import { startSubject, type Subject } from "./subject.ts";
import type { ServerState } from "./subject_state.ts";

/** Runs an attack; throws if the bound, or anything around it, does not hold. */
export async function runAttack(
  family: string,
  attack: Attack,
): Promise<Outcome> {
  const options = JSON.stringify(attack.server ?? {});
  await using subject = await startSubject("server.ts", [options]);
  // Once before, so that everything is loaded.
  const { carrying } = attack.server ?? {};
  await (await startPoliteClient(subject.port, carrying)).end();
  const before = await restingHandles(subject);
  const polite = await startPoliteClient(subject.port, carrying);
  const found = await attack.run(worldOf(subject));
  const answered = await polite.end();
  const after = await settle(subject, before);
  const { unhandled } = await stateOf(subject);
  if (unhandled > 0) throw new Error(`Found ${unhandled} unhandled errors`);
  return { family, attack, found, answered, handles: [before, after] };
}

function stateOf({ child }: Subject): Promise<ServerState> {
  return child.ask<ServerState>("state");
}

function worldOf(subject: Subject): World {
  const { port, growthDuring, heldBytes } = subject;
  return {
    port,
    connect: () => connectRaw(port),
    open: (target, extensions) => openRaw(port, target, extensions),
    state: () => stateOf(subject),
    errors: (count) => errorsOf(subject, count),
    growthDuring,
    heldBytes,
  };
}

/** A handshake that fails is told of after the client has hung up. */
async function errorsOf(
  subject: Subject,
  count: number,
): Promise<ServerState["errors"]> {
  const end = performance.now() + patienceMs;
  while (true) {
    const { errors } = await stateOf(subject);
    const told = Object.values(errors).reduce((sum, one) => sum + one, 0);
    if (told >= count || performance.now() > end) return errors;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** How many handles there are when no more of them go. */
async function restingHandles(subject: Subject): Promise<number> {
  let handles = await settle(subject, Infinity);
  for (let looks = 0; looks < 10; looks++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    handles = Math.min(handles, subject.handles());
  }
  return handles;
}

/** Waits until no connection or handle is left that was not there before. */
async function settle(subject: Subject, handles: number): Promise<number> {
  const end = performance.now() + patienceMs;
  while (true) {
    const { connections } = await stateOf(subject);
    const found = subject.handles();
    if (connections === 0 && found <= handles) return found;
    if (performance.now() > end) {
      throw new Error(
        `Found ${connections} connections and ${found} handles, ` +
          `wanted none and ${handles}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
