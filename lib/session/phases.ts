/**
 * How far the life of a connection has come, from the end of the opening
 * handshake on.
 *
 * - `open`: both sides may send.
 * - `closing`: our Close has been sent, the peer's has not come.
 * - `answering`: the peer's Close has come, and ours is to answer it.
 * - `failing`: the peer broke a rule, and our Close is to tell it so.
 * - `closed`: both Close frames have gone; the peer has to hang up.
 * - `failed`: the peer broke a rule and has been told so.
 * - `ended`: there is no connection any more.
 *
 * Nothing of the peer is read any more but in the first two (RFC 6455 §7.1.7).
 * While `answering` or `failing` the application may still send what answers
 * the messages that came before: it has not seen them when the Close is there,
 * because they came in one chunk.
 *
 * RFC 6455 calls the first OPEN, the last CLOSED, and those between CLOSING.
 */
export type Phase =
  | "open"
  | "closing"
  | "answering"
  | "failing"
  | "closed"
  | "failed"
  | "ended";

/** What moves a connection from one phase to the next. */
export type PhaseEvent =
  | "close-sent"
  | "close-received"
  | "rule-broken"
  | "end-received"
  | "time-out";

/**
 * The phases as a table: what each event leads to. Where a cell is missing, the
 * event changes nothing in that phase: a second Close, or a time-out of
 * something that is over. The drawing in `docs/` is made from this table.
 *
 * Source: RFC 6455 §7.1.
 */
export const phaseTable: Readonly<
  Record<Phase, Readonly<Partial<Record<PhaseEvent, Phase>>>>
> = {
  open: {
    "close-sent": "closing",
    "close-received": "answering",
    "rule-broken": "failing",
    "end-received": "ended",
  },
  closing: {
    "close-received": "closed",
    "rule-broken": "failed",
    "end-received": "ended",
    "time-out": "ended",
  },
  answering: { "close-sent": "closed" },
  failing: { "close-sent": "failed" },
  closed: { "end-received": "ended", "time-out": "ended" },
  failed: { "end-received": "ended", "time-out": "ended" },
  ended: {},
};

/** What we are in the middle of sending: a text, a binary message, nothing. */
export type Sending = "nothing" | "text" | "binary";

/** A fragment to send: what it is, and whether it is the last of its message. */
export type SendEvent =
  | "text"
  | "text-last"
  | "binary"
  | "binary-last";

/**
 * The order of the fragments that we send, as a table: a message that has begun
 * has to end before another can begin (RFC 6455 §5.4). Where a cell is missing,
 * the fragment may not be sent.
 */
export const sendingTable: Readonly<
  Record<Sending, Readonly<Partial<Record<SendEvent, Sending>>>>
> = {
  nothing: {
    "text": "text",
    "text-last": "nothing",
    "binary": "binary",
    "binary-last": "nothing",
  },
  text: { "text": "text", "text-last": "nothing" },
  binary: { "binary": "binary", "binary-last": "nothing" },
};
