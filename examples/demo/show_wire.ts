import {
  appendChunk,
  type ByteStreams,
  describeFrame,
  drawFrame,
  joinChunks,
  noChunks,
  parseFrame,
  parseRequestHead,
  parseResponseHead,
} from "@sluice/websocket";

interface ShowOptions {
  readonly color: boolean;
}

/** Whose bytes they are, and how the head before the first frame is read. */
const directions = {
  up: { name: "client ⟶ server", parseHead: parseRequestHead, sgr: 36 },
  down: { name: "server ⟶ client", parseHead: parseResponseHead, sgr: 35 },
} as const;

/** The same streams, with everything that goes through them printed. */
export function showWire(
  conn: ByteStreams,
  options: ShowOptions,
): ByteStreams {
  const up = new TransformStream(show(directions.up, options));
  up.readable.pipeTo(conn.writable).catch(() => {});
  const down = new TransformStream(show(directions.down, options));
  return { readable: conn.readable.pipeThrough(down), writable: up.writable };
}

type Direction = (typeof directions)[keyof typeof directions];

/** Passes chunks on as they are, and prints the head and each frame in them. */
function show(
  direction: Direction,
  options: ShowOptions,
): Transformer<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let waiting = noChunks;
  let inHead = true;
  return {
    transform: (chunk, controller) => {
      waiting = appendChunk(waiting, chunk);
      while (waiting.byteLength > 0) {
        const bytes = joinChunks(waiting);
        const result = inHead ? direction.parseHead(bytes) : parseFrame(bytes);
        const length = "bytesRead" in result ? result.bytesRead : 0;
        if (length === 0) break;
        const piece = bytes.subarray(0, length);
        print(
          direction,
          inHead ? headLines(piece) : frameLines(piece, options),
          options,
        );
        inHead = false;
        waiting = appendChunk(noChunks, bytes.subarray(length));
      }
      controller.enqueue(chunk);
    },
  };
}

function headLines(bytes: Uint8Array): string[] {
  return new TextDecoder().decode(bytes).trimEnd().split("\r\n");
}

function frameLines(bytes: Uint8Array, { color }: ShowOptions): string[] {
  const facts = describeFrame(bytes)
    .map(([name, value]) => `${name.padEnd(12)} ${value}`);
  return [
    ...drawFrame(bytes, { color, maxPayloadBytes: 12 }).split("\n"),
    ...facts,
  ];
}

function print(
  { name, sgr }: Direction,
  lines: readonly string[],
  { color }: ShowOptions,
): void {
  const heading = color ? `\x1b[${sgr}m${name}\x1b[0m` : name;
  console.log([heading, ...lines.map((line) => `  ${line}`), ""].join("\n"));
}
