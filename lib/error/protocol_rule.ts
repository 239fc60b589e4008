/** What is the same whenever a rule is broken. */
export interface ProtocolRule {
  /** What could not be done, such as "Cannot read frame". */
  readonly action: string;
  /** What the rule asks for. An error may name its own limit instead. */
  readonly wanted: string;
  /** The section that states the rule. */
  readonly section: string;
  /**
   * The close code that the peer is told, or 1006 where no Close frame can be
   * sent: before the opening handshake is done, and after the stream ended.
   */
  readonly closeCode: number;
  /** For a request that a server refuses: the status of its HTTP answer. */
  readonly httpStatus?: number;
}

/** The stable name of a rule that a frame alone can break. */
export type FrameRuleCode =
  | "reserved-bits"
  | "reserved-opcode"
  | "fragmented-control-frame"
  | "control-frame-too-large"
  | "unmasked-client-frame"
  | "masked-server-frame"
  | "non-minimal-length"
  | "length-out-of-range"
  | "frame-too-large"
  | "truncated-frame";

/** The stable name of a rule of messages, or of their connection. */
export type MessageRuleCode =
  | "unexpected-continuation"
  | "interleaved-message"
  | "unacceptable-type"
  | "message-too-large"
  | "too-many-fragments"
  | "invalid-extension-data"
  | "corrupt-compression"
  | "inflated-too-much"
  | "invalid-utf8"
  | "truncated-message"
  | "close-body-too-short"
  | "invalid-close-code"
  | "invalid-close-reason"
  | "missing-close"
  | "idle-timeout"
  | "heartbeat-timeout";

/** The stable name of a rule of heads, or of handshakes as a whole. */
export type HeadRuleCode =
  | "malformed-head"
  | "head-too-large"
  | "truncated-head"
  | "malformed-fields"
  | "handshake-timeout";

/** The stable name of a rule of requests. */
export type RequestRuleCode =
  | "not-an-upgrade"
  | "wrong-method"
  | "wrong-http-version"
  | "wrong-target"
  | "wrong-host"
  | "unexpected-body"
  | "missing-connection-upgrade"
  | "unsupported-version"
  | "duplicate-header"
  | "wrong-key"
  | "malformed-protocols"
  | "malformed-extensions"
  | "refused-origin"
  | "refused-request";

/** The stable name of a rule of responses. */
export type ResponseRuleCode =
  | "unexpected-status"
  | "wrong-upgrade"
  | "wrong-connection"
  | "wrong-accept"
  | "unrequested-extension"
  | "wrong-extension"
  | "unrequested-protocol"
  | "refused-by-proxy"
  | "connect-not-offered"
  | "forbidden-response-header";

/** The stable name of a rule of extended CONNECT alone. */
export type ConnectRuleCode =
  | "not-extended-connect"
  | "unknown-connect-protocol"
  | "wrong-scheme"
  | "wrong-authority"
  | "forbidden-header";

/** The stable name of a rule, such as `"reserved-bits"`. */
export type ProtocolErrorCode =
  | FrameRuleCode
  | MessageRuleCode
  | HeadRuleCode
  | RequestRuleCode
  | ResponseRuleCode
  | ConnectRuleCode;
