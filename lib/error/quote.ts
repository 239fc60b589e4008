import { escapeControls } from "./escape_controls.ts";

/** As many characters of what a peer wrote as an error shows. */
const mostQuoted = 60;

/**
 * What a peer wrote as an error message may show it: in quotes, short, and without
 * what would break out of a line of a log or a terminal.
 */
export function quote(text: string): string {
  return escapeControls(JSON.stringify(shorten(text, mostQuoted)));
}

/** The same without quotes, of what has a form of its own, such as a method. */
export function show(text: string): string {
  return escapeControls(shorten(text, mostQuoted));
}

/** The beginning of a text that is too long to be shown. */
export function shorten(text: string, mostCharacters: number): string {
  return text.length <= mostCharacters
    ? text
    : `${text.slice(0, mostCharacters)}…`;
}
