import type { WebSocketConnection } from "../connection/connection.ts";
import { escapeControls } from "../error/escape_controls.ts";
import { spacedHex } from "../inspect/hex.ts";
import { closeCodeName } from "../message/close.ts";
import {
  type Command,
  type Given,
  isGiven,
  numberOf,
  twoColumns,
} from "./command.ts";
import { connectAs, connectOptions, urlOf } from "./connect_options.ts";
import {
  createLiveDissection,
  type LiveDissection,
} from "./live_dissection.ts";
import { readLines } from "./lines.ts";
import { itemWriter, outputOptions } from "./output_options.ts";
import { lineHelp, parseLine, type SpokenLine } from "./spoken_line.ts";
import { ExitCode, noteError, type Terminal, UsageError } from "./terminal.ts";

/** `sluice connect`: a client to type at. */
export const connectCommand: Command = {
  name: "connect",
  summary: "talk to a server: lines go out as text, messages come as lines",
  usage: "[options] URL",
  takesArguments: true,
  details: `Each line that is typed, or piped in, is sent as a text message:
${twoColumns(lineHelp).join("\n")}

Messages are written as lines, binary ones as /binary and their digits. Where the
input ends, the connection is closed once nothing has come for a while. --full,
--brief, --json and --max-shown say how --inspect writes.

Exit code: 0 after a close that both sides made, and that was asked for here or
came with 1000, 1001 or no code; 1 after any other end; 2 for a wrong command
line; 3 if there was no connection.`,
  options: {
    inspect: { type: "boolean", help: "show every frame in place of messages" },
    text: { type: "boolean", help: "send every line as text, commands too" },
    "wait-ms": {
      type: "string",
      value: "N",
      help: "how long to wait for more after the input has ended (1000)",
    },
    ...connectOptions,
    ...outputOptions,
  },
  examples: [
    ["sluice connect ws://127.0.0.1:3000/", "type, and read the answers"],
    ["sluice connect --inspect ws://127.0.0.1:3000/", "and see the frames"],
    [
      "printf 'Hi\\n/ping\\n' | sluice connect wss://example.com/ | cat",
      "between other programs",
    ],
  ],
  run: connect,
};

async function connect(given: Given, terminal: Terminal): Promise<number> {
  const url = urlOf(given, "connect");
  const waitMs = numberOf(given, "wait-ms", 1000);
  const isTyped = terminal.isInputTyped && terminal.isOutputRead;
  const screen = createScreen(terminal, isTyped);
  const isInspecting = isGiven(given, "inspect");
  if (!isInspecting) requireNoDetail(given);
  const live = isInspecting ? inspecting(given, terminal, screen) : undefined;
  const connection = await connectAs(given, url, terminal, live);
  if (isTyped) {
    const { protocol, extensions } = connection;
    const agreed = [protocol, extensions].filter((text) => text !== "");
    const more = agreed.length === 0 ? "" : ` (${agreed.join(", ")})`;
    await screen.show(`Connected${more}; /help says what can be typed\n`);
  }
  let lastMs = performance.now();
  const receiving = receiveAll(connection, async (text) => {
    lastMs = performance.now();
    // Apart from what was typed; between programs a message is all of its line.
    // A terminal obeys what it is sent, and so is not sent what a peer chose.
    if (live === undefined) {
      await screen.show(isTyped ? `< ${escapeControls(text)}\n` : `${text}\n`);
    }
  });
  const sending = sendAll(given, connection, terminal, screen);
  const isOurs = await Promise.race([
    sending,
    connection.closed.then(() => false),
  ]);
  // Who has typed Ctrl-D has seen the answers; a pipe has not.
  while (!isTyped && performance.now() - lastMs < waitMs) {
    const restMs = waitMs - (performance.now() - lastMs);
    if (await isOver(connection, restMs)) break;
  }
  connection.close();
  await receiving;
  const { closeCode, reason, wasClean } = await connection.closed;
  await live?.end();
  const name = `${closeCode} ${closeCodeName(closeCode)}`;
  const why = reason === "" ? "" : ` (${escapeControls(reason)})`;
  terminal.note(`Closed: ${name}${why}\n`);
  const isUsual = [1000, 1001, 1005].includes(closeCode);
  return wasClean && (isOurs || isUsual) ? ExitCode.ok : ExitCode.broken;
}

