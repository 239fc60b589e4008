/**
 * Writes into the tutorial what its commands print, and what was measured. The
 * text around it is written by hand; nothing that a program says is.
 *
 *     deno task docs
 */
import { main } from "../lib/cli/main.ts";
import { ExitCode, type Terminal } from "../lib/cli/terminal.ts";

const root = new URL("../", import.meta.url);

/** How the numbers of `bench/POLLING.md` are told in a language. */
export interface PollingWords {
  /** What the table says of each column of the page, in their order. */
  readonly columns: Readonly<Record<string, string>>;
  /** What is said of a way that has another name in this language. */
  readonly ways: Readonly<Record<string, string>>;
  /** What was done, in a sentence. */
  readonly sayLoad: (load: PollingLoad) => string;
}

/** What was delivered, and to how many. */
export interface PollingLoad {
  readonly updates: string;
  readonly bytes: string;
  readonly everyMs: string;
  readonly clients: string;
}

/** The tutorial in each of its languages, by file name. */
export const tutorials: Readonly<Record<string, PollingWords>> = {
  "tutorial.md": {
    columns: {
      "way": "way",
      "MB to the clients": "MB to the clients",
      "MB to the server": "MB to the server",
      "bytes beyond an update": "bytes beyond an update",
      "server CPU s": "server CPU s",
      "delay p50 ms": "delay p50 ms",
    },
    ways: {},
    sayLoad: ({ updates, bytes, everyMs, clients }) =>
      `${updates} updates of ${bytes} bytes, one each ${everyMs} ms, to each of ` +
      `${clients} clients:`,
  },
  "tutorial.zh.md": {
    columns: {
      "way": "方式",
      "MB to the clients": "发往客户端 MB",
      "MB to the server": "发往服务器 MB",
      "bytes beyond an update": "每条更新的额外字节",
      "server CPU s": "服务器 CPU 秒",
      "delay p50 ms": "延迟 p50 毫秒",
    },
    ways: {
      "polling each 100 ms": "轮询，每 100 毫秒一次",
      "polling each second": "轮询，每秒一次",
      "long polling": "长轮询",
      "server-sent events": "服务器推送事件（SSE）",
      "WebSocket, Sluice": "WebSocket（Sluice）",
    },
    sayLoad: ({ updates, bytes, everyMs, clients }) =>
      `${updates} 条更新，每条 ${bytes} 字节，每 ${everyMs} 毫秒一条，` +
      `发给 ${clients} 个客户端中的每一个：`,
  },
};

/** A command of a page, and what stands under it. */
export interface Listing {
  /** As it is typed, without the prompt. */
  readonly command: string;
  /** Without the line breaks at its end. */
  readonly output: string;
}

const consoleBlock = /^```console\n(.*?)\n```$/gms;

/** The listings of a page, in their order. */
export function listingsOf(page: string): Listing[] {
  return [...page.matchAll(consoleBlock)].flatMap(([, block]) => {
    const [before, ...parts] = `\n${block}`.split("\n$ ");
    if (before !== "") throw new Error(`A listing has no command: ${before}`);
    return parts.map((part) => {
      const [command = "", ...lines] = part.split("\n");
      return { command, output: lines.join("\n").trimEnd() };
    });
  });
}

/** The page with what its commands print now, and with what was measured last. */
export async function writeTutorial(
  page: string,
  words: PollingWords,
): Promise<string> {
  const outputs = new Map<string, string>();
  for (const { command } of listingsOf(page)) {
    outputs.set(command, await outputOf(command));
  }
  const listed = page.replace(consoleBlock, (block) => {
    const texts = listingsOf(block).map(({ command }) =>
      [`$ ${command}`, outputs.get(command)].filter((text) => text !== "")
        .join("\n")
    );
    return ["```console", ...texts, "```"].join("\n");
  });
  return listed.replace(
    /(<!-- bench:polling -->).*(<!-- \/bench:polling -->)/s,
    (_, begin, end) => `${begin}\n\n${pollingTable(words)}\n\n${end}`,
  );
}

