/**
 * The whole protocol after the opening handshake as one pure function, for both
 * roles: Pings answered, messages put together, the closing handshake, limits,
 * heartbeat and time-outs, with the clock as an argument.
 *
 * @example Two sessions joined without a socket
 * ```ts
 * import { openSession, step } from "@sluice/websocket/session";
 * import { assertEquals } from "@std/assert";
 *
 * const context = {
 *   nowMs: 0,
 *   createMaskingKey: () => crypto.getRandomValues(new Uint8Array(4)),
 * };
 * const client = openSession({ role: "client" }, 0);
 * const server = openSession({ role: "server" }, 0);
 *
 * const sent = step(client, {
 *   type: "send",
 *   messages: [{ type: "text", data: "Hello" }],
 * }, context);
 * const received = step(server, { type: "bytes", bytes: sent.bytes[0]! }, context);
 *
 * assertEquals(received.events, [
 *   { type: "message", message: { type: "text", data: "Hello" } },
 * ]);
 * ```
 *
 * @module
 */
export {
  type HeartbeatOptions,
  type SessionOptions,
  type SessionSettings,
} from "./options.ts";
export {
  type OutgoingMessage,
  type SharedFrames,
  type SharedMessage,
  shareMessage,
} from "./outgoing_message.ts";
export * from "./phases.ts";
export {
  type CloseReason,
  openSession,
  type Receiving,
  type SentPing,
  type Session,
  type SessionEvent,
  type SessionInput,
  type StepContext,
  type StepResult,
} from "./session.ts";
export * from "./step.ts";