/** Messages are written as they are: how frames are written is of no use to them. */
function requireNoDetail({ values }: Given): void {
  const found = ["full", "brief", "json", "max-shown"]
    .find((name) => values[name] !== undefined);
  if (found === undefined) return;
  throw new UsageError(
    `Cannot connect: found --${found} without --inspect, which it is for`,
  );
}

/** Whether the connection ends within so many milliseconds. */
async function isOver(
  { closed }: WebSocketConnection,
  ms: number,
): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const later = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([closed.then(() => true), later]);
  } finally {
    clearTimeout(timer);
  }
}

/** What is written while somebody types. */
interface Screen {
  /** Writes above the line that is being typed. */
  readonly show: (text: string) => Promise<void>;
  /** Asks for the next line. */
  readonly prompt: () => Promise<void>;
}

function createScreen(terminal: Terminal, isTyped: boolean): Screen {
  return {
    show: (text) => terminal.write(isTyped ? `\r\x1b[K${text}> ` : text),
    prompt: async () => {
      if (isTyped) await terminal.write("> ");
    },
  };
}

function inspecting(
  given: Given,
  terminal: Terminal,
  screen: Screen,
): LiveDissection {
  const writer = itemWriter(given, terminal, "brief");
  return createLiveDissection(writer.maxShownBytes, async (item) => {
    const text = writer.toText(item);
    if (text !== "") await screen.show(text);
  });
}

/** Shows each message until there are no more. */
async function receiveAll(
  connection: WebSocketConnection,
  show: (text: string) => Promise<void>,
): Promise<void> {
  try {
    for await (const data of connection) {
      await show(
        typeof data === "string" ? data : `/binary ${spacedHex(data)}`,
      );
    }
  } catch {
    // What went wrong is told by `closed`.
  }
}

/** Does what each line says, until there are no more; gives whether one closed. */
async function sendAll(
  given: Given,
  connection: WebSocketConnection,
  terminal: Terminal,
  screen: Screen,
): Promise<boolean> {
  const isAllText = isGiven(given, "text");
  for await (const line of readLines(terminal.input)) {
    const spoken: SpokenLine = isAllText
      ? { type: "text", text: line }
      : parseLine(line);
    const isLast = await obey(spoken, connection, terminal, screen);
    if (isLast) return spoken.type === "close";
    await connection.drained();
    await screen.prompt();
  }
  return false;
}

/** Does what a line says; gives whether it is to be the last. */
async function obey(
  line: SpokenLine,
  connection: WebSocketConnection,
  terminal: Terminal,
  screen: Screen,
): Promise<boolean> {
  switch (line.type) {
    case "text":
      return !connection.send(line.text);
    case "binary":
      return !connection.send(line.bytes);
    case "ping":
      ping(line.text, connection, terminal, screen);
      return false;
    case "close":
      return close(line, connection, terminal);
    case "help":
      await terminal.write(`${twoColumns(lineHelp).join("\n")}\n`);
      return false;
    case "wrong":
      terminal.note(`Cannot read the line: ${line.why}\n`);
      return false;
  }
}

/** Not waited for: the next line may be sent before the answer comes. */
function ping(
  text: string,
  connection: WebSocketConnection,
  terminal: Terminal,
  screen: Screen,
): void {
  const data = new TextEncoder().encode(text);
  connection.ping(data).then(
    (ms) => screen.show(`Pong after ${ms.toFixed(1)} ms\n`),
    (error) => noteError(terminal, error as Error),
  );
}

function close(
  { closeCode, reason }: Extract<SpokenLine, { type: "close" }>,
  connection: WebSocketConnection,
  terminal: Terminal,
): boolean {
  try {
    connection.close({ closeCode, reason });
    return true;
  } catch (error) {
    noteError(terminal, error as Error);
    return false;
  }
}
