/**
 * Wireshark looks on: `tshark` captures a conversation of ours on loopback, and
 * what it dissects is compared, frame by frame, with what went over the connection.
 */
import {
  connectWebSocket,
  decodeFrames,
  denoTransport,
  type Extension,
  type Frame,
  serveWebSocket,
  type Transport,
} from "@sluice/websocket";
import { permessageDeflate } from "@sluice/websocket/deflate";
import { assertEquals } from "@std/assert";
import { createCaptureSaver } from "../../lib/cli/capture_saver.ts";
import { createConversationReader } from "../../lib/cli/conversations.ts";
import { converse, type Outcomes } from "./conversation.ts";

/** The port of the server in a capture that we wrote: one that means HTTP. */
const savedPort = 80;

/** How long a capture takes to begin and to end, in milliseconds. */
const settleMs = 700;

/** Everything that was read and written, from the handshake on. */
interface Recording {
  readonly transport: Transport;
  readonly sent: Uint8Array[];
  readonly received: Uint8Array[];
}

function record(transport: Transport): Recording {
  const sent: Uint8Array[] = [];
  const received: Uint8Array[] = [];
  return {
    sent,
    received,
    transport: {
      ...transport,
      read: async () => {
        const bytes = await transport.read();
        if (bytes !== null) received.push(bytes.slice());
        return bytes;
      },
      write: (bytes) => {
        sent.push(bytes.slice());
        return transport.write(bytes);
      },
    },
  };
}

/** The frames of one direction, in the words of `tshark`'s fields. */
function framesOf(chunks: readonly Uint8Array[]): string[] {
  const all = new Uint8Array(
    chunks.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  // The head ends with the first empty line.
  const text = new TextDecoder("latin1").decode(all.subarray(0, 4096));
  const body = all.subarray(text.indexOf("\r\n\r\n") + 4);
  const { frames, error } = decodeFrames(body, undefined, { allowedRsv: 0x40 });
  if (error !== undefined) throw error;
  return frames.map(toWords);
}

function toWords({ fin, rsv1, opcode, maskingKey, payload }: Frame): string {
  const bit = (value: boolean) => value ? 1 : 0;
  return [
    bit(fin),
    rsv1 ? 4 : 0,
    opcode,
    bit(maskingKey !== undefined),
    payload.length,
  ].join(" ");
}

/** What `tshark` makes of a capture: the frames by direction, ours first. */
async function dissect(
  file: string,
  port: number,
): Promise<readonly [string[], string[]]> {
  const { stdout } = await new Deno.Command("tshark", {
    args: [
      ...["-r", file, "-T", "pdml"],
      ...["-Y", `tcp.port == ${port} && websocket`],
    ],
    stderr: "null",
  }).output();
  const directions: [string[], string[]] = [[], []];
  for (const packet of new TextDecoder().decode(stdout).split("<packet>")) {
    // A packet may hold several frames, each dissected by itself.
    const frames = packet.split('<proto name="websocket"').slice(1);
    const isOurs = fieldOf(packet, "tcp.dstport") === port;
    directions[isOurs ? 0 : 1].push(...frames.map(wordsOf));
  }
  return directions;
}

/** A frame as PDML has it, in the same words as ours. */
function wordsOf(frame: string): string {
  const field = (name: string) => fieldOf(frame, `websocket.${name}`);
  return [
    field("fin"),
    field("rsv"),
    field("opcode"),
    field("mask"),
    field("payload_length_ext_64") ?? field("payload_length_ext_16") ??
      field("payload_length"),
  ].join(" ");
}

/** `True` or `1`, as versions differ, or a number that may be written 0x4. */
function fieldOf(xml: string, name: string): number | undefined {
  const [, text] = new RegExp(`name="${name}"[^>]* show="([^"]*)"`).exec(xml) ??
    [];
  if (text === "True") return 1;
  return text === "False" ? 0 : text === undefined ? undefined : Number(text);
}

/** A conversation of ours with ourselves, and what Wireshark saw of it. */
export async function beWatched(
  folder: string,
  extensions: readonly Extension[],
): Promise<Outcomes> {
  const deflate = extensions.length > 0;
  await using server = serveWebSocket({
    hostname: "127.0.0.1",
    port: 0,
    protocols: ["echo"],
    extensions,
  }, { message: (connection, data) => connection.send(data) });
  const port = Number(server.address.split(":").at(-1));
  const file = `${folder}/capture-${port}.pcapng`;
  const capture = new Deno.Command("tshark", {
    args: ["-i", "lo", "-f", `tcp port ${port}`, "-B", "64", "-w", file, "-q"],
    stdout: "null",
    stderr: "null",
  }).spawn();
  await pause(2 * settleMs);
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const recording = record(denoTransport(conn));
  const connection = await connectWebSocket(`ws://127.0.0.1:${port}/`, {
    carrier: recording.transport,
    protocols: ["echo"],
    extensions,
  });
  const outcomes = await converse(connection, { deflate }, []);
  await pause(settleMs);
  capture.kill("SIGINT");
  await capture.status;
  const dissected = await complaintOf(() => compare(file, port, recording));
  save(file, recording);
  const saved = await complaintOf(() => compare(file, savedPort, recording));
  await Deno.remove(file);
  return new Map([...outcomes, ["dissected", dissected], ["saved", saved]]);
}

async function compare(
  file: string,
  port: number,
  { sent, received }: Recording,
): Promise<void> {
  const wanted = [framesOf(sent), framesOf(received)] as const;
  assertEquals(await dissect(file, port), wanted);
  // Our own inspector sees the same in that file.
  assertEquals(await inspect(file), wanted);
}

/** What our inspector makes of a capture: the frames by direction. */
async function inspect(file: string): Promise<[string[], string[]]> {
  const reader = createConversationReader({
    extensions: [permessageDeflate()],
    requireHandshake: true,
  });
  const found = [
    ...await Array.fromAsync(reader.read(await Deno.readFile(file))),
    ...await Array.fromAsync(reader.end()),
  ];
  const directions: [string[], string[]] = [[], []];
  for (const { item } of found) {
    if (item.type !== "frame") continue;
    const { fin, rsv, opcode, maskingKey, payloadLength } = item;
    const masked = maskingKey === undefined ? 0 : 1;
    const words = [fin ? 1 : 0, rsv >> 4, opcode, masked, payloadLength];
    directions[item.from === "client" ? 0 : 1].push(words.join(" "));
  }
  return directions;
}

/** A capture as `sluice tap` saves one, of what was recorded. */
function save(file: string, { sent, received }: Recording): void {
  const saver = createCaptureSaver(file);
  const address = { transport: "tcp", hostname: "127.0.0.1" } as const;
  const connection = saver.begin(
    { ...address, port: 50_000 },
    { ...address, port: savedPort },
  );
  // The whole handshake first; then each side in one go.
  const [request, ...frames] = sent;
  const [response, ...answers] = received;
  connection.data("client", request!);
  connection.data("server", response!);
  for (const bytes of frames) connection.data("client", bytes);
  for (const bytes of answers) connection.data("server", bytes);
  connection.close("client");
  saver.close();
}

/** What a check found wrong, in a line. */
async function complaintOf(
  check: () => Promise<void>,
): Promise<string | undefined> {
  try {
    await check();
  } catch (error) {
    return String(error).replace(/\s+/g, " ").slice(0, 400);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
