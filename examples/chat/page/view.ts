import type { ConversationHandlers, Unconfirmed } from "../conversation.ts";
import { defaultLimits } from "../limits.ts";
import { faultOfChannel } from "../protocol.ts";
import { byId, element } from "./element.ts";
import { createMessageList, diskOf, type MessageList } from "./message_list.ts";

/** What a person does. */
export interface ViewActions {
  readonly onSay: (channel: string, text: string) => Unconfirmed | undefined;
  readonly onJoin: (channel: string) => void;
  readonly onLeave: (channel: string) => void;
}

/** What a person sees. */
export interface View {
  /** Shows what happens. */
  readonly handlers: ConversationHandlers;
  /** Shows a channel, and joins it first if need be. */
  readonly enter: (channel: string) => void;
}

interface ShownChannel {
  readonly list: MessageList;
  readonly people: Set<string>;
  unread: number;
}

const log = byId("log", HTMLElement);
const title = byId("title", HTMLElement);
const fault = byId("fault", HTMLElement);
const text = byId("text", HTMLTextAreaElement);
const composer = byId("composer", HTMLFormElement);
const joinForm = byId("join", HTMLFormElement);
const joinName = byId("channel", HTMLInputElement);

/** Who is this near to the end of the log goes on with it, in pixels. */
const nearEnd = 80;

/** Shows the chat in place of the door. */
export function createView(nickname: string, actions: ViewActions): View {
  const channels = new Map<string, ShownChannel>();
  let current = "";
  byId("door", HTMLElement).hidden = true;
  byId("chat", HTMLElement).hidden = false;

  const show = (name: string) => {
    current = name;
    const channel = channels.get(name);
    if (channel !== undefined) channel.unread = 0;
    history.replaceState(null, "", `#${encodeURIComponent(name)}`);
    title.textContent = name === "" ? "No channel" : `#${name}`;
    log.replaceChildren(...channel === undefined ? [] : [channel.list.node]);
    log.scrollTop = log.scrollHeight;
    showChannels();
    showPeople();
    text.focus();
  };
  const showChannels = () => {
    const items = [...channels].map(([name, { unread }]) =>
      channelItem(name, unread, name === current, () => show(name))
    );
    byId("channels", HTMLElement).replaceChildren(...items);
    const unread = channels.values()
      .reduce((sum, channel) => sum + channel.unread, 0);
    document.title = `${unread > 0 ? `(${unread}) ` : ""}Sluice chat`;
    byId("leave", HTMLElement).hidden = current === "";
  };
  const showPeople = () => {
    const people = [...channels.get(current)?.people ?? []].sort();
    const items = people.map((name) => {
      const words = name === nickname ? `${name} (you)` : name;
      return element("li", {}, diskOf(name), words);
    });
    byId("people", HTMLElement).replaceChildren(...items);
    byId("people-title", HTMLElement).textContent =
      `Here now: ${people.length}`;
  };
  const enter = (name: string) => {
    if (!channels.has(name)) {
      const list = createMessageList(nickname);
      channels.set(name, {
        list,
        people: new Set(),
        unread: 0,
      });
      actions.onJoin(name);
    }
    show(name);
  };
  const leave = () => {
    actions.onLeave(current);
    channels.delete(current);
    const [next = ""] = channels.keys();
    show(next);
  };
  const send = () => {
    const words = text.value.trim();
    if (words === "" || current === "") return;
    const message = actions.onSay(current, words);
    fault.textContent = message === undefined
      ? "Too many messages wait for the connection already"
      : "";
    if (message === undefined) return;
    text.value = "";
    followEnd(() => channels.get(current)?.list.addWaiting(message));
  };

  composer.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  text.addEventListener("keydown", (event) => {
    // Enter that ends a word of an input method is not for us.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  });
  joinForm.addEventListener("submit", (event) => {
    event.preventDefault();
    const name = joinName.value.trim().replace(/^#/, "").toLowerCase();
    fault.textContent = faultOfChannel(name, defaultLimits) ?? "";
    if (fault.textContent !== "") return;
    joinName.value = "";
    enter(name);
  });
  byId("leave", HTMLElement).addEventListener("click", leave);

  const handlers: ConversationHandlers = {
    onWelcome: ({ maxTextLength }) => {
      text.maxLength = maxTextLength;
    },
    onJoined: (name, { nicknames, omitted }) => {
      const channel = channels.get(name);
      if (channel === undefined) return;
      channel.people.clear();
      for (const one of nicknames) channel.people.add(one);
      if (omitted > 0) channel.list.note(`${omitted} messages are not shown`);
      if (name === current) showPeople();
    },
    onMessage: (name, message) => {
      const channel = channels.get(name);
      if (channel === undefined) return;
      followEnd(() => channel.list.add(message));
      if (name === current) return;
      channel.unread += 1;
      showChannels();
    },
    onPresence: (name, { arrived, left }) => {
      const channel = channels.get(name);
      if (channel === undefined) return;
      for (const one of arrived) channel.people.add(one);
      for (const one of left) channel.people.delete(one);
      if (name === current) showPeople();
    },
    onStored: ({ channel, id }) => {
      channels.get(channel)?.list.settle(id, "stored");
    },
    onRefused: (words, { message }) => {
      fault.textContent = words;
      if (message === undefined) return;
      channels.get(message.channel)?.list.settle(message.id, "refused");
    },
    onStorage: (isAvailable) => {
      fault.textContent = isAvailable
        ? ""
        : "The server cannot store messages at the moment; yours wait here";
    },
  };
  return { handlers, enter };
}

/** Who reads the end of the log sees what is added to it; others are left alone. */
function followEnd(add: () => void): void {
  const { scrollHeight, scrollTop, clientHeight } = log;
  const isAtEnd = scrollHeight - scrollTop - clientHeight < nearEnd;
  add();
  if (isAtEnd) log.scrollTop = log.scrollHeight;
}

function channelItem(
  name: string,
  unread: number,
  isCurrent: boolean,
  onClick: () => void,
): HTMLElement {
  const button = element(
    "button",
    { attributes: { type: "button", "aria-current": String(isCurrent) } },
    element("span", { class: "name", text: name }),
  );
  if (unread > 0) {
    const count = element("span", { class: "unread", text: String(unread) });
    count.append(element("span", { class: "unseen", text: " unread" }));
    button.append(count);
  }
  button.addEventListener("click", onClick);
  return element("li", {}, button);
}
