import type { WebSocketConnection } from "../connection/connection.ts";
import type { HeaderListInit } from "../handshake/headers.ts";
import { CloseCode } from "../message/close.ts";
import { clampCode, readCloseInit } from "./close_code.ts";
import { createEventHandlers, type EventHandlers } from "./event_handlers.ts";
import {
  closeEvent,
  type CloseEventFields,
  errorEvent,
  messageEvent,
} from "./events.ts";
import { type BinaryType, toEventData, toSendable } from "./message_data.ts";
import { nextTask } from "./next_task.ts";
import { openFor } from "./opening.ts";
import { createOutgoing, type Outgoing } from "./outgoing.ts";
import { readProtocols } from "./protocols.ts";
import { defineReadyStates, ReadyState } from "./ready_state.ts";
import { readSocketUrl } from "./socket_url.ts";

/** What the runtime has, or would have: its type is that of ours. */
type PlatformWebSocket = InstanceType<typeof globalThis.WebSocket>;

/** What may stand in place of a constructor's protocols, outside of browsers. */
interface ConstructorInit {
  readonly protocols?: string | Iterable<string>;
  readonly headers?: HeadersInit;
}

/** Given to the constructor in place of a URL, by `toWebSocket` alone. */
export class OpenSocket {
  readonly connection: WebSocketConnection;
  readonly url: string;

  constructor(connection: WebSocketConnection, url: string) {
    this.connection = connection;
    this.url = url;
  }
}

/** How a connection came to its end; with an error if it failed. */
interface End extends CloseEventFields {
  readonly error?: unknown;
}

/**
 * A `WebSocket` over a connection of ours.
 *
 * A class, since the platform's is one: programs ask for `instanceof`, for the
 * prototype, and for constants on both.
 *
 * Source: {@link https://websockets.spec.whatwg.org/#the-websocket-interface | WebSockets Standard, The WebSocket interface}.
 */
export class FacadeWebSocket extends EventTarget implements PlatformWebSocket {
  declare static readonly CONNECTING: 0;
  declare static readonly OPEN: 1;
  declare static readonly CLOSING: 2;
  declare static readonly CLOSED: 3;
  declare readonly CONNECTING: 0;
  declare readonly OPEN: 1;
  declare readonly CLOSING: 2;
  declare readonly CLOSED: 3;

