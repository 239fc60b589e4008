/**
 * The opening handshake as plain values: HTTP heads into values and back, and
 * every check of RFC 6455 §4 that a client and a server have to make; over HTTP/2
 * and HTTP/3 those of RFC 8441 and RFC 9220.
 *
 * Everything here is pure; `acceptKey` and what builds on it is asynchronous,
 * because Web Crypto's digest is.
 *
 * @example Both sides of a handshake, without a socket
 * ```ts
 * import {
 *   acceptRequest,
 *   checkRequest,
 *   checkResponse,
 *   createKey,
 *   createRequest,
 * } from "@sluice/websocket/handshake";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const key = createKey(crypto.getRandomValues(new Uint8Array(16)));
 * const head = createRequest("ws://example.com/", { key, protocols: ["chat"] });
 *
 * const asked = checkRequest(head);
 * assert(asked.status === "valid");
 * const answer = await acceptRequest(asked.request, { protocol: "chat" });
 *
 * const opened = await checkResponse(answer, { key, protocols: ["chat"] });
 * assert(opened.status === "valid");
 * assertEquals(opened.protocol, "chat");
 * ```
 *
 * @module
 */
export { acceptKey, createKey } from "./accept_key.ts";
export * from "./choose_protocol.ts";
export {
  checkResponse,
  type CheckResponseResult,
  createRequest,
  type CreateRequestOptions,
  parseWebSocketUrl,
  type WebSocketUrl,
} from "./client.ts";
export {
  acceptConnectRequest,
  checkConnectRequest,
  checkConnectResponse,
  type ConnectRefusal,
  createConnectRequest,
  type CreateConnectRequestOptions,
  refuseConnectRequest,
} from "./extended_connect.ts";
export * from "./fields.ts";
export {
  type HeadLimits,
  type HeadResult,
  parseRequestHead,
  parseResponseHead,
  type RequestHead,
  type ResponseHead,
} from "./head.ts";
export {
  headerElements,
  type HeaderList,
  type HeaderListInit,
  headerValues,
} from "./headers.ts";
export * from "./origin.ts";
export * from "./serialize_head.ts";
export {
  acceptRequest,
  type AcceptRequestOptions,
  checkRequest,
  type CheckRequestResult,
  type Refusal,
  refuseRequest,
  type WebSocketRequest,
} from "./server.ts";
