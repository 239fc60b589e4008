import { protocolRules } from "../error/protocol_rules.ts";
import type { RequestHead, ResponseHead } from "../handshake/head.ts";
import type { HeaderList, HeadFault } from "../handshake/headers.ts";
import { type HeadKind, noteOfHeader } from "./header_notes.ts";
import type { DissectedHead, JudgedHeader, JudgedLine } from "./item.ts";

/** A head with what is wrong with it. */
export interface FaultyHead {
  /** The head. */
  readonly head: RequestHead | ResponseHead;
  /** Every rule that it breaks. */
  readonly faults: readonly HeadFault[];
  /** Where it begins, in bytes from the start of its stream. */
  readonly offset: number;
  /** How long it is, in bytes. */
  readonly byteLength: number;
}

/** Says of each line of a head whether it is right, and what it is for. */
export function judgeHead(
  { head, faults, offset, byteLength }: FaultyHead,
): DissectedHead {
  const kind = kindOf(head);
  const faultOf = (name: string) =>
    faults.find(([, , header]) => header?.toLowerCase() === name.toLowerCase());
  const isThere = (name: string) => hasHeader(head.headers, name);
  return {
    type: "head",
    from: kind === "request" ? "client" : "server",
    offset,
    byteLength,
    startLine: judgeStartLine(head, faults),
    headers: head.headers.map(([name, value]) =>
      judgeHeader(kind, name, value, faultOf(name))
    ),
    missing: faults.flatMap((fault) => {
      const [, , name] = fault;
      return name === undefined || isThere(name)
        ? []
        : [judgeHeader(kind, name, "", fault)];
    }),
  };
}

function kindOf(head: RequestHead | ResponseHead): HeadKind {
  if ("method" in head) return "request";
  return head.status === 101 ? "response" : "refusal";
}

function hasHeader(headers: HeaderList, wanted: string): boolean {
  return headers.some(([name]) => name.toLowerCase() === wanted.toLowerCase());
}

function judgeStartLine(
  head: RequestHead | ResponseHead,
  faults: readonly HeadFault[],
): JudgedLine {
  const text = "method" in head
    ? `${head.method} ${head.target} HTTP/${head.httpVersion}`
    : `HTTP/${head.httpVersion} ${head.status} ${head.reason}`.trimEnd();
  const fault = faults.find(([, , header]) => header === undefined);
  if (fault !== undefined) return { text, ...describeFault(fault) };
  const [note, section] = "method" in head
    ? ["what is asked for; only GET opens a WebSocket", "§4.1"]
    : ["the server agrees: what follows is no longer HTTP", "§4.2.2"];
  return { text, verdict: "right", note, section: `RFC 6455 ${section}` };
}

function judgeHeader(
  kind: HeadKind,
  name: string,
  value: string,
  fault: HeadFault | undefined,
): JudgedHeader {
  const line = { name, value, text: `${name}: ${value}` };
  if (fault !== undefined) return { ...line, ...describeFault(fault) };
  const known = noteOfHeader(kind, name);
  return known === undefined
    ? { ...line, verdict: "unjudged", note: "", section: "" }
    : { ...line, verdict: "right", ...known };
}

function describeFault(
  [code, found]: HeadFault,
): Omit<JudgedLine, "text"> {
  const { wanted, section } = protocolRules[code];
  const note = `found ${found}, wanted ${wanted}`;
  return { verdict: "wrong", note, section };
}
