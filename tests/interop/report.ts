import { type Check, columns, type Outcomes } from "./conversation.ts";
import type { Peer, Side } from "./peer.ts";

/** How a conversation with a peer in one role came out. */
export interface Result {
  readonly peer: string;
  readonly version: string;
  /** What the peer was. */
  readonly side: Side;
  readonly deflate: boolean;
  readonly outcomes: Outcomes;
  /** The checks that failed and were not expected to. */
  readonly failed: readonly Check[];
}

/** The results as a page. */
export function render(
  peers: readonly Peer[],
  results: readonly Result[],
): string {
  const header = ["peer", "version", "it is the", "compressed", ...columns];
  const rows = results.map(toRow);
  return `# Interoperation

\`deno task test:interop\` wrote this: our client with each peer's server, our server
with each peer's client, and both of ours through each proxy, over TCP on loopback. What the columns mean is in
[conversation.ts](conversation.ts). ✓ went well, ✗ did not, q did as the quirk below
says; an empty cell was not tried, because the peer has no such thing or for the
quirk.

${table([header, ...rows])}

## Quirks

${quirksOf(peers)}
`;
}

function toRow(
  { peer, version, side, deflate, outcomes, failed }: Result,
): string[] {
  const mark = (check: Check) => {
    if (!outcomes.has(check)) return "";
    if (outcomes.get(check) === undefined) return "✓";
    return failed.includes(check) ? "✗" : "q";
  };
  return [peer, version, side, deflate ? "yes" : "no", ...columns.map(mark)];
}

function quirksOf(peers: readonly Peer[]): string {
  const lines = peers.flatMap(({ name, quirks = [] }) =>
    quirks.map(({ check, what }) => `- **${name}**, ${check}: ${what}.`)
  );
  return lines.length === 0 ? "None." : lines.join("\n");
}

function table(rows: readonly (readonly string[])[]): string {
  const line = (row: readonly string[]) => `| ${row.join(" | ")} |`;
  const [header, ...rest] = rows;
  return [line(header!), line(header!.map(() => "---")), ...rest.map(line)]
    .join("\n");
}
