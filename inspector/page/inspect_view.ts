import { permessageDeflate } from "@sluice/websocket/deflate";
import {
  createDissector,
  type DissectedItem,
  type DissectOptions,
} from "@sluice/websocket/inspect";
import { createConversationReader } from "../../lib/cli/conversations.ts";
import {
  base64Bytes,
  guessFormat,
  hexBytes,
} from "../../lib/cli/input_format.ts";
import { element } from "./element.ts";
import { isShown, viewItem } from "./item_view.ts";
import { samples } from "./samples.ts";

/** More items than that are counted, not listed: nobody scrolls so far. */
const maxListed = 500;
/** The first few are open, so that there is something to see at once. */
const opened = 3;

/** Fills the panel where bytes are pasted and captures dropped. */
export function fillInspect(panel: HTMLElement): void {
  const text = element("textarea", {
    id: "bytes",
    spellcheck: false,
    autocomplete: "off",
    placeholder: "81 85 37 fa 21 3d 7f 9f 4d 51 58",
  });
  const from = element(
    "select",
    { id: "from" },
    element("option", { value: "", text: "masks tell" }),
    element("option", { value: "client", text: "a client" }),
    element("option", { value: "server", text: "a server" }),
  );
  const compressed = element("input", { type: "checkbox", id: "compressed" });
  const file = element("input", { type: "file", id: "file" });
  const status = element("p", { id: "found", role: "status" });
  const progress = element("progress", {
    hidden: true,
    "aria-label": "Reading",
  });
  const list = element("div", { id: "items" });
  let current = 0;

  const options = (): DissectOptions => ({
    extensions: [permessageDeflate()],
    agreed: compressed.checked ? "permessage-deflate" : "",
  });
  /** A run stops when the next one has begun. */
  const run = async (
    source: AsyncIterable<Uint8Array>,
    byteLength: number,
    isFile: boolean,
  ): Promise<void> => {
    current += 1;
    const own = current;
    const writer = createList(list, status);
    progress.max = Math.max(1, byteLength);
    progress.value = 0;
    progress.hidden = byteLength < 4_000_000;
    const side = from.value === "client" || from.value === "server"
      ? from.value
      : undefined;
    const reader = createReader(options(), side, isFile);
    let readBytes = 0;
    for await (const bytes of source) {
      writer.add(await reader.read(bytes));
      readBytes += bytes.length;
      progress.value = readBytes;
      // A page that reads for seconds must be able to be used meanwhile.
      await new Promise((resolve) => setTimeout(resolve));
      if (own !== current) return;
    }
    const { items, note } = await reader.end();
    if (own !== current) return;
    writer.add(items);
    writer.end(note);
    progress.hidden = true;
  };
  const inspectText = () => {
    const bytes = new TextEncoder().encode(text.value);
    run(once(bytes), bytes.length, false);
  };
  const inspectFile = (chosen: File | undefined) => {
    if (chosen === undefined) return;
    text.value = "";
    text.placeholder = chosen.name;
    run(partsOf(chosen), chosen.size, true);
  };
  const drop = (event: Event) => {
    event.preventDefault();
    text.classList.remove("over");
    inspectFile((event as DragEvent).dataTransfer?.files[0]);
  };
  text.addEventListener("input", inspectText);
  from.addEventListener("change", inspectText);
  compressed.addEventListener("change", inspectText);
  file.addEventListener("change", () => inspectFile(file.files?.[0]));
  text.addEventListener("dragover", (event) => {
    event.preventDefault();
    text.classList.add("over");
  });
  text.addEventListener("dragleave", () => text.classList.remove("over"));
  text.addEventListener("drop", drop);
  panel.append(
    element("label", {
      class: "stacked",
      for: "bytes",
      text:
        "Bytes: hexadecimal digits, a hex dump or base64; or drop a capture here",
    }),
    text,
    element(
      "div",
      { class: "tools" },
      element("span", { text: "Try:" }),
      ...samples.map((sample) =>
        element("button", {
          type: "button",
          text: sample.name,
          on: {
            click: () => {
              text.value = sample.text;
              inspectText();
            },
          },
        })
      ),
    ),
    element(
      "div",
      { class: "tools" },
      element("label", { class: "file" }, file, "Open a file or capture…"),
      element("label", {}, "Sent by", from),
      element(
        "label",
        {},
        compressed,
        "compressed by permessage-deflate, handshake not shown",
      ),
    ),
    progress,
    status,
    list,
  );
  text.value = samples[0]!.text;
  inspectText();
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function* partsOf(file: Blob): AsyncGenerator<Uint8Array> {
  const size = 256 * 1024;
  for (let at = 0; at < file.size; at += size) {
    yield new Uint8Array(await file.slice(at, at + size).arrayBuffer());
  }
}

/** What makes items of an input, whatever its format. */
interface Reader {
  readonly read: (bytes: Uint8Array) => Promise<readonly DissectedItem[]>;
  readonly end: () => Promise<{
    readonly items: readonly DissectedItem[];
    /** What else there is to say. */
    readonly note: string;
  }>;
}

function createReader(
  options: DissectOptions,
  from: "client" | "server" | undefined,
  isFile: boolean,
): Reader {
  let chosen: Reader | undefined;
  const choose = (bytes: Uint8Array): Reader => {
    const format = guessFormat(bytes.subarray(0, 4096));
    if (format === "capture") return captureReader(options);
    if (format === "raw" && isFile) {
      return bytesReader(options, from, (b) => ({ bytes: b }));
    }
    const text = format === "base64" ? base64Bytes() : hexBytes();
    const decoder = new TextDecoder();
    return bytesReader(
      options,
      from,
      (bytes) => text.read(decoder.decode(bytes, { stream: true })),
      text.end,
    );
  };
  return {
    read: (bytes) => (chosen ??= choose(bytes)).read(bytes),
    end: () => chosen?.end() ?? Promise.resolve({ items: [], note: "" }),
  };
}

interface Decoded {
  readonly bytes: Uint8Array;
  readonly broken?: string;
}

function bytesReader(
  options: DissectOptions,
  from: "client" | "server" | undefined,
  decode: (bytes: Uint8Array) => Decoded,
  finish: () => Decoded = () => ({ bytes: new Uint8Array() }),
): Reader {
  const dissector = createDissector(options);
  let broken: string | undefined;
  const take = async (decoded: Decoded) => {
    if (broken !== undefined) return [];
    broken = decoded.broken;
    return await dissector.read(decoded.bytes, from);
  };
  return {
    read: (bytes) => take(broken === undefined ? decode(bytes) : { bytes }),
    end: async () => {
      const last = await take(
        broken === undefined ? finish() : { bytes: new Uint8Array() },
      );
      const items = [...last, ...await dissector.end()];
      const note = broken === undefined
        ? ""
        : `The text could be read up to here: ${broken}.`;
      return { items, note };
    },
  };
}

function captureReader(options: DissectOptions): Reader {
  const reader = createConversationReader({
    ...options,
    requireHandshake: true,
  });
  const itemsOf = async (found: AsyncIterable<{ item: DissectedItem }>) => {
    const items: DissectedItem[] = [];
    for await (const { item } of found) items.push(item);
    return items;
  };
  return {
    read: (bytes) => itemsOf(reader.read(bytes)),
    end: async () => {
      const items = await itemsOf(reader.end());
      const { connections, conversations, missingBytes, broken } = reader
        .counts();
      const lost = missingBytes === 0
        ? ""
        : ` ${missingBytes} bytes are not in the capture.`;
      const counts =
        `${connections} TCP, ${conversations} of WebSocket.${lost}`;
      return {
        items,
        note: broken === undefined ? counts : `${counts} ${broken}.`,
      };
    },
  };
}

/** The list of what was found, and a line that counts it. */
function createList(list: HTMLElement, status: HTMLElement) {
  const counts = { frame: 0, message: 0, violation: 0, head: 0, unread: 0 };
  let listed = 0;
  list.replaceChildren();
  const say = (note: string): void => {
    const frames = `${counts.frame} ${counts.frame === 1 ? "frame" : "frames"}`;
    const messages = `${counts.message} ${
      counts.message === 1 ? "message" : "messages"
    }`;
    const wrong = counts.violation === 0
      ? "no rule broken"
      : `${counts.violation} broken ${
        counts.violation === 1 ? "rule" : "rules"
      }`;
    const all = counts.frame + counts.head + counts.violation + counts.unread;
    status.textContent = all === 0 && note === ""
      ? "Nothing to show yet."
      : [`${frames}, ${messages}, ${wrong}.`, note].join(" ").trim();
  };
  say("");
  return {
    add: (items: readonly DissectedItem[]): void => {
      for (const item of items) {
        counts[item.type] += 1;
        if (!isShown(item) || listed === maxListed) continue;
        list.append(viewItem(item, listed < opened));
        listed += 1;
      }
      say("");
    },
    end: (note: string): void => {
      say(note);
      if (listed < maxListed) return;
      const text = `Only the first ${maxListed} are listed; ` +
        "`sluice inspect` shows them all.";
      list.append(element("p", { class: "faint", text }));
    },
  };
}
