/**
 * The opcodes of RFC 6455 §5.2. 0x3–0x7 and 0xB–0xF are reserved.
 *
 * @example
 * ```ts
 * import { Opcode } from "@sluice/websocket/frame";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Opcode.close, 0x8);
 * ```
 */
export const Opcode = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

/** One of the six opcodes that RFC 6455 defines. */
export type Opcode = (typeof Opcode)[keyof typeof Opcode];

/**
 * Which end of the connection we are. Clients mask what they send, servers do
 * not (RFC 6455 §5.1).
 */
export type Role = "client" | "server";

/** One WebSocket frame as a value; `payload` is always the unmasked bytes. */
export interface Frame {
  /** Whether this is the last fragment of its message. */
  readonly fin: boolean;
  /** The first bit that an extension may define. */
  readonly rsv1: boolean;
  /** The second bit that an extension may define. */
  readonly rsv2: boolean;
  /** The third bit that an extension may define. */
  readonly rsv3: boolean;
  /** What the payload is. */
  readonly opcode: Opcode;
  /** 4 bytes, present when the frame is masked on the wire. */
  readonly maskingKey?: Uint8Array;
  /** The payload, never masked. */
  readonly payload: Uint8Array;
}

/**
 * What {@linkcode serializeFrame} needs to know of a frame. Every
 * {@linkcode Frame} is one.
 */
export interface FrameInit {
  /** Whether this is the last fragment of its message; `true` by default. */
  readonly fin?: boolean;
  /** `false` by default. */
  readonly rsv1?: boolean;
  /** `false` by default. */
  readonly rsv2?: boolean;
  /** `false` by default. */
  readonly rsv3?: boolean;
  /** What the payload is. */
  readonly opcode: Opcode;
  /** 4 bytes to mask the payload with; without it the frame is not masked. */
  readonly maskingKey?: Uint8Array;
  /** The payload, not masked. */
  readonly payload: Uint8Array;
}

/**
 * Whether `opcode` is that of a control frame: its top bit is set
 * (RFC 6455 §5.5). True of the reserved 0xB–0xF too.
 *
 * @example
 * ```ts
 * import { isControlOpcode, Opcode } from "@sluice/websocket/frame";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(isControlOpcode(Opcode.ping), true);
 * assertEquals(isControlOpcode(Opcode.text), false);
 * ```
 *
 * @param opcode A number from 0 to 15.
 */
export function isControlOpcode(opcode: number): boolean {
  return (opcode & 0x8) !== 0;
}

/** Whether RFC 6455 §5.2 defines `opcode`; if not, it is reserved. */
export function isDefinedOpcode(opcode: number): opcode is Opcode {
  return opcode <= Opcode.binary ||
    (opcode >= Opcode.close && opcode <= Opcode.pong);
}

/** An opcode as RFC 6455 writes it, such as `0xA`. */
export function opcodeToString(opcode: number): string {
  return `0x${opcode.toString(16).toUpperCase()}`;
}
