import {
  connectWebSocket,
  type WebSocketConnection,
} from "@sluice/websocket/connection";
import { permessageDeflate } from "@sluice/websocket/deflate";
import { createDissector, type Dissector } from "@sluice/websocket/inspect";
import type { Transport } from "@sluice/websocket/transport";
import { element } from "./element.ts";
import { isShown, viewItem } from "./item_view.ts";
import { tunnelTransport } from "./tunnel_transport.ts";

/** The oldest go when there are more. */
const maxListed = 200;

/** The panel where a conversation is watched. */
export interface LiveView {
  /** Sends bytes as they are, connecting first if that is needed. */
  readonly sendRaw: (bytes: Uint8Array) => void;
}

/** A conversation under way. */
interface Conversation {
  readonly connection: WebSocketConnection;
  readonly transport: Transport;
}

/** Fills the panel where both directions of a connection are watched. */
export function fillLive(panel: HTMLElement): LiveView {
  const { host } = location;
  const compress = element("input", {
    type: "checkbox",
    id: "compress",
    checked: true,
  });
  const text = element("input", {
    type: "text",
    id: "message",
    value: "Hello",
  });
  const status = element("p", {
    role: "status",
    id: "state",
    text: "Not connected.",
  });
  const log = element("div", { class: "log", id: "log", role: "log" });
  let current: Promise<Conversation> | undefined;

  const list = (dissector: Dissector) => {
    let last = Promise.resolve();
    return (bytes: Uint8Array | null, from: "client" | "server"): void => {
      last = last.then(async () => {
        const items = bytes === null
          ? await dissector.end()
          : await dissector.read(bytes, from);
        for (const item of items.filter(isShown)) {
          log.append(viewItem(item, false));
        }
        while (log.childElementCount > maxListed) {
          log.firstElementChild!.remove();
        }
        log.scrollTop = log.scrollHeight;
      });
    };
  };
  const open = async (): Promise<Conversation> => {
    log.replaceChildren();
    status.textContent = "Connecting…";
    const extensions = [permessageDeflate({ thresholdBytes: 0 })];
    const show = list(createDissector({ extensions }));
    const transport = watched(tunnelTransport(`ws://${host}/tunnel`), show);
    const connection = await connectWebSocket(`ws://${host}/echo`, {
      carrier: transport,
      extensions: compress.checked ? extensions : [],
    });
    status.textContent = `Connected${
      connection.extensions && `, ${connection.extensions}`
    }.`;
    receiveAll(connection);
    connection.closed.then(({ closeCode, reason }) => {
      show(null, "client");
      status.textContent = `Closed: ${closeCode}${reason && ` “${reason}”`}.`;
      current = undefined;
    });
    return { connection, transport };
  };
  const connect = (): Promise<Conversation> => {
    current ??= open();
    current.catch((error) => {
      status.textContent = (error as Error).message;
      current = undefined;
    });
    return current;
  };
  /** Does something with the connection; what it throws is shown. */
  const act = async (
    what: (conversation: Conversation) => unknown,
  ): Promise<void> => {
    try {
      await what(await connect());
    } catch (error) {
      status.textContent = (error as Error).message;
    }
  };
  const button = (
    name: string,
    what: (conversation: Conversation) => unknown,
    isFirst = false,
  ) =>
    element("button", {
      type: "button",
      text: name,
      class: isFirst ? "first" : "",
      on: { click: () => act(what) },
    });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      act(({ connection }) => connection.send(text.value));
    }
  });
  panel.append(
    element("p", {
      text:
        "Sluice itself, in this page, talks to the echo behind this port, and " +
        "shows every byte of both directions: → goes to the server, ← comes back.",
    }),
    element(
      "div",
      { class: "tools" },
      button("Connect", () => {}, true),
      button("Close", ({ connection }) => connection.close({ reason: "bye" })),
      element("label", {}, compress, "offer compression"),
    ),
    element(
      "div",
      { class: "tools" },
      element("label", { class: "grow" }, "Message", text),
      button("Send", ({ connection }) => connection.send(text.value)),
      button(
        "Send in fragments",
        ({ connection }) => connection.sendFrom("text", inThree(text.value)),
      ),
      button(
        "Send as bytes",
        ({ connection }) =>
          connection.send(new TextEncoder().encode(text.value)),
      ),
      button("Ping", async ({ connection }) => {
        const ms = await connection.ping(new TextEncoder().encode("ping"));
        status.textContent = `Pong after ${ms.toFixed(1)} ms.`;
      }),
    ),
    status,
    log,
  );
  return {
    sendRaw: (bytes) =>
      act(({ transport }) => transport.write(Uint8Array.from(bytes))),
  };
}

/** A transport, with everything that passes shown. */
function watched(
  transport: Transport,
  show: (bytes: Uint8Array, from: "client" | "server") => void,
): Transport {
  return {
    ...transport,
    read: async () => {
      const bytes = await transport.read();
      if (bytes !== null) show(bytes.slice(), "server");
      return bytes;
    },
    write: (bytes) => {
      show(bytes.slice(), "client");
      return transport.write(bytes);
    },
  };
}

/** Reads on, since what is not read is held back; the log has shown it. */
async function receiveAll(connection: WebSocketConnection): Promise<void> {
  try {
    for await (const _ of connection);
  } catch {
    // The log shows which rule was broken.
  }
}

function inThree(text: string): string[] {
  const characters = Array.from(text);
  const third = Math.ceil(characters.length / 3);
  return [0, 1, 2].map((part) =>
    characters.slice(part * third, (part + 1) * third).join("")
  );
}
