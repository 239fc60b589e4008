import type { ProtocolErrorCode } from "../error/protocol_rule.ts";
import { protocolError } from "../error/protocol_rules.ts";
import type { ProtocolError } from "../error/protocol_error.ts";
import type { Extension } from "../extension/extension.ts";
import { acceptKey } from "../handshake/accept_key.ts";
import { responseFaults } from "../handshake/client.ts";
import type { RequestHead, ResponseHead } from "../handshake/head.ts";
import {
  headerElements,
  headerValues,
  type HeadFault,
} from "../handshake/headers.ts";
import { requestFaults } from "../handshake/server.ts";
import { type Codings, codingsOf, noCodings, offeredNames } from "./coding.ts";
import type { DissectedHead } from "./item.ts";
import { judgeHead } from "./judge_head.ts";

/**
 * How a request was answered: it opened a WebSocket, or a tunnel in which another
 * handshake follows, or it was refused; `"none"` if no answer will be seen.
 */
export type Answer = "open" | "tunnel" | "refused" | "none";

/** A head that was judged, and the first rule that it breaks. */
export interface JudgedHead {
  readonly head: DissectedHead;
  readonly error: ProtocolError | undefined;
}

/** The opening handshake of a conversation, of which both streams know. */
export interface HandshakeDissector {
  /** Judges what the client asks for. */
  readonly readRequest: (head: RequestHead, where: Where) => JudgedHead;
  /** Judges what the server answers. */
  readonly readResponse: (
    head: ResponseHead,
    where: Where,
  ) => Promise<JudgedHead>;
  /** The answer, unless one is still to come. */
  readonly answer: () => Answer | undefined;
  /** No answer will come, or the next one is that to another request. */
  readonly setAnswer: (answer: Answer | undefined) => void;
  /** Whether a head of it has been read. */
  readonly isSeen: () => boolean;
  /** What was agreed on for the messages. */
  readonly codings: () => Codings;
}

/** Where a head stood, in bytes. */
interface Where {
  readonly offset: number;
  readonly byteLength: number;
}

/**
 * Refusals and ordinary requests are no breach of the protocol, though they open
 * no WebSocket.
 */
const harmless: readonly ProtocolErrorCode[] = [
  "not-an-upgrade",
  "unexpected-status",
];

/**
 * Makes what dissects a handshake.
 *
 * @param extensions Those that can be undone here.
 * @param agreed What was agreed on if no handshake is seen, as a header has it.
 */
export function createHandshakeDissector(
  extensions: readonly Extension[],
  agreed: string,
): HandshakeDissector {
  let request: RequestHead | undefined;
  let answer: Answer | undefined;
  let isSeen = false;
  let codings = agreed === ""
    ? noCodings
    : codingsOf([agreed], undefined, extensions);
  return {
    readRequest: (head, where) => {
      request = head;
      isSeen = true;
      return judged(head, requestFaults(head), where);
    },
    readResponse: async (head, where) => {
      isSeen = true;
      answer = answerOf(head, request) ?? answer;
      const wanted = await wantedBy(request);
      const faults = responseFaults(head, wanted)
        .map((fault) => withRightAccept(fault, wanted.accept));
      // What is no answer to a WebSocket has to have nothing of one.
      if (head.status !== 101) return judged(head, faults.slice(0, 1), where);
      codings = codingsOf(
        headerValues(head.headers, "sec-websocket-extensions"),
        request && offeredNames(
          headerValues(request.headers, "sec-websocket-extensions"),
        ),
        extensions,
      );
      const { fault } = codings;
      return judged(head, fault ? [...faults, fault] : faults, where);
    },
    answer: () => answer,
    setAnswer: (next) => answer = next,
    isSeen: () => isSeen,
    codings: () => codings,
  };
}

function judged(
  head: RequestHead | ResponseHead,
  faults: readonly HeadFault[],
  where: Where,
): JudgedHead {
  const [first] = faults;
  const isHarmless = first === undefined || harmless.includes(first[0]);
  return {
    head: judgeHead({ head, faults, ...where }),
    error: isHarmless
      ? undefined
      : protocolError(first[0], { found: first[1], offset: where.offset }),
  };
}

/** What a response says; nothing if it says that another one follows. */
function answerOf(
  { status }: ResponseHead,
  request: RequestHead | undefined,
): Answer | undefined {
  if (status === 101) return "open";
  if (status < 200) return undefined;
  const isTunnel = request?.method === "CONNECT" && status < 300;
  return isTunnel ? "tunnel" : "refused";
}

/** What a response to `request` has to say. */
async function wantedBy(
  request: RequestHead | undefined,
): Promise<Parameters<typeof responseFaults>[1]> {
  if (request === undefined) return { accept: undefined, protocols: undefined };
  const { headers } = request;
  const [key] = headerValues(headers, "sec-websocket-key");
  return {
    accept: key === undefined ? undefined : await acceptKey(key),
    protocols: headerElements(headers, "sec-websocket-protocol"),
  };
}

/** A wrong accept key with the right one, which nobody works out by heart. */
function withRightAccept(
  fault: HeadFault,
  accept: string | undefined,
): HeadFault {
  const [code, found, header] = fault;
  return code === "wrong-accept"
    ? [code, `${found} where the key makes "${accept}"`, header!]
    : fault;
}
