/** Servers that attack who connects to them. */
import { constants, deflateRawSync } from "node:zlib";
import type { Socket } from "node:net";
import { joined } from "../../conformance/wire.ts";
import { type ClientFamily, requireBound } from "./attack.ts";
import type { Answer } from "./bad_server.ts";
import { inMib, mib, pause } from "./crowd.ts";
import { frame, headerOf, serverFrame } from "./raw_peer.ts";
import { attackClient, type ClientOutcome } from "./run_client_attack.ts";

const utf8 = new TextEncoder();

/** Answers rightly, then sends these bytes. */
function openAndSend(bytes: Uint8Array, headers = ""): Answer {
  return (socket, { accepting }) => {
    socket.resume();
    socket.write(`${accepting}${headers}\r\n`);
    socket.write(bytes);
  };
}

/** A case for each client that comes, in their order. */
function inTurn(answers: readonly Answer[]): Answer {
  return (socket, request) => answers[request.number]!(socket, request);
}

/** Throws unless the connections ended in these ways, so often. */
function requireEnds(
  { ends }: ClientOutcome,
  wanted: Readonly<Record<string, number>>,
): void {
  const words = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).sort().join(" ");
  requireBound(
    words(ends) === words(wanted),
    `${words(ends)}, wanted ${words(wanted)}`,
  );
}

