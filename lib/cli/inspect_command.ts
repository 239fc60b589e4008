import { permessageDeflate } from "../deflate/mod.ts";
import { createDissector, type DissectOptions } from "../inspect/dissector.ts";
import type { DissectedItem } from "../inspect/item.ts";
import {
  type Command,
  type Given,
  isGiven,
  stringOf,
  wordOf,
} from "./command.ts";
import {
  type ConversationItem,
  createConversationReader,
} from "./conversations.ts";
import { type Input, openInput } from "./input.ts";
import { inputFormats } from "./input_format.ts";
import {
  type ItemWriter,
  itemWriter,
  outputOptions,
} from "./output_options.ts";
import { createProgress, type Progress, sizeOf } from "./progress.ts";
import { ExitCode, type Terminal, UnreachableError } from "./terminal.ts";

/** `sluice inspect`: bytes, a file or a capture, taken apart. */
export const inspectCommand: Command = {
  name: "inspect",
  summary: "take the bytes of a conversation apart",
  usage: "[options] [INPUT]",
  takesArguments: true,
  details:
    `INPUT is a file, "-" for the standard input, or the bytes themselves. A file
may be a network capture (pcap or pcapng, as tcpdump and Wireshark write them),
raw bytes, hexadecimal digits, a hex dump, or base64; which one is seen from its
first bytes. They may hold anything: what can be read is shown, then where and why
it stops.

Exit code: 0 if every rule was kept, 1 if one was broken, 2 for a wrong command
line, 3 if the input could not be read to its end. Bytes that end inside a frame
break no rule: more might have followed.`,
  options: {
    format: {
      type: "string",
      value: "FORMAT",
      help: "hex, base64, raw or capture, if it is not to be guessed",
    },
    from: {
      type: "string",
      value: "SIDE",
      help: "client or server: who sent the bytes (their masks tell)",
    },
    agreed: {
      type: "string",
      value: "EXTENSIONS",
      help: "what a handshake that is not there agreed on",
    },
    any: {
      type: "boolean",
      help: "in a capture, also connections without a handshake",
    },
    ...outputOptions,
  },
  examples: [
    ["sluice inspect 818537fa213d7f9f4d5158", "the masked Hello of RFC 6455"],
    [
      "sluice inspect --brief capture.pcapng",
      "a line for each frame of a capture",
    ],
    ["tshark -i lo -w - | sluice inspect -", "a capture as it is made"],
    [
      'sluice inspect --agreed permessage-deflate "c1 07 f2 48 cd c9 c9 07 00"',
      "a compressed frame without its handshake",
    ],
    [
      "sluice inspect --json capture.pcapng | jq 'select(.type == \"violation\")'",
      "what is wrong, for a program",
    ],
  ],
  run: inspect,
};

async function inspect(given: Given, terminal: Terminal): Promise<number> {
  const [name, ...rest] = given.positionals;
  const format = wordOf(given, "format", inputFormats);
  // Digits with spaces between them, which the shell has made several words.
  const text = rest.length === 0 ? name : given.positionals.join(" ");
  const input = await openInput(text, format, terminal);
  const isCapture = input.format === "capture";
  const writer = itemWriter(given, terminal, isCapture ? "brief" : "full");
  const options: DissectOptions = {
    extensions: [permessageDeflate()],
    agreed: stringOf(given, "agreed") ?? "",
    maxShownBytes: writer.maxShownBytes,
    requireHandshake: isCapture && !isGiven(given, "any"),
  };
  const progress = createProgress(terminal, input.byteLength);
  const report = createReport(terminal, writer, progress);
  return isCapture
    ? await inspectCapture(input, options, report, terminal)
    : await inspectBytes(input, options, report, given, terminal);
}

/** What has been found so far, written as it is. */
interface Report {
  /** Puts an item behind those that are to be written. */
  readonly add: (
    item: DissectedItem,
    about?: Parameters<ItemWriter["toText"]>[1],
  ) => void;
  /** Writes what has been added: once for each part of the input. */
  readonly flush: () => Promise<void>;
  /** Adds a line for people. */
  readonly say: (text: string) => void;
  readonly update: (readBytes: number) => void;
  readonly clear: () => void;
  readonly counts: { frames: number; messages: number; violations: number };
}

