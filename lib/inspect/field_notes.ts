import type { FrameField } from "./frame_fields.ts";

/** What there is to say of a field of a frame, whatever its bits. */
export interface FieldNote {
  /** What it is for. */
  readonly note: string;
  /** The section that defines it. */
  readonly section: string;
}

const notes: Readonly<Record<FrameField["kind"], FieldNote>> = {
  "fin": {
    note: "1 in the last frame of a message, which may come in many",
    section: "RFC 6455 §5.2",
  },
  "rsv": {
    note:
      "0, unless an extension gives it a meaning; permessage-deflate does " +
      "so with RSV1 alone: 1 says that the message is compressed",
    section: "RFC 6455 §5.2",
  },
  "opcode": {
    note: "what the frame is: 0 goes on with a message, 1 begins a text, 2 a " +
      "binary message; 8 is Close, 9 Ping, 10 Pong",
    section: "RFC 6455 §5.2",
  },
  "mask": {
    note: "1 in every frame of a client, 0 in every frame of a server",
    section: "RFC 6455 §5.1",
  },
  "length": {
    note: "how many bytes of payload follow; 126 says that the next 16 bits " +
      "have the length, 127 that the next 64 have it",
    section: "RFC 6455 §5.2",
  },
  "extended-length": {
    note: "how many bytes of payload follow, the most significant byte first",
    section: "RFC 6455 §5.2",
  },
  "masking-key": {
    note: "4 random bytes, fresh for each frame; each byte of the payload is " +
      "XORed with one of them in turn, so that nobody can choose what " +
      "appears on the wire",
    section: "RFC 6455 §5.3",
  },
  "payload": {
    note: "what the frame carries",
    section: "RFC 6455 §5.2",
  },
};

/**
 * What a kind of field is for, and where that is defined.
 *
 * @example
 * ```ts
 * import { noteOfField } from "@sluice/websocket/inspect";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(noteOfField("mask").section, "RFC 6455 §5.1");
 * ```
 *
 * @param kind As `frameFields` gives it.
 */
export function noteOfField(kind: FrameField["kind"]): FieldNote {
  return notes[kind];
}

/**
 * Where a section of an RFC can be read: the address of its place in the text.
 *
 * @example
 * ```ts
 * import { sectionUrl } from "@sluice/websocket/inspect";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   sectionUrl("RFC 6455 §5.2"),
 *   "https://www.rfc-editor.org/rfc/rfc6455#section-5.2",
 * );
 * ```
 *
 * @param section Such as `"RFC 6455 §5.2"`.
 * @returns `undefined` if it is not written like that.
 */
export function sectionUrl(section: string): string | undefined {
  const [, number, part] = /^RFC (\d+) §([\d.]+)$/.exec(section) ?? [];
  return number === undefined
    ? undefined
    : `https://www.rfc-editor.org/rfc/rfc${number}#section-${part}`;
}
