import type { DissectedItem } from "../inspect/item.ts";
import { escapeControls } from "../error/escape_controls.ts";
import { itemToJson, type JsonValue } from "../inspect/render_json.ts";
import { painter } from "../inspect/paint.ts";
import { renderItem } from "../inspect/render_text.ts";
import {
  type CommandOptions,
  type Given,
  isGiven,
  numberOf,
  wordOf,
} from "./command.ts";
import { type Terminal, UsageError } from "./terminal.ts";

/** How what was found is written: the same for every command that does. */
export const outputOptions: CommandOptions = {
  full: {
    type: "boolean",
    help: "draw every frame, and say what each header is for",
  },
  brief: { type: "boolean", help: "a line a frame" },
  json: { type: "boolean", help: "a JSON object a line, for programs" },
  "max-shown": {
    type: "string",
    value: "BYTES",
    help: "how much of a payload to write (64; with --json 4096)",
  },
  color: {
    type: "string",
    value: "WHEN",
    help: "always, never, or auto: on a terminal (auto)",
  },
};

/** Whether colours are to be written. */
export function isColored(given: Given, terminal: Terminal): boolean {
  const when = wordOf(given, "color", ["always", "never", "auto"]) ?? "auto";
  return when === "auto" ? terminal.color : when === "always";
}

/** Writes an item as it was asked for. */
export interface ItemWriter {
  /** How much of a payload has to be kept for it, in bytes. */
  readonly maxShownBytes: number;
  /**
   * The text of an item with its line break; empty if there is nothing to say.
   *
   * @param about What more a program is to know of it.
   */
  readonly toText: (
    item: DissectedItem,
    about?: { readonly [name: string]: JsonValue },
  ) => string;
  /** Whether programs read it. */
  readonly isJson: boolean;
}

/** What writes items as the command line says. */
export function itemWriter(
  given: Given,
  terminal: Terminal,
  usualDetail: "full" | "brief",
): ItemWriter {
  if (isGiven(given, "full") && isGiven(given, "brief")) {
    throw new UsageError("Cannot write both --full and --brief: choose one");
  }
  const isJson = isGiven(given, "json");
  const maxShownBytes = numberOf(given, "max-shown", isJson ? 4096 : 64);
  if (isJson) {
    return {
      maxShownBytes,
      isJson,
      toText: (item, about = {}) =>
        // As JSON escapes them, what a peer chose does nothing to a terminal.
        `${
          escapeControls(
            JSON.stringify({ ...about, ...itemToJson(item) as object }),
          )
        }\n`,
    };
  }
  const detail = isGiven(given, "full")
    ? "full"
    : isGiven(given, "brief")
    ? "brief"
    : usualDetail;
  const color = isColored(given, terminal);
  return {
    maxShownBytes,
    isJson,
    toText: (item, about = {}) => {
      const text = renderItem(item, { detail, color, maxShownBytes });
      if (text === "") return "";
      const prefix = prefixOf(about, color);
      return detail === "full" ? `${prefix}${text}\n\n` : `${prefix}${text}\n`;
    },
  };
}

/** Which connection of several, and when, in seconds. */
function prefixOf(
  { connection, sinceStartMs }: { readonly [name: string]: JsonValue },
  color: boolean,
): string {
  if (connection === undefined) return "";
  const seconds = (Number(sinceStartMs) / 1000).toFixed(3);
  return painter(color)("note", `#${connection} ${seconds}s `);
}
