import { type Conversation, createConversation } from "../conversation.ts";
import { defaultLimits } from "../limits.ts";
import { faultOfChannel, faultOfNickname } from "../protocol.ts";
import { byId } from "./element.ts";
import { keepConnected, type SocketState } from "./socket.ts";
import { createView, type View } from "./view.ts";

const nickname = byId("nickname", HTMLInputElement);
const firstChannel = byId("first-channel", HTMLInputElement);
const status = byId("status", HTMLElement);
const retry = byId("retry", HTMLButtonElement);

nickname.value = localStorage.getItem("nickname") ?? "";
firstChannel.value = channelOfAddress() ?? "lobby";

byId("enter", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  const name = nickname.value.trim();
  const channel = channelOf(firstChannel.value);
  const fault = faultOfNickname(name, defaultLimits) ??
    faultOfChannel(channel, defaultLimits);
  byId("enter-fault", HTMLElement).textContent = fault ?? "";
  if (fault !== undefined) return;
  localStorage.setItem("nickname", name);
  start(name, channel);
});

/** Opens the chat: from here on the page lives on one conversation. */
function start(name: string, channel: string): void {
  const view: View = createView(name, {
    onSay: (to, text) => conversation.say(to, text),
    onJoin: (to) => conversation.join(to),
    onLeave: (to) => conversation.leave(to),
  });
  const conversation: Conversation = createConversation({
    nickname: name,
    ...view.handlers,
  });
  const url = new URL("/chat", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const socket = keepConnected(url.href, {
    onOpen: conversation.opened,
    onMessage: conversation.received,
    onClose: conversation.closed,
    onState: showState,
  });
  retry.addEventListener("click", socket.retry);
  addEventListener("hashchange", () => {
    const named = channelOfAddress();
    if (named !== undefined) view.enter(named);
  });
  view.enter(channel);
}

function showState(state: SocketState): void {
  status.dataset.state = state.type;
  retry.hidden = state.type !== "waiting";
  status.textContent = wordsOf(state);
}

function wordsOf(state: SocketState): string {
  switch (state.type) {
    case "connecting":
      return "Connecting…";
    case "open":
      return "Connected";
    case "waiting":
      return `No connection; next try in ${Math.ceil(state.delayMs / 1000)} s`;
  }
}

/** `#lobby` of the address, so that a channel can be linked to. */
function channelOfAddress(): string | undefined {
  const name = channelOf(decoded(location.hash.slice(1)));
  return faultOfChannel(name, defaultLimits) === undefined ? name : undefined;
}

/** What percent signs stand for; nothing if they stand for nothing. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

/** A channel's name as people may write it: `" #Lobby"`. */
function channelOf(text: string): string {
  return text.trim().replace(/^#/, "").toLowerCase();
}
