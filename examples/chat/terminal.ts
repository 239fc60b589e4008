/**
 * Talks in a channel from a terminal: what is typed is said, line by line.
 *
 *     deno run --allow-net examples/chat/terminal.ts ws://127.0.0.1:3000/chat \
 *       --nickname Ada --channel lobby
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { connectChat } from "./client.ts";
import { defaultLimits } from "./limits.ts";
import { faultOfChannel, faultOfNickname } from "./protocol.ts";

const help = `Usage: terminal.ts URL --nickname NAME [--channel NAME]

Says each line of the standard input in a channel, and prints what others say.
Connects again when the connection is lost; what was typed meanwhile is said then.
Ends when the input does and all of it is stored, or with Ctrl-C. Exit code: 0, 2
for a wrong command line, 3 if there is no chat at the URL.

      --nickname NAME  who you are
      --channel NAME   where: lobby
  -h, --help           show this help

Such as: terminal.ts ws://127.0.0.1:3000/chat --nickname Ada`;

const { url, nickname, channel } = parseCommandLine();
const allStored = Promise.withResolvers<void>();
let isInputOver = false;
const client = connectChat(url, {
  nickname,
  onJoined: (_, { nicknames, omitted }) => {
    note(`Here: ${nicknames.join(", ")}`);
    if (omitted > 0) note(`${omitted} messages were missed`);
  },
  onMessage: (_, { nickname, text }) =>
    console.log(`${nickname}: ${printable(text)}`),
  onPresence: (_, { arrived, left }) => {
    for (const name of arrived) note(`${name} came`);
    for (const name of left) note(`${name} went`);
  },
  onStorage: (isAvailable) => {
    if (!isAvailable) note("The server cannot store messages; yours wait");
  },
  onStored: () => endIfAllIsStored(),
  onRefused: (words) => {
    note(words);
    endIfAllIsStored();
  },
  onRetry: (delayMs) =>
    note(`No connection; next try in ${Math.ceil(delayMs / 1000)} s`),
});
client.join(channel);
client.finished.catch((error) => {
  note(`Cannot talk: ${error.message}`);
  Deno.exit(3);
});
for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === "") continue;
  if (client.say(channel, line) === undefined) note("Too many lines wait");
}
isInputOver = true;
endIfAllIsStored();
await allStored.promise;
await client.close();

function parseCommandLine() {
  try {
    const { values, positionals: [url] } = parseArgs({
      allowPositionals: true,
      options: {
        nickname: { type: "string" },
        channel: { type: "string", default: "lobby" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) {
      console.log(help);
      Deno.exit();
    }
    const { nickname, channel } = values;
    const fault = faultOfNickname(nickname, defaultLimits) ??
      faultOfChannel(channel, defaultLimits);
    if (fault !== undefined) throw new TypeError(fault);
    if (url === undefined) throw new TypeError("Found no URL, wanted one");
    return { url, nickname: nickname ?? "", channel };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`);
    Deno.exit(2);
  }
}

function endIfAllIsStored(): void {
  if (isInputOver && client.unconfirmed().length === 0) allStored.resolve();
}

/** What is not a message goes where no program reads. */
function note(words: string): void {
  console.error(`- ${printable(words)}`);
}

/** Nothing of a server moves the cursor of a terminal. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, " ");
}