function countOf(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** Frames that a server may not send, and the rule that each breaks. */
const wrongFrames: readonly (readonly [Uint8Array, string])[] = [
  [frame(0x1, "masked"), "masked-server-frame"],
  [frame(0x9, "masked"), "masked-server-frame"],
  [serverFrame(0x1, "x", { rsv: 4 }), "reserved-bits"],
  [serverFrame(0x3), "reserved-opcode"],
  [serverFrame(0xb), "reserved-opcode"],
  [serverFrame(0x9, "", { fin: false }), "fragmented-control-frame"],
  [serverFrame(0x9, "x".repeat(126)), "control-frame-too-large"],
  [serverFrame(0x0, "x"), "unexpected-continuation"],
  [serverFrame(0x8, "x"), "close-body-too-short"],
  [serverFrame(0x8, Uint8Array.of(0x03, 0xed)), "invalid-close-code"],
  [serverFrame(0x1, Uint8Array.of(0xff)), "invalid-utf8"],
  [unmaskedHeader(2n ** 63n - 1n), "frame-too-large"],
  [unmaskedHeader(2n ** 63n), "length-out-of-range"],
  [unmaskedHeader(BigInt(16 * mib + 1)), "frame-too-large"],
];

function unmaskedHeader(length: bigint): Uint8Array {
  const header = headerOf(0x82, length).slice(0, 10);
  header[1] = 127;
  return header;
}

/** Answers in HTTP that open nothing, and the rule that each breaks. */
const wrongAnswers:
  readonly (readonly [(accepting: string) => string, string])[] = [
    [(right) => right.replace(/^Sec.*\r\n/m, ""), "wrong-accept"],
    [(right) => right.replace(/Accept: .*/, "Accept: AAAA"), "wrong-accept"],
    [(right) => `${right}Sec-WebSocket-Accept: AAAA\r\n`, "wrong-accept"],
    [(right) => right.replace(/^Upgrade.*\r\n/m, ""), "wrong-upgrade"],
    [(right) => right.replace(/^Conn.*\r\n/m, ""), "wrong-connection"],
    [
      (right) => `${right}Sec-WebSocket-Protocol: chat\r\n`,
      "unrequested-protocol",
    ],
    [
      (right) => `${right}Sec-WebSocket-Extensions: foo\r\n`,
      "unrequested-extension",
    ],
    [() => "HTTP/1.1 200 OK\r\n", "unexpected-status"],
    [() => "nonsense\r\n", "malformed-head"],
    [(right) => `${right}X: a\0b\r\n`, "malformed-head"],
    [(right) => `${right}${"X: 1\r\n".repeat(101)}`, "head-too-large"],
    [(right) => `${right}X: ${"x".repeat(mib)}`, "head-too-large"],
  ];

/** The right answer and a conversation of a server's, to its Close. */
const conversation = joined([
  serverFrame(0x1, "a text"),
  serverFrame(0x2, "x".repeat(130)),
  serverFrame(0x9, "a Ping"),
  serverFrame(0x1, "in frag", { fin: false }),
  serverFrame(0x0, "ments"),
  serverFrame(0x8, Uint8Array.of(0x03, 0xe8)),
]);

/** As many cuts as a right answer and the conversation have bytes. */
const cutCount = 130 + conversation.length;

/** Sends so many bytes of it all, and ends the connection in this way. */
function cutAt(end: (socket: Socket) => void): Answer {
  return (socket, { number, accepting }) => {
    socket.resume();
    const head = utf8.encode(`${accepting}\r\n`);
    const said = joined([head, conversation]).subarray(0, number);
    socket.write(said, () => end(socket));
  };
}

const cutEnds = ["truncated-head", "missing-close", "closed 1000"];

async function cutEverywhere(end: (socket: Socket) => void) {
  const outcome = await attackClient({
    answer: cutAt(end),
    count: cutCount,
    atOnce: 10,
    connecting: { closeTimeoutMs: 500 },
  });
  const others = Object.keys(outcome.ends)
    .filter((name) => !cutEnds.includes(name));
  requireBound(others.length === 0, JSON.stringify(outcome.ends));
  return { ...outcome, found: `${cutCount} cuts: ${told(outcome)}` };
}

function told({ ends }: ClientOutcome): string {
  return Object.entries(ends).map(([name, count]) => `${count} ${name}`)
    .join(", ");
}

/** 256 MiB in 256 KiB. */
function bomb(): Uint8Array {
  const finishFlush = constants.Z_SYNC_FLUSH;
  const payload = deflateRawSync(new Uint8Array(256 * mib), { finishFlush })
    .subarray(0, -4);
  return serverFrame(0x2, payload, { rsv: 4 });
}

/** Writes as fast as the client reads, until it has had enough. */
async function flood(socket: Socket, run: Uint8Array, times: number) {
  for (let at = 0; at < times && !socket.destroyed; at++) {
    if (!socket.write(run)) {
      await new Promise((resolve) => {
        socket.once("drain", resolve);
        socket.once("close", resolve);
      });
    }
  }
}

export const badServers: ClientFamily = {
  name: "a client attacked by a server",
  attacks: [
    {
      name: `${wrongFrames.length} frames that may not be`,
      source: "RFC 6455 §5.1–5.5, §10.4; coder, gorilla, undici",
      bound: "the rule's name, the connection is closed",
      run: async () => {
        const outcome = await attackClient({
          answer: inTurn(wrongFrames.map(([bytes]) => openAndSend(bytes))),
          count: wrongFrames.length,
          connecting: { closeTimeoutMs: 300 },
        });
        requireEnds(outcome, countOf(wrongFrames.map(([, rule]) => rule)));
        const found = `${wrongFrames.length} of ${wrongFrames.length} by name`;
        return { ...outcome, found };
      },
    },
    {
      name: `${wrongAnswers.length} answers that open nothing`,
      source: "RFC 6455 §4.1; fastwebsockets, yawc #50; tungstenite",
      bound: "the rule's name, rejected",
      run: async () => {
        const outcome = await attackClient({
          answer: inTurn(
            wrongAnswers.map(([change]) => (socket, { accepting }) => {
              socket.resume();
              socket.write(`${change(accepting)}\r\n`);
            }),
          ),
          count: wrongAnswers.length,
        });
        requireEnds(outcome, countOf(wrongAnswers.map(([, rule]) => rule)));
        const found =
          `${wrongAnswers.length} of ${wrongAnswers.length} by name`;
        return { ...outcome, found };
      },
    },
    {
      name: "answers that come a byte each 50 ms, and never",
      source: "RFC 6455 §4.1",
      bound: "handshake-timeout by handshakeTimeoutMs",
      run: async () => {
        const outcome = await attackClient({
          answer: async (socket, { number, accepting }) => {
            socket.resume();
            for (let at = 0; at < 80 && number % 2 === 0; at++) {
              if (socket.destroyed) return;
              socket.write(accepting[at]!);
              await pause(50);
            }
          },
          count: 4,
          atOnce: 2,
          connecting: { handshakeTimeoutMs: 500 },
        });
        requireEnds(outcome, { "handshake-timeout": 4 });
        return { ...outcome, found: told(outcome) };
      },
    },
    {
      name: "redirects without end",
      source: "RFC 9110 §15.4",
      bound: "maxRedirects, then unexpected-status",
      run: async () => {
        let asked = 0;
        const outcome = await attackClient({
          answer: (socket) => {
            asked += 1;
            socket.end(
              "HTTP/1.1 302 Found\r\nLocation: /again\r\n" +
                "Connection: close\r\nContent-Length: 0\r\n\r\n",
            );
          },
          connecting: { maxRedirects: 5 },
        });
        requireEnds(outcome, { "unexpected-status": 1 });
        requireBound(asked === 6, `${asked} requests`);
        return { ...outcome, found: `${asked} requests, ${told(outcome)}` };
      },
    },
    {
      name: "a bomb of 256 MiB in 256 KiB",
      source: "CVE-2026-1526; RFC 7692 §8",
      bound: "message-too-large by 16 MiB: under 80 MiB",
      run: async () => {
        const outcome = await attackClient({
          answer: openAndSend(
            bomb(),
            "Sec-WebSocket-Extensions: permessage-deflate\r\n",
          ),
          deflate: true,
        });
        requireEnds(outcome, { "message-too-large": 1 });
        const { grownBytes } = outcome;
        requireBound(grownBytes < 80 * mib, inMib(grownBytes));
        const found = `${told(outcome)}, ${inMib(grownBytes)} more memory`;
        return { ...outcome, found };
      },
    },
    {
      name: "100,000 Pings, and no reading of the Pongs",
      source: "RFC 6455 §5.5.3",
      bound: "maxUnwrittenBytes wait: under 64 MiB; the Close comes",
      run: async () => {
        const pings = joined(
          Array.from({ length: 500 }, () => serverFrame(0x9, "x".repeat(125))),
        );
        const outcome = await attackClient({
          answer: async (socket, { accepting }) => {
            socket.pause();
            socket.write(`${accepting}\r\n`);
            await flood(socket, pings, 200);
            socket.write(serverFrame(0x8, Uint8Array.of(0x03, 0xe8)));
            socket.resume();
          },
        });
        requireEnds(outcome, { "closed 1000": 1 });
        const { grownBytes } = outcome;
        requireBound(grownBytes < 64 * mib, inMib(grownBytes));
        const found = `${told(outcome)}, ${inMib(grownBytes)} more memory`;
        return { ...outcome, found };
      },
    },
    {
      name: "empty fragments without end",
      source: "websockets/ws, advisory of 22 May 2026",
      bound: "too-many-fragments at 131,073: under 64 MiB",
      run: async () => {
        const run = joined(
          Array(1_000).fill(serverFrame(0x0, "", { fin: false })),
        );
        const outcome = await attackClient({
          answer: async (socket, { accepting }) => {
            socket.resume();
            socket.write(`${accepting}\r\n`);
            socket.write(serverFrame(0x1, "", { fin: false }));
            await flood(socket, run, 200);
          },
          connecting: { closeTimeoutMs: 500 },
        });
        requireEnds(outcome, { "too-many-fragments": 1 });
        const { grownBytes } = outcome;
        requireBound(grownBytes < 64 * mib, inMib(grownBytes));
        const found = `${told(outcome)}, ${inMib(grownBytes)} more memory`;
        return { ...outcome, found };
      },
    },
    {
      name: `reset after each of ${cutCount} bytes`,
      source: "RFC 6455 §7.1.5; R67, R69",
      bound: "no handle and no rejection left; truncated-head, missing-close",
      run: () => cutEverywhere((socket) => void socket.resetAndDestroy()),
    },
    {
      name: `half-closed after each of ${cutCount} bytes`,
      source: "RFC 6455 §7.1.5; R67, R69",
      bound: "no handle and no rejection left; truncated-head, missing-close",
      run: () => cutEverywhere((socket) => void socket.end()),
    },
  ],
};
