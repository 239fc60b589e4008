import type { Unconfirmed } from "../conversation.ts";
import type { ChatMessage } from "../protocol.ts";
import { element } from "./element.ts";

/** The messages of a channel, as the page shows them. */
export interface MessageList {
  readonly node: HTMLElement;
  /** Shows a message that is stored, in place of ours that waited. */
  readonly add: (message: ChatMessage) => void;
  /** Shows a message of ours that is not stored yet. */
  readonly addWaiting: (message: Unconfirmed) => void;
  /** Says what has become of a message of ours. */
  readonly settle: (id: string, outcome: "stored" | "refused") => void;
  /** Shows a line that nobody said. */
  readonly note: (words: string) => void;
}

/** Older ones leave the page. */
const maxShown = 500;

/** One that follows its sender's last within this is shown with it. */
const continuedMs = 120_000;

const timeFormat = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });

/** Begins with no message. */
export function createMessageList(nickname: string): MessageList {
  const node = element("ol", {});
  const waiting = new Map<string, HTMLElement>();
  let before: ChatMessage | undefined;

  const append = (item: HTMLElement) => {
    // Ours that wait stay at the end, since their number will be a later one.
    const [firstWaiting] = waiting.values();
    node.insertBefore(item, firstWaiting ?? null);
    while (node.childElementCount > maxShown) node.firstElementChild?.remove();
  };
  return {
    node,
    add: (message) => {
      waiting.get(message.id)?.remove();
      waiting.delete(message.id);
      const isMine = message.nickname === nickname;
      append(messageItem(message, {
        class: `message${isMine ? " mine" : ""}${
          continues(before, message) ? " continued" : ""
        }`,
      }));
      before = message;
    },
    addWaiting: ({ id, text }) => {
      const message = { nickname, text, atMs: Date.now() };
      const item = messageItem(message, {
        class: "message mine waiting",
        state: "sending…",
      });
      node.append(item);
      waiting.set(id, item);
    },
    settle: (id, outcome) => {
      const item = waiting.get(id);
      const state = item?.querySelector(".state");
      if (state) state.textContent = outcome === "stored" ? "" : "not sent";
      if (outcome === "refused") waiting.delete(id);
    },
    note: (words) => {
      append(element("li", { class: "note", text: words }));
      before = undefined;
    },
  };
}

/** A disk with the first letter of a name, in a colour that belongs to it. */
export function diskOf(nickname: string): HTMLElement {
  const [letter = ""] = nickname;
  let hue = 0;
  for (const character of nickname) {
    hue = (hue * 31 + character.codePointAt(0)!) % 360;
  }
  return element("span", {
    class: "disk",
    text: letter.toUpperCase(),
    style: { hue: String(hue) },
    attributes: { "aria-hidden": "true" },
  });
}

function messageItem(
  { nickname, text, atMs }: Pick<ChatMessage, "nickname" | "text" | "atMs">,
  { class: className, state }: {
    readonly class: string;
    readonly state?: string;
  },
): HTMLElement {
  const at = new Date(atMs);
  const time = element("time", {
    text: timeFormat.format(at),
    attributes: { datetime: at.toISOString() },
  });
  const who = element("p", { class: "who" }, element("b", { text: nickname }));
  who.append(
    state === undefined
      ? time
      : element("span", { class: "state", text: state }),
  );
  return element(
    "li",
    { class: className },
    diskOf(nickname),
    who,
    element("p", { class: "text", text }),
  );
}

function continues(
  before: ChatMessage | undefined,
  { nickname, atMs }: ChatMessage,
): boolean {
  return before?.nickname === nickname && atMs - before.atMs < continuedMs;
}
