/** What there is to say of a header that the handshake knows. */
export interface HeaderNote {
  /** The section that has the rule. */
  readonly section: string;
  /** What it is for. */
  readonly note: string;
}

/** What a head is: a response with another status than 101 opens nothing. */
export type HeadKind = "request" | "response" | "refusal";

const request: Readonly<Record<string, HeaderNote>> = {
  "host": {
    note: "the host that is meant, since many may live at one address",
    section: "RFC 6455 §4.1",
  },
  "upgrade": {
    note: "asks to leave HTTP for the protocol named here",
    section: "RFC 6455 §4.1",
  },
  "connection": {
    note: "says that Upgrade is for the next server, not to be passed on",
    section: "RFC 6455 §4.1",
  },
  "sec-websocket-key": {
    note: "16 random bytes in base64; the answer proves that it read them",
    section: "RFC 6455 §4.1",
  },
  "sec-websocket-version": {
    note: "the version of the protocol; 13 is RFC 6455",
    section: "RFC 6455 §4.1",
  },
  "sec-websocket-protocol": {
    note: "subprotocols on offer, the most wanted first",
    section: "RFC 6455 §11.3.4",
  },
  "sec-websocket-extensions": {
    note: "extensions on offer, the most wanted first",
    section: "RFC 6455 §9.1",
  },
  "origin": {
    note: "the page that asks; a server may refuse it",
    section: "RFC 6455 §10.2",
  },
  "content-length": {
    note: "a request for an upgrade has no body",
    section: "RFC 6455 §4.1",
  },
  "transfer-encoding": {
    note: "a request for an upgrade has no body",
    section: "RFC 6455 §4.1",
  },
};

const response: Readonly<Record<string, HeaderNote>> = {
  "upgrade": {
    note: "the protocol that is spoken from here on",
    section: "RFC 6455 §4.2.2",
  },
  "connection": {
    note: "says that Upgrade is from this server",
    section: "RFC 6455 §4.2.2",
  },
  "sec-websocket-accept": {
    note: "base64 of SHA-1 over the key and " +
      "258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
    section: "RFC 6455 §4.2.2",
  },
  "sec-websocket-protocol": {
    note: "the subprotocol that was chosen",
    section: "RFC 6455 §4.2.2",
  },
  "sec-websocket-extensions": {
    note: "the extensions that are agreed on, in the order of their use",
    section: "RFC 6455 §9.1",
  },
};

const refusal: Readonly<Record<string, HeaderNote>> = {
  "upgrade": {
    note: "the protocol that the server would rather speak",
    section: "RFC 9110 §7.8",
  },
  "sec-websocket-version": {
    note: "the versions that the server speaks",
    section: "RFC 6455 §4.4",
  },
};

const notesOf = { request, response, refusal } as const;

/** What is to be said of a header, if the handshake has a rule for it. */
export function noteOfHeader(
  kind: HeadKind,
  name: string,
): HeaderNote | undefined {
  const notes = notesOf[kind];
  const key = name.toLowerCase();
  return Object.hasOwn(notes, key) ? notes[key] : undefined;
}
