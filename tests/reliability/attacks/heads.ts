/** Requests that are too much, or say two things. */
import {
  type Family,
  requireBound,
  requireClose,
  type World,
} from "./attack.ts";
import { headOf, requestLines } from "./raw_peer.ts";

/** A request, and what it is to be told. */
interface HeadCase {
  readonly name: string;
  readonly head: string;
  readonly status: number;
  readonly error: string;
}

function withLines(
  name: string,
  lines: readonly string[],
  status: number,
  error: string,
): HeadCase {
  return { name, head: headOf(requestLines("/", lines)), status, error };
}

/** The request that is right, with something else in place of `found`. */
function changed(
  name: string,
  [found, wanted]: readonly [string, string],
  status: number,
  error: string,
): HeadCase {
  const head = headOf(requestLines()).replace(found, () => wanted);
  return { name, head, status, error };
}

const tooMuch: readonly HeadCase[] = [
  withLines(
    "101 headers",
    Array.from({ length: 96 }, (_, at) => `X-${at}: 1`),
    431,
    "head-too-large",
  ),
  withLines(
    "a head of 16 KiB",
    Array.from({ length: 16 }, (_, at) => `X-${at}: ${"x".repeat(1024)}`),
    431,
    "head-too-large",
  ),
  {
    name: "a line of 1 MiB that does not end",
    head: `GET /${"x".repeat(1024 * 1024)}`,
    status: 431,
    error: "head-too-large",
  },
];

const malformed: readonly HeadCase[] = [
  withLines("NUL in a value", ["X: a\0b"], 400, "malformed-head"),
  withLines("a lone LF", ["X: a\nY: b"], 400, "malformed-head"),
  withLines("a lone CR", ["X: a\rY: b"], 400, "malformed-head"),
  withLines("DEL in a value", ["X: a\x7fb"], 400, "malformed-head"),
  withLines("a folded line", ["X: a", "  b"], 400, "malformed-head"),
  withLines("a space before the colon", ["X : a"], 400, "malformed-head"),
  withLines("a line without a colon", ["nonsense"], 400, "malformed-head"),
  withLines("a header without a name", [": a"], 400, "malformed-head"),
  changed("LF alone at the ends", ["\r\n", "\n"], 400, "malformed-head"),
  changed("two spaces", ["GET /", "GET  /"], 400, "malformed-head"),
  changed("NUL in the target", ["GET /", "GET /\0"], 400, "malformed-head"),
];

const twoThings: readonly HeadCase[] = [
  withLines("a body", ["Content-Length: 5"], 400, "unexpected-body"),
  withLines("chunks", ["Transfer-Encoding: chunked"], 400, "unexpected-body"),
  withLines(
    "a body of two lengths",
    ["Content-Length: 0", "Content-Length: 5"],
    400,
    "unexpected-body",
  ),
  withLines("two Hosts", ["Host: other"], 400, "wrong-host"),
  changed("no Host", ["Host: 127.0.0.1\r\n", ""], 400, "wrong-host"),
  changed("a Host with a user", ["Host: ", "Host: a@"], 400, "wrong-host"),
  changed(
    "a Host with a path",
    ["127.0.0.1", "127.0.0.1/a"],
    400,
    "wrong-host",
  ),
  withLines(
    "two versions",
    ["Sec-WebSocket-Version: 8"],
    400,
    "duplicate-header",
  ),
  changed(
    "version 8",
    ["Version: 13", "Version: 8"],
    426,
    "unsupported-version",
  ),
  changed("a short key", ["dGhlIHNhbXBsZSBub25jZQ", "dGhl"], 400, "wrong-key"),
  changed("POST", ["GET", "POST"], 400, "wrong-method"),
  changed("HTTP/1.0", ["HTTP/1.1", "HTTP/1.0"], 400, "wrong-http-version"),
  changed("a fragment", ["GET /", "GET /#a"], 400, "wrong-target"),
  changed(
    "no Upgrade",
    ["Upgrade: websocket\r\n", ""],
    426,
    "not-an-upgrade",
  ),
  withLines(
    "a subprotocol twice",
    ["Sec-WebSocket-Protocol: chat, chat"],
    400,
    "malformed-protocols",
  ),
  withLines(
    "an extension without its quote",
    ['Sec-WebSocket-Extensions: foo; x="a'],
    400,
    "malformed-extensions",
  ),
];