/**
 * What a command prints: `deno task sluice` and `deno run`, and `| head -n N`
 * or `| tail -n N` behind them. Nothing else can be in a listing.
 */
export async function outputOf(command: string): Promise<string> {
  const [whole = "", pipe] = command.split(" | ");
  const words = [...whole.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)]
    .map(([, single, double, bare]) => single ?? double ?? bare!);
  const [program, verb, ...args] = words;
  const cut = pipe === undefined ? [] : /^(head|tail) -n (\d+)$/.exec(pipe);
  if (program !== "deno" || cut === null) {
    throw new Error(`Cannot list ${JSON.stringify(command)}`);
  }
  const text = verb === "task" && args[0] === "sluice"
    ? await sluiceOutput(args.slice(1))
    : verb === "run"
    ? await programOutput(args)
    : undefined;
  if (text === undefined) {
    throw new Error(`Cannot list ${JSON.stringify(command)}`);
  }
  const lines = text.trimEnd().split("\n");
  const [, end, shown = lines.length] = cut;
  return (end === "tail"
    ? lines.slice(-Number(shown))
    : lines.slice(0, Number(shown))).join("\n").trimEnd();
}

async function sluiceOutput(args: readonly string[]): Promise<string> {
  let output = "";
  let notes = "";
  const terminal: Terminal = {
    write: (text) => {
      output += text;
      return Promise.resolve();
    },
    note: (text) => {
      notes += text;
    },
    input: ReadableStream.from<Uint8Array>([]),
    isInputTyped: false,
    isOutputRead: false,
    isNoteRead: false,
    color: false,
    signal: new AbortController().signal,
  };
  const code = await main(args, terminal);
  if (notes !== "" || code > ExitCode.broken) {
    throw new Error(`sluice ${args.join(" ")} ended with ${code}: ${notes}`);
  }
  return output;
}

async function programOutput(args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...args],
    cwd: root.pathname,
    env: { NO_COLOR: "1" },
  }).output();
  if (!success) {
    throw new Error(
      `deno run ${args.join(" ")} failed: ${new TextDecoder().decode(stderr)}`,
    );
  }
  return new TextDecoder().decode(stdout);
}

/** The cells of the table of `bench/POLLING.md`, its head first. */
export function pollingRows(): string[][] {
  return readPolling().split("\n")
    .filter((line) => line.startsWith("|") && !/^[\s|:-]*$/.test(line))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

function pollingTable({ columns, ways, sayLoad }: PollingWords): string {
  const [head = [], ...rows] = pollingRows();
  const shown = Object.keys(columns).map((name) => head.indexOf(name));
  if (shown.includes(-1)) {
    throw new Error(`bench/POLLING.md has other columns: ${head.join(", ")}`);
  }
  const toRow = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    sayLoad(pollingLoad()),
    "",
    toRow(Object.values(columns)),
    toRow(shown.map((_, index) => index === 0 ? "---" : "---:")),
    ...rows.map((cells) =>
      toRow(
        shown.map((at) => cells[at]!).map((cell) => ways[cell] ?? cell),
      )
    ),
  ].join("\n");
}

function pollingLoad(): PollingLoad {
  const [, updates, bytes, everyMs, clients] =
    /(\d+) updates of (\d+) bytes, one each ([\d.]+) ms, .* each of (\d+) clients/
      .exec(readPolling().replaceAll("\n", " ")) ?? [];
  if (
    updates === undefined || bytes === undefined ||
    everyMs === undefined || clients === undefined
  ) {
    throw new Error("bench/POLLING.md does not say what was delivered");
  }
  return { updates, bytes, everyMs, clients };
}

function readPolling(): string {
  return Deno.readTextFileSync(new URL("bench/POLLING.md", root));
}

if (import.meta.main) {
  for (const [name, words] of Object.entries(tutorials)) {
    const file = new URL(name, import.meta.url);
    const page = Deno.readTextFileSync(file);
    Deno.writeTextFileSync(file, await writeTutorial(page, words));
  }
}
