/** What the ways came to, as Markdown. */
import { row } from "../report.ts";
import { count, median, short } from "../statistics.ts";
import type { Load } from "./load.ts";
import type { Sample } from "./measure.ts";
import { updateBytes } from "./update.ts";
import { ours, type Way } from "./ways.ts";

/** A way, and a sample of each round. */
export interface WayResult {
  readonly way: Way;
  readonly samples: readonly Sample[];
}

/** What the table comes with. */
export interface ReportContext {
  readonly load: Load;
  readonly rounds: number;
  readonly versions: ReadonlyMap<string, string>;
  readonly revision: string;
}

/** The whole page. */
export function makeReport(
  results: readonly WayResult[],
  context: ReportContext,
): string {
  const list = [...context.versions].map(([name, version]) =>
    `- ${name}: ${version}`
  );
  return `# Why not polling?

${makeIntroduction(context)}

${list.join("\n")}

![Bytes, CPU time and delay of each way](polling.svg)

${makeTable(results, context.load)}

${makeFindings(results, context.load)}

## How it is measured

${makeMethod(context)}

Measured at ${context.revision}.
`;
}

function makeIntroduction({ load, rounds }: ReportContext): string {
  const { updates, clients, everyMs } = load;
  return `\`deno task bench:polling\` wrote this: ${updates} updates of ${updateBytes} bytes, one
each ${everyMs} ms, delivered to each of ${clients} clients, in ${rounds} rounds in which the ways
take turns. Numbers are medians over the rounds. Every client has checked that
it got every update, once, in order.`;
}

/** A row for each way, with the median of each number. */
export function makeTable(results: readonly WayResult[], load: Load): string {
  const head = [
    "way",
    "MB to the clients",
    "MB to the server",
    "bytes beyond an update",
    "requests",
    "server CPU s",
    "delay p50 ms",
    "p99 ms",
    "driver busy",
  ];
  const rows = results.map(({ way, samples }) => {
    const middle = medianOf(samples);
    return row([
      way.title,
      short(middle.receivedBytes / 1e6),
      formatSmall(middle.sentBytes / 1e6),
      short(overheadOf(middle, load)),
      count(middle.requests),
      `${short(middle.serverCpuSeconds)} (${rangeOf(samples)})`,
      short(middle.delayP50Ms),
      short(middle.delayP99Ms),
      `${Math.round(middle.driverBusy * 100)} %`,
    ]);
  });
  return [
    row(head),
    row(["---", ...head.slice(1).map(() => "---:")]),
    ...rows,
  ].join("\n");
}

/** The median of each number by itself. */
export function medianOf(samples: readonly Sample[]): Sample {
  const middle = (key: keyof Sample) => median(samples.map((one) => one[key]));
  return {
    sentBytes: middle("sentBytes"),
    receivedBytes: middle("receivedBytes"),
    requests: middle("requests"),
    serverCpuSeconds: middle("serverCpuSeconds"),
    delayP50Ms: middle("delayP50Ms"),
    delayP99Ms: middle("delayP99Ms"),
    driverBusy: middle("driverBusy"),
  };
}

function rangeOf(samples: readonly Sample[]): string {
  const all = samples.map(({ serverCpuSeconds }) => serverCpuSeconds);
  return `${short(Math.min(...all))}–${short(Math.max(...all))}`;
}

/** So that a handshake is not rounded to more than it is. */
function formatSmall(megabytes: number): string {
  return megabytes < 0.1 ? megabytes.toFixed(2) : short(megabytes);
}

/** The bytes of both ways for each update that a client got, but its own. */
function overheadOf(sample: Sample, { updates, clients }: Load): number {
  return bytesOf(sample) / (updates * clients) - updateBytes;
}

function bytesOf({ sentBytes, receivedBytes }: Sample): number {
  return sentBytes + receivedBytes;
}

