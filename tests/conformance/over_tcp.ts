import { startExample } from "../examples/run_example.ts";
import type { ConformanceCase, Ending } from "./conformance_case.ts";
import {
  answerHeader,
  judgeAnswer,
  judgeOffer,
  offerHeader,
} from "./deflate_handshake.ts";
import { answerWebSocket, requestWebSocket } from "./raw_handshake.ts";
import { runCase } from "./run_case.ts";
import { createTcpSubject } from "./tcp_subject.ts";
import { createInflate } from "./wire_deflate.ts";

/** How long an example may take to connect, and to end when it should. */
const patienceMs = 20_000;

/**
 * Plays a case against an echo server: the tester is its client.
 *
 * @param url What the server prints when it is started.
 */
export async function runAgainstServer(
  testCase: ConformanceCase,
  url: string,
): Promise<string | undefined> {
  const { hostname, port } = new URL(url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const { deflate } = testCase;
  const { leftover, extensions } = await requestWebSocket(
    connection,
    deflate && offerHeader(deflate),
  );
  const wrong = deflate
    ? judgeAnswer(extensions, deflate[0]!)
    : judgeNone(extensions);
  if (wrong !== undefined) return wrong;
  const subject = createTcpSubject(
    connection,
    "server",
    leftover,
    () => Promise.resolve(undefined),
    deflate && createInflate(deflate[0]!),
  );
  return await runCase(testCase, subject);
}

/** Plays a case against an echo client, started for it: the tester is its server. */
export async function runAgainstClient(
  testCase: ConformanceCase,
): Promise<string | undefined> {
  const { deflate } = testCase;
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const client = startExample(
    "echo_client.ts",
    `ws://127.0.0.1:${listener.addr.port}/`,
  );
  try {
    using connection = await inTime(listener.accept(), "it did not connect");
    const { leftover, extensions } = await answerWebSocket(
      connection,
      deflate && answerHeader(deflate[0]!),
    );
    const wrong = judgeOffer(extensions);
    if (wrong !== undefined) return wrong;
    const subject = createTcpSubject(
      connection,
      "client",
      leftover,
      async (ending) => {
        const { code, stderr } = await inTime(
          client.finish(),
          "it did not end",
        );
        return judgeExit(ending, code, stderr);
      },
      deflate && createInflate(deflate[0]!),
    );
    return await runCase(testCase, subject);
  } finally {
    await client.stop();
  }
}

/** What was not offered cannot be agreed to (RFC 6455 §4.1). */
function judgeNone(extensions: string): string | undefined {
  return extensions === ""
    ? undefined
    : `handshake: expected no extensions, saw "${extensions}"`;
}

/** A clean end is a success; a failure is reported with the rule's section. */
function judgeExit(
  ending: Ending,
  code: number,
  stderr: string,
): string | undefined {
  if (ending.type === "clean") {
    return code === 0
      ? undefined
      : `expected exit code 0, saw ${code}: ${stderr.trim()}`;
  }
  return code !== 0 && /RFC 6455 §\d/.test(stderr)
    ? undefined
    : `expected an exit code and an error that names the rule, saw ${code}: ` +
      `${stderr.trim()}`;
}

async function inTime<T>(promise: Promise<T>, otherwise: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(otherwise)), patienceMs);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