function createReport(
  terminal: Terminal,
  writer: ItemWriter,
  progress: Progress,
): Report {
  const counts = { frames: 0, messages: 0, violations: 0 };
  let waiting: string[] = [];
  return {
    counts,
    add: (item, about) => {
      if (item.type === "frame") counts.frames += 1;
      if (item.type === "message") counts.messages += 1;
      if (item.type === "violation") counts.violations += 1;
      waiting.push(writer.toText(item, about));
    },
    flush: async () => {
      const text = waiting.join("");
      waiting = [];
      if (text === "") return;
      if (terminal.isOutputRead) progress.clear();
      await terminal.write(text);
    },
    say: (text) => {
      if (!writer.isJson) waiting.push(text);
    },
    update: (readBytes) =>
      progress.update(
        readBytes,
        `${sizeOf(readBytes)}, ${counts.frames} frames`,
      ),
    clear: progress.clear,
  };
}

/** What is dissected and written at once, in bytes. */
const partBytes = 16 * 1024;

async function inspectBytes(
  { parts }: Input,
  options: DissectOptions,
  report: Report,
  given: Given,
  terminal: Pick<Terminal, "note">,
): Promise<number> {
  const from = wordOf(given, "from", ["client", "server"]);
  const dissector = createDissector(options);
  const writeAll = async (items: readonly DissectedItem[]) => {
    for (const item of items) report.add(item);
    await report.flush();
  };
  let broken: string | undefined;
  let isEmpty = true;
  for await (const part of parts) {
    if (part.bytes.length > 0) isEmpty = false;
    for (let at = 0; at < part.bytes.length; at += partBytes) {
      const bytes = part.bytes.subarray(at, at + partBytes);
      await writeAll(await dissector.read(bytes, from));
    }
    report.update(part.readBytes);
    broken ??= part.broken;
  }
  await writeAll(await dissector.end());
  report.clear();
  if (isEmpty && broken === undefined) {
    terminal.note("The input is empty: there is nothing to inspect\n");
  }
  if (broken !== undefined) {
    throw new UnreachableError(
      `Cannot read the input to its end: ${broken}`,
    );
  }
  return codeOf(report);
}

/** So many items wait to be written at the most. */
const itemsAtOnce = 1000;

async function inspectCapture(
  { parts }: Input,
  options: DissectOptions,
  report: Report,
  terminal: Pick<Terminal, "note">,
): Promise<number> {
  const reader = createConversationReader(options);
  let startMs: number | undefined;
  const writeAll = async (found: AsyncIterable<ConversationItem>) => {
    let count = 0;
    for await (const { item, connection, client, server, timeMs } of found) {
      startMs ??= timeMs;
      const ends = { client: { ...client }, server: { ...server } };
      const sinceStartMs = timeMs - startMs;
      report.add(item, { connection, timeMs, sinceStartMs, ...ends });
      count += 1;
      if (count % itemsAtOnce === 0) await report.flush();
    }
    await report.flush();
  };
  for await (const { bytes, readBytes } of parts) {
    await writeAll(reader.read(bytes));
    report.update(readBytes);
  }
  await writeAll(reader.end());
  report.clear();
  const { connections, conversations, missingBytes, broken } = reader.counts();
  const { frames, violations } = report.counts;
  report.say(
    `${count(connections, "connection")}, ${conversations} of WebSocket; ` +
      `${count(frames, "frame")}, ${count(violations, "violation")}\n`,
  );
  if (missingBytes > 0) {
    report.say(
      `${count(missingBytes, "byte")} of them ${
        missingBytes === 1 ? "is" : "are"
      } not in the capture: lost, or cut off\n`,
    );
  }
  if (connections > 0 && conversations === 0) {
    report.say(
      "No handshake of WebSocket was seen; --any takes connections without one\n",
    );
  }
  await report.flush();
  if (broken === undefined) return codeOf(report);
  terminal.note(`${broken}\n`);
  return ExitCode.unreachable;
}

function codeOf({ counts }: Report): number {
  return counts.violations > 0 ? ExitCode.broken : ExitCode.ok;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
