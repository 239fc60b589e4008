import { permessageDeflate } from "../../lib/deflate/mod.ts";
import {
  acceptExtensions,
  confirmExtensions,
  type NegotiatedExtensions,
  noExtensions,
  offerExtensions,
} from "../../lib/extension/mod.ts";
import {
  openSession,
  type SessionEvent,
  type SessionInput,
  step,
} from "../../lib/session/mod.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import {
  answerHeader,
  judgeAnswer,
  judgeOffer,
  offerHeader,
} from "./deflate_handshake.ts";
import { bytesSent, type Cutting, isChopped, runCase } from "./run_case.ts";
import type { Received, Subject } from "./subject.ts";
import { createItemReader, type Item, type Side } from "./wire.ts";
import {
  createInflate,
  type DeflateParameters,
  type Inflate,
} from "./wire_deflate.ts";

/** Up to so many bytes a case is also sent byte by byte. */
const mostBytesOneByOne = 2000;

/**
 * With compression it is a thousand short messages, for the sake of what the
 * window holds after them.
 */
const mostCompressedBytesOneByOne = 16_000;

/** As an application has it: one for all connections. */
const extensions = [permessageDeflate()];

/**
 * Plays a case against a session alone, without a socket or a timer, with its
 * bytes cut in all the ways there are.
 *
 * @returns What was expected and seen; `undefined` if the case was passed.
 */
export async function runInProcess(
  testCase: ConformanceCase,
  side: Side,
): Promise<string | undefined> {
  const { deflate } = testCase;
  const cuttings: Cutting[] = ["as the case says"];
  if (isChopped(testCase)) cuttings.push("in one piece");
  const mostBytes = deflate ? mostCompressedBytesOneByOne : mostBytesOneByOne;
  if (bytesSent(testCase) <= mostBytes) cuttings.push("byte by byte");
  const negotiated = deflate ? negotiate(deflate, side) : noExtensions;
  if (typeof negotiated === "string") return negotiated;
  for (const cutting of cuttings) {
    const inflate = deflate && createInflate(deflate[0]!);
    const subject = createEchoSession(side, negotiated, inflate);
    const problem = await runCase(testCase, subject, cutting);
    if (problem !== undefined) return `${cutting}: ${problem}`;
  }
  return undefined;
}

/** What the subject agrees to, or what is wrong with what it says. */
function negotiate(
  offers: readonly DeflateParameters[],
  side: Side,
): NegotiatedExtensions | string {
  if (side === "server") {
    const accepted = acceptExtensions([offerHeader(offers)], extensions);
    return judgeAnswer(accepted.header, offers[0]!) ?? accepted;
  }
  const wrong = judgeOffer(offerExtensions(extensions) ?? "");
  if (wrong !== undefined) return wrong;
  const answer = answerHeader(offers[0]!);
  const confirmed = confirmExtensions([answer], extensions);
  return "code" in confirmed
    ? `handshake: "${answer}" was refused: ${confirmed.found}`
    : confirmed;
}

/**
 * A session with an application on it that echoes, and does so after each chunk
 * of bytes, as one that is not called in between has to.
 */
function createEchoSession(
  side: Side,
  { rsv, open }: NegotiatedExtensions,
  inflate: Inflate | undefined,
): Subject {
  const options = { role: side, heartbeat: false, allowedRsv: rsv } as const;
  let session = openSession(options, 0);
  let transport: "open" | "end" | "close" = "open";
  let wasClean: boolean | undefined;
  let keys = 0;
  const rules: string[] = [];
  const reader = createItemReader(side, inflate);
  const waiting: Received[] = [];
  const context = {
    nowMs: 0,
    createMaskingKey: () => new Uint8Array(Uint32Array.of(++keys).buffer),
    codec: open(),
  };

  const take = (input: SessionInput): readonly SessionEvent[] => {
    const result = step(session, input, context);
    session = result.session;
    result.bytes.forEach(read);
    if (transport === "open" && result.transport !== "open") {
      waiting.push({ type: "end" });
    }
    transport = result.transport;
    return result.events;
  };
  const apply = (input: SessionInput) => {
    for (const event of take(input)) {
      if (event.type === "error") rules.push(event.error.code);
      if (event.type === "ended") {
        wasClean = event.wasClean;
        context.codec?.close?.();
      }
      if (event.type !== "message") continue;
      take({ type: "send", messages: [event.message] });
    }
    take({ type: "answer" });
    take({ type: "written", byteLength: session.unwrittenBytes });
  };
  const read = (bytes: Uint8Array) => {
    try {
      reader.push(bytes);
      for (let item: Item | undefined; (item = reader.next());) {
        waiting.push(item);
      }
    } catch (error) {
      waiting.push({ type: "broken", found: (error as Error).message });
    }
  };

  return {
    side,
    send: (bytes) => {
      // Bytes are copied by the session: ours are used for something else.
      const chunk = bytes.slice();
      apply({ type: "bytes", bytes: chunk });
      chunk.fill(0xff);
      return Promise.resolve();
    },
    receive: () => Promise.resolve(waiting.shift() ?? { type: "nothing" }),
    peek: () => Promise.resolve(waiting[0] ?? { type: "nothing" }),
    end: () => {
      if (transport !== "close") apply({ type: "end" });
      return Promise.resolve();
    },
    judge: (ending) => {
      const wanted = ending.type === "failed" ? [ending.rule] : [];
      const seen = [...waiting.map(({ type }) => type), ...rules];
      return Promise.resolve(
        seen.join() !== wanted.join()
          ? `expected [${wanted}] and no more, saw [${seen}]`
          : transport !== "close"
          ? `expected the transport closed, saw it ${transport}`
          : wasClean !== (ending.type === "clean")
          ? `expected an end that is ${ending.type}, saw wasClean ${wasClean}`
          : undefined,
      );
    },
  };
}
