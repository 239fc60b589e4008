/**
 * The states of a `WebSocket`, by the names that the platform gives them.
 *
 * Source: {@link https://websockets.spec.whatwg.org/#interface-definition | WebSockets Standard, Interface definition}.
 */
export const ReadyState = {
  CONNECTING: 0,
  OPEN: 1,
  CLOSING: 2,
  CLOSED: 3,
} as const;

/** One of the states. */
export type ReadyState = typeof ReadyState[keyof typeof ReadyState];

/** Puts the states on a class or a prototype, where they cannot be changed. */
export function defineReadyStates(target: object): void {
  for (const [name, value] of Object.entries(ReadyState)) {
    Object.defineProperty(target, name, { value, enumerable: true });
  }
}
