// What is judged of a request in whichever HTTP it came: one implementation of each
// rule.

import type { RequestRuleCode } from "../error/protocol_rule.ts";
import { parseExtensions } from "../extension/header.ts";
import {
  type BrokenHead,
  headerElements,
  headerFault,
  type HeaderList,
  headerValues,
  isToken,
} from "./headers.ts";

/** The first rule that a request breaks, if there is one. */
export type BrokenRequest = BrokenHead<RequestRuleCode>;

/** All that is looked at here of a request. */
interface WithHeaders {
  readonly headers: HeaderList;
}

/**
 * An address in brackets or a name, and a port (RFC 3986 §3.2). Without the comma
 * that a name may have there: it would be two headers made one.
 */
const hostPattern =
  /^(?:\[[0-9a-f:.]+\]|(?:[\w.~!$&'()*+;=-]|%[0-9a-f]{2})+)(?::\d*)?$/i;

/** Whether this can be the host that a request is for, with or without a port. */
export function isHost(text: string): boolean {
  return hostPattern.test(text) && URL.canParse(`http://${text}`);
}

/** Whether this is an absolute path, with or without a query. */
export function isPath(text: string): boolean {
  return text.startsWith("/") && !text.includes("#");
}

/** A request for a WebSocket has no body (RFC 6455 §4.1). */
export function checkContentLength({ headers }: WithHeaders): BrokenRequest {
  const name = "Content-Length";
  if (headerValues(headers, name).every((value) => value === "0")) {
    return undefined;
  }
  return headerFault("unexpected-body", headers, name);
}

/** One origin at most; whether it may ask is for `checkOrigin` of a policy. */
export function checkOrigin({ headers }: WithHeaders): BrokenRequest {
  if (headerValues(headers, "origin").length <= 1) return undefined;
  return headerFault("duplicate-header", headers, "Origin");
}

/** Judged before the key: an older client may have none (RFC 6455 §4.4). */
export function checkVersion({ headers }: WithHeaders): BrokenRequest {
  const name = "Sec-WebSocket-Version";
  const versions = headerValues(headers, name);
  if (versions.length > 1) {
    return headerFault("duplicate-header", headers, name);
  }
  if (versions[0] === "13") return undefined;
  return headerFault("unsupported-version", headers, name);
}

/** Different tokens, if there are any (RFC 6455 §11.3.4). */
export function checkProtocols({ headers }: WithHeaders): BrokenRequest {
  const name = "Sec-WebSocket-Protocol";
  if (headerValues(headers, name).length === 0) return undefined;
  const protocols = headerElements(headers, name);
  const different = new Set(protocols).size === protocols.length;
  if (protocols.length > 0 && different && protocols.every(isToken)) {
    return undefined;
  }
  return headerFault("malformed-protocols", headers, name);
}

/** Unknown extensions are declined, but a header must be one (RFC 6455 §9.1). */
export function checkExtensions({ headers }: WithHeaders): BrokenRequest {
  const name = "Sec-WebSocket-Extensions";
  const values = headerValues(headers, name);
  if (values.length === 0 || parseExtensions(values) !== undefined) {
    return undefined;
  }
  return headerFault("malformed-extensions", headers, name);
}