const origins: readonly HeadCase[] = [
  "http://evil.example",
  "null",
  "http://127.0.0.1.evil.example",
  "http://127.0.0.1@evil.example",
  "http://evil.example:80#127.0.0.1",
  "http://127.0.0.1:1",
].map((origin) =>
  withLines(`Origin: ${origin}`, [`Origin: ${origin}`], 403, "refused-origin")
);

const cases = [...tooMuch, ...malformed, ...twoThings, ...origins];

/** The names that an answer may have. */
const known = [
  ...["upgrade", "connection", "content-type", "content-length"],
  ...["sec-websocket-accept", "sec-websocket-protocol"],
  ...["sec-websocket-version", "sec-websocket-extensions"],
];

async function answerTo({ connect }: World, head: string): Promise<string> {
  using peer = await connect();
  // A head that is refused in the middle need not be read to its end.
  const writing = peer.write(head).catch(() => {});
  const answer = new TextDecoder().decode(await peer.readBytesToEnd());
  await writing;
  return answer;
}

function requireHarmless(answer: string, name: string): void {
  const [head = ""] = answer.split("\r\n\r\n");
  for (const line of head.split("\r\n").slice(1)) {
    const [field = ""] = line.split(":");
    requireBound(known.includes(field.toLowerCase()), `"${line}" for ${name}`);
  }
  const answers = answer.match(/HTTP\/1\.1 \d{3} /g) ?? [];
  requireBound(answers.length === 1, `${answers.length} answers to ${name}`);
}

async function tryHeads(
  world: World,
  cases: readonly HeadCase[],
): Promise<string> {
  for (const { name, head, status } of cases) {
    const answer = await answerTo(world, head);
    const [found] = answer.split("\r\n");
    requireBound(
      answer.startsWith(`HTTP/1.1 ${status} `),
      `"${found}" for ${name}, wanted ${status}`,
    );
    requireHarmless(answer, name);
  }
  const errors = await world.errors(cases.length);
  for (const { error } of cases) {
    const wanted = cases.filter((one) => one.error === error).length;
    const found = errors[error] ?? 0;
    requireBound(
      found === wanted,
      `${found} ${error}, wanted ${wanted}: ${JSON.stringify(errors)}`,
    );
  }
  return `${cases.length} of ${cases.length} refused by the rule they break`;
}

const server = { accepting: { protocols: ["chat"] }, deflate: {} };

/** What a client can have the server repeat, with what would begin a new line. */
const injections = [
  "Sec-WebSocket-Protocol: chat\\r\\nX-Evil: 1",
  "Sec-WebSocket-Protocol: chat%0d%0aX-Evil:1",
  'Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits="10\\\\r\\\\nX-Evil: 1"',
  "Sec-WebSocket-Extensions: permessage-deflate;server_max_window_bits=%0d%0a",
  "Sec-WebSocket-Protocol: chat\u0085X-Evil: 1",
];

export const heads: Family = {
  name: "heads",
  attacks: [
    {
      name: `${cases.length} heads that may not be`,
      source: "RFC 6455 §4.2.1, §10.2; RFC 9112 §11; websockets/ws 2024",
      bound: "the status of the rule, one answer, no WebSocket",
      server,
      run: (world) => tryHeads(world, cases),
    },
    {
      name: "a request behind the request",
      source: "RFC 9112 §11.2; RFC 6455 §10.3",
      bound: "taken for a frame and refused, 1002; never for a request",
      server,
      run: async (world) => {
        using peer = await world.connect();
        const second = headOf(["GET /admin HTTP/1.1", "Host: 127.0.0.1"]);
        await peer.write(headOf(requestLines()) + second);
        const head = await peer.readHead();
        requireBound(head.startsWith("HTTP/1.1 101 "), head);
        requireClose(await peer.readToEnd(), 1002, "a second request");
        const errors = await world.errors(1);
        requireBound(errors["reserved-bits"] === 1, JSON.stringify(errors));
        return "101, then 1002 (reserved-bits)";
      },
    },
    {
      name: "lines put into the answer",
      source: "RFC 9110 §5.5; RFC 9112 §11.1",
      bound: "no header in the answer that is not ours",
      server,
      run: async (world) => {
        for (const line of injections) {
          using peer = await world.connect();
          await peer.write(headOf(requestLines("/%0d%0aX-Evil:%201", [line])));
          const answer = await peer.readHead();
          requireHarmless(`${answer}\r\n\r\n`, line);
          requireBound(!/evil/i.test(answer), answer);
        }
        return `${injections.length} of ${injections.length} without effect`;
      },
    },
  ],
};
