/** An attack by a server on our client, in a process of its own. */
import { serveWebSocket } from "@sluice/websocket";
import { within } from "../../connection/connections.ts";
import { requireBound } from "./attack.ts";
import { type Answer, startBadServer } from "./bad_server.ts";
import type { ClientOptions, ClientReport } from "./client_report.ts";
import { startSubject } from "./subject.ts";

/** The longest that a client may take for all of its connections. */
const attackTimeoutMs = 45_000;

/** A bad server, and a client that asks it. */
export interface ClientAttack
  extends Omit<ClientOptions, "url" | "politePort" | "count" | "atOnce"> {
  readonly answer: Answer;
  readonly count?: number;
  readonly atOnce?: number;
}

/** What a client made of an attack. */
export interface ClientOutcome extends ClientReport {
  readonly grownBytes: number;
  readonly handles: readonly [number, number];
}

/** Has a client attacked; throws if a handle or a rejection is left. */
export async function attackClient(
  { answer, ...given }: ClientAttack,
): Promise<ClientOutcome> {
  await using bad = await startBadServer(answer);
  await using polite = serveWebSocket({ hostname: "127.0.0.1", port: 0 }, {
    message: (connection, data) => connection.send(data),
  });
  const options: ClientOptions = {
    count: 1,
    atOnce: 1,
    ...given,
    url: `ws://127.0.0.1:${bad.port}/`,
    politePort: Number(polite.address.split(":")[1]),
  };
  await using client = await startSubject("client.ts", [
    JSON.stringify(options),
  ]);
  await client.child.ask("warm");
  const before = client.handles();
  let report: ClientReport | undefined;
  const grownBytes = await client.growthDuring(async () => {
    const attacked = client.child.ask<ClientReport>("attack");
    report = await within(attacked, "the client", attackTimeoutMs);
  });
  const after = client.handles();
  requireBound(after <= before, `${after} handles, ${before} before`);
  requireBound(report!.unhandled === 0, `${report!.unhandled} unhandled`);
  return { ...report!, grownBytes, handles: [before, after] };
}
