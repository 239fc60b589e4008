/**
 * The program `sluice`: takes conversations apart, watches them, and takes part
 * in them, from a command line.
 *
 * ```sh
 * deno run -A jsr:@sluice/websocket/cli inspect 818537fa213d7f9f4d5158
 * ```
 *
 * @example In a program of one's own
 * ```ts
 * import { main, type Terminal } from "@sluice/websocket/cli";
 * import { assertEquals, assertStringIncludes } from "@std/assert";
 *
 * let output = "";
 * const terminal: Terminal = {
 *   write: (text) => Promise.resolve(void (output += text)),
 *   note: () => {},
 *   input: ReadableStream.from([]),
 *   isInputTyped: false,
 *   isOutputRead: false,
 *   isNoteRead: false,
 *   color: false,
 *   signal: new AbortController().signal,
 * };
 *
 * assertEquals(await main(["inspect", "--brief", "89 00"], terminal), 0);
 * assertStringIncludes(output, "ping");
 * ```
 *
 * @module
 */
import { denoTerminal } from "./deno_terminal.ts";
import { main } from "./main.ts";

export { main } from "./main.ts";
export { type Terminal } from "./terminal.ts";

if (import.meta.main) Deno.exit(await main(Deno.args, denoTerminal()));
