import { hexBytes } from "./input_format.ts";

/** What a line typed at `sluice connect` asks for. */
export type SpokenLine =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "binary"; readonly bytes: Uint8Array }
  | { readonly type: "ping"; readonly text: string }
  | {
    readonly type: "close";
    readonly closeCode: number;
    readonly reason: string;
  }
  | { readonly type: "help" }
  | { readonly type: "wrong"; readonly why: string };

/** What can be typed, and what it does. */
export const lineHelp: readonly (readonly [string, string])[] = [
  ["TEXT", "send a text message"],
  ["/binary HEX", "send a binary message, such as /binary 00 ff"],
  ["/ping [TEXT]", "send a Ping, and say how long its answer took"],
  ["/close [CODE [REASON]]", "close, with 1000 unless told otherwise"],
  ["/help", "show this"],
  ["//TEXT", "send a text that begins with a slash"],
];

/**
 * What a line says. A line that begins with a slash is a command, one with two a
 * text with one.
 */
export function parseLine(line: string): SpokenLine {
  if (!line.startsWith("/")) return { type: "text", text: line };
  if (line.startsWith("//")) return { type: "text", text: line.slice(1) };
  const [, word, rest = ""] = /^\/(\w*)\s?(.*)$/.exec(line) ?? [];
  switch (word) {
    case "ping":
      return { type: "ping", text: rest };
    case "close":
      return parseClose(rest);
    case "binary":
      return parseBinary(rest);
    case "help":
      return { type: "help" };
    default:
      return wrong(`found the command ${line}, wanted one of those of /help`);
  }
}

function parseClose(rest: string): SpokenLine {
  const [, code = "1000", reason = ""] = /^(\S+)?\s*(.*)$/.exec(rest) ?? [];
  if (!/^\d{4}$/.test(code)) {
    return wrong(`found close code ${code}, wanted four digits`);
  }
  return { type: "close", closeCode: Number(code), reason };
}

function parseBinary(rest: string): SpokenLine {
  const decoder = hexBytes();
  const first = decoder.read(rest);
  const last = first.broken === undefined ? decoder.end() : first;
  if (last.broken !== undefined) return wrong(last.broken);
  const bytes = Uint8Array.from([...first.bytes, ...last.bytes]);
  return { type: "binary", bytes };
}

function wrong(why: string): SpokenLine {
  return { type: "wrong", why };
}