/** Each way beside ours: whatever the numbers are, this is what they say. */
function makeFindings(results: readonly WayResult[], load: Load): string {
  const own = results.find(({ way }) => way.name === ours);
  if (own === undefined) return "";
  const least = medianOf(own.samples);
  const lines = results.filter(({ way }) => way.name !== ours)
    .map(({ way, samples }) => {
      const other = medianOf(samples);
      const times = (of: (sample: Sample) => number) =>
        `${short(of(other) / of(least))} ×`;
      return `- **${way.title}**: ${times(bytesOf)} the bytes, ` +
        `${
          times(({ serverCpuSeconds }) => serverCpuSeconds)
        } the server's CPU, ` +
        `${times(({ delayP50Ms }) => delayP50Ms)} the delay (p50)` +
        `${describeRequests(way, other, load)}.`;
    });
  return `Beside WebSocket:

${lines.join("\n")}

Polling has a price and a delay, and an interval only trades one for the other:
a request costs its heads whether there was anything to get or not, and half of
the interval is what an update waits for it. Where updates come faster than
requests, many are fetched at once, which takes the server less CPU time than
sending each when it is made, and is paid in delay; where they come slower, most
requests bring nothing, and a WebSocket sends nothing but its heartbeat, a Ping
and a Pong each 30 seconds. Long polling has the delay of a push, at a request for
each update: the heads are several times what they carry. Server-sent events
push as WebSocket does, with a chunk and a field around each update where a
WebSocket has a header of two bytes, and in one direction: what a client has to
say is a request of its own.`;
}

/** What it is to ask again and again; nothing of those that ask once. */
function describeRequests(
  { intervalMs }: Way,
  sample: Sample,
  load: Load,
): string {
  if (sample.requests <= load.clients) return "";
  const bytes = headsOf(sample, load);
  const idle = intervalMs === undefined
    ? ""
    : `, or about ${short(idleOf(sample, load) / intervalMs)} kB a second ` +
      "for each client that has nothing to get";
  return `; ${short(bytes)} bytes of heads and framing a request${idle}`;
}

/** What a request costs on the wire beside the updates that it brings. */
function headsOf(sample: Sample, { updates, clients }: Load): number {
  return (bytesOf(sample) - updates * clients * updateBytes) / sample.requests;
}

/** What a request costs that brings nothing: as above, without the commas. */
function idleOf(sample: Sample, load: Load): number {
  return headsOf(sample, load) - load.updates * load.clients / sample.requests;
}

function makeMethod({ load }: ReportContext): string {
  return `- **Bytes** are counted where a client reads and writes its socket: all that TCP
  carries, from the first request to the close, heads and framing included.
  What TCP and IP add, at least 40 bytes a packet and its acknowledgements, is
  not in it. MB are millions of bytes.
- **Heads** of requests are those of Chromium 156 to the same origin, recorded
  from one, without a cookie. Answers have \`Content-Type\`, \`Cache-Control\` and
  what Deno adds. HTTP/1.1 with kept connections, without TLS: HTTP/2 would
  shrink repeated heads to tens of bytes, and cookies would add to each.
- **Nothing is compressed**, in any of the ways, though the clients would accept
  it.
- **The server** is a process of its own. For polling, long polling and
  server-sent events it is \`Deno.serve\`, which is native; the text of an event
  is made once for all clients. For WebSocket it is \`serveWebSocket\`, which is
  this library's, in TypeScript. **CPU** is user and system time of that
  process, from before the first client connects until the last has all, after
  a warm-up.
- **The clients** are all in one other process, on plain sockets; *driver busy* is
  how much of one core they took. Where that is near 100 %, delays are theirs.
- **Polling clients** are spread over their interval, and each asks for what is
  after the last number that it has. A run ends when every client has
  everything, up to an interval after the last update is made.
- **Delay** is from the making of an update to when a client has parsed it, of
  all ${load.updates} × ${load.clients} deliveries. A push goes to one client after another, and
  every client of the ${load.clients} is in this: p50 is about the one in the middle. The
  server and the clients read the same clock, and share the machine.`;
}
