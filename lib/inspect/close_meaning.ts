import { closeCodeName } from "../message/close.ts";
import type { DissectedClose } from "./item.ts";

/** What the codes mean: RFC 6455 §7.4.1, and the registry of IANA. */
const meanings: Readonly<Record<number, string>> = {
  1000: "the purpose of the connection has been fulfilled",
  1001: "the endpoint goes away: a server goes down, or a page is left",
  1002: "the peer broke a rule of the protocol",
  1003: "the endpoint got a type of message that it cannot take",
  1004: "reserved; what it means may be said some day",
  1005: "no code was sent; never stands in a frame",
  1006: "the connection ended without a Close frame; never stands in a frame",
  1007:
    "a message does not hold what its type says, such as text that is not UTF-8",
  1008: "a message is against the endpoint's policy",
  1009: "a message is too big to be taken",
  1010: "the client wanted an extension that the server did not agree to",
  1011: "the server met something unexpected and cannot go on",
  1012: "the service restarts; come back later",
  1013: "the service is overloaded; come back later",
  1014: "a gateway got a bad answer from the server behind it",
  1015: "TLS could not be set up; never stands in a frame",
};

/**
 * What a close code means, in a sentence.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc6455#section-7.4 | RFC 6455 §7.4}.
 *
 * @example
 * ```ts
 * import { closeCodeMeaning } from "@sluice/websocket/inspect";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(closeCodeMeaning(1009), "a message is too big to be taken");
 * assertEquals(closeCodeMeaning(4321), "what the application means by it");
 * ```
 *
 * @param code Any number.
 */
export function closeCodeMeaning(code: number): string {
  const meaning = meanings[code];
  if (meaning !== undefined) return meaning;
  if (code >= 3000 && code <= 3999) {
    return "what a library or framework means by it, registered with IANA";
  }
  return code >= 4000 && code <= 4999
    ? "what the application means by it"
    : "not defined; may not be sent";
}

/** A close code with all that is known of it. */
export function dissectClose(code: number, reason: string): DissectedClose {
  const meaning = closeCodeMeaning(code);
  return { code, name: closeCodeName(code), meaning, reason };
}