  readonly #handlers: EventHandlers = createEventHandlers(this);
  readonly #giveUp = new AbortController();
  readonly #outgoing: Outgoing = createOutgoing((error) => {
    this.#fault = { error };
  });
  #url: string;
  #origin = "";
  #readyState: ReadyState = ReadyState.CONNECTING;
  #protocol = "";
  #extensions = "";
  #binaryType: BinaryType = "blob";
  /** Something of our own that went wrong. */
  #fault: { readonly error: unknown } | undefined;

  constructor(
    url: string | URL | OpenSocket,
    protocols: string | string[] | ConstructorInit = [],
  ) {
    super();
    if (url instanceof OpenSocket) {
      this.#url = url.url;
      this.#origin = URL.canParse(url.url) ? new URL(url.url).origin : "";
      this.#open(url.connection);
      this.#live(this.#read(url.connection));
      return;
    }
    if (arguments.length === 0) throw missing("open WebSocket", "a URL");
    const socketUrl = readSocketUrl(url);
    const init = readInit(protocols);
    this.#url = socketUrl.href;
    this.#origin = socketUrl.origin;
    const opening = openFor(new.target, {
      url: socketUrl,
      protocols: readProtocols(init.protocols),
      headers: init.headers,
      signal: this.#giveUp.signal,
    });
    this.#live(this.#connect(opening));
  }

  get url(): string {
    return this.#url;
  }

  get readyState(): ReadyState {
    return this.#readyState;
  }

  get bufferedAmount(): number {
    return this.#outgoing.bufferedBytes;
  }

  get protocol(): string {
    return this.#protocol;
  }

  get extensions(): string {
    return this.#extensions;
  }

  get binaryType(): BinaryType {
    return this.#binaryType;
  }

  /** What is neither is let go, as by any attribute of an enumeration. */
  set binaryType(value: BinaryType) {
    if (value === "blob" || value === "arraybuffer") this.#binaryType = value;
  }

  get onopen(): PlatformWebSocket["onopen"] {
    return this.#handlers.get("open") as PlatformWebSocket["onopen"];
  }

  set onopen(handler: PlatformWebSocket["onopen"]) {
    this.#handlers.set("open", handler);
  }

  get onmessage(): PlatformWebSocket["onmessage"] {
    return this.#handlers.get("message") as PlatformWebSocket["onmessage"];
  }

  set onmessage(handler: PlatformWebSocket["onmessage"]) {
    this.#handlers.set("message", handler);
  }

  get onerror(): PlatformWebSocket["onerror"] {
    return this.#handlers.get("error") as PlatformWebSocket["onerror"];
  }

  set onerror(handler: PlatformWebSocket["onerror"]) {
    this.#handlers.set("error", handler);
  }

  get onclose(): PlatformWebSocket["onclose"] {
    return this.#handlers.get("close") as PlatformWebSocket["onclose"];
  }

  set onclose(handler: PlatformWebSocket["onclose"]) {
    this.#handlers.set("close", handler);
  }

  get [Symbol.toStringTag](): string {
    return "WebSocket";
  }

  send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
    if (arguments.length === 0) throw missing("send message", "one");
    const message = toSendable(data);
    if (this.#readyState === ReadyState.CONNECTING) {
      throw new DOMException(
        "Cannot send message: found a WebSocket that is connecting, wanted an " +
          "open one",
        "InvalidStateError",
      );
    }
    this.#outgoing.send(message);
  }

  close(code?: number, reason?: string): void {
    const init = readCloseInit(
      code === undefined ? undefined : clampCode(code),
      reason === undefined ? undefined : `${reason}`,
    );
    const before = this.#readyState;
    if (before > ReadyState.OPEN) return;
    this.#readyState = ReadyState.CLOSING;
    this.#outgoing.close(init);
    if (before === ReadyState.CONNECTING) this.#giveUp.abort(closedEarly());
  }

  /** Waits for the connection, and reads it. */
  async #connect(opening: Promise<WebSocketConnection>): Promise<End> {
    let connection: WebSocketConnection;
    try {
      connection = await opening;
    } catch (error) {
      return { ...noClose, error };
    }
    await nextTask();
    if (this.#readyState !== ReadyState.CONNECTING) {
      // Closed in the moment in which it was opened; its signal says so to it.
      return { ...noClose, error: closedEarly() };
    }
    this.#open(connection);
    this.dispatchEvent(new Event("open"));
    return await this.#read(connection);
  }

  #open(connection: WebSocketConnection): void {
    this.#protocol = connection.protocol;
    this.#extensions = connection.extensions;
    this.#outgoing.open(connection);
    this.#readyState = ReadyState.OPEN;
  }

  /**
   * Makes events of messages, each in a task of its own. The next one is asked
   * for when a listener has seen the last, which is the back-pressure.
   */
  async #read(connection: WebSocketConnection): Promise<End> {
    let turn = nextTask();
    try {
      while (true) {
        const data = await connection.receive();
        await turn;
        if (data === undefined) break;
        // What comes while we close is let go.
        if (this.#readyState !== ReadyState.OPEN) continue;
        const value = toEventData(data, this.#binaryType);
        this.dispatchEvent(messageEvent(value, this.#origin));
        turn = nextTask();
      }
    } catch (error) {
      await turn;
      // Does nothing where the peer broke a rule; but where we cannot read.
      connection.close({ closeCode: CloseCode.internalError });
      // No Close of the peer's will be read: there is nothing to wait for.
      return { ...noClose, error };
    }
    this.#readyState = ReadyState.CLOSING;
    const { closeCode: code, reason, wasClean } = await connection.closed;
    const end = { wasClean, code, reason };
    return this.#fault === undefined ? end : { ...end, ...this.#fault };
  }

  /** Tells the end, once there is one. */
  async #live(living: Promise<End>): Promise<void> {
    const end = await living;
    await nextTask();
    this.#readyState = ReadyState.CLOSED;
    if ("error" in end) this.dispatchEvent(errorEvent(end.error));
    const { wasClean, code, reason } = end;
    this.dispatchEvent(closeEvent({ wasClean, code, reason }));
  }
}

/** The overloads that know the events by their names. */
export interface FacadeWebSocket {
  addEventListener: PlatformWebSocket["addEventListener"];
  removeEventListener: PlatformWebSocket["removeEventListener"];
}

/** What there is to tell of a connection that was never open. */
const noClose: CloseEventFields = {
  wasClean: false,
  code: CloseCode.abnormal,
  reason: "",
};

/** Why a connection that was closed while connecting failed. */
function closedEarly(): DOMException {
  return new DOMException(
    "Cannot open WebSocket: it was closed before",
    "AbortError",
  );
}

function missing(action: string, wanted: string): TypeError {
  return new TypeError(`Cannot ${action}: found nothing, wanted ${wanted}`);
}

/** Protocols alone, or the object that Deno, Node and Bun take in their place. */
function readInit(init: string | string[] | ConstructorInit): {
  readonly protocols: string | Iterable<string>;
  readonly headers?: HeaderListInit | undefined;
} {
  const isObject = typeof init === "object" && init !== null;
  if (!isObject) return { protocols: String(init) };
  if (Symbol.iterator in init) return { protocols: init };
  const { protocols = [], headers } = init;
  if (headers === undefined) return { protocols };
  return { protocols, headers: [...new Headers(headers)] };
}

for (const target of [FacadeWebSocket, FacadeWebSocket.prototype]) {
  defineReadyStates(target);
}
Object.defineProperty(FacadeWebSocket, "name", { value: "WebSocket" });
// As the members of the platform's interfaces are.
for (
  const [name, property] of Object.entries(
    Object.getOwnPropertyDescriptors(FacadeWebSocket.prototype),
  )
) {
  if (name === "constructor") continue;
  Object.defineProperty(FacadeWebSocket.prototype, name, {
    ...property,
    enumerable: true,
  });
}
