import { Opcode, serializeFrame } from "@sluice/websocket/frame";
import {
  dissect,
  type DissectedItem,
  frameFields,
  renderItem,
} from "@sluice/websocket/inspect";
import { hexBytes } from "../../lib/cli/input_format.ts";
import { spacedHex } from "../../lib/inspect/hex.ts";
import { element } from "./element.ts";
import {
  bitsPerRow,
  drawFrameBits,
  type FrameDrawing,
} from "./frame_drawing.ts";
import { isShown, viewFields, viewItem, viewXor } from "./item_view.ts";

/** What is found in a line; a broken rule with the bytes around it. */
function say(item: DissectedItem): HTMLElement {
  return item.type === "violation"
    ? viewItem(item, false)
    : element("p", { text: renderItem(item, { detail: "brief" }) });
}

/** The key of the examples in RFC 6455 §5.7. */
const exampleKey = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);

/** More payload than that has no bits to click. */
const maxDrawnBytes = 32;

/** Fills the panel where a frame is built by clicking its bits. */
export function fillBuild(
  panel: HTMLElement,
  send: (bytes: Uint8Array) => void,
): void {
  let bytes: Uint8Array = serializeFrame({
    opcode: Opcode.text,
    payload: new TextEncoder().encode("Hello"),
    maskingKey: exampleKey,
  });
  let drawing: FrameDrawing | undefined;
  const kind = element(
    "select",
    { id: "kind" },
    ...Object.entries(Opcode).map(([name, opcode]) =>
      element("option", {
        value: opcode,
        text: name,
        selected: opcode === Opcode.text,
      })
    ),
  );
  const payload = element("input", {
    type: "text",
    id: "payload",
    value: "Hello",
  });
  const masked = element("input", {
    type: "checkbox",
    id: "masked",
    checked: true,
  });
  const wire = element("input", {
    type: "text",
    id: "wire",
    spellcheck: false,
  });
  const wrong = element("p", { class: "wrong", role: "status" });
  const place = element("div", { id: "bits" });
  const verdict = element("div", { id: "verdict", role: "status" });
  const facts = element("div");

  /** Shows the bytes as they are now. */
  const show = async (focusedBit?: number): Promise<void> => {
    const now = bytes;
    // Not under the hands of who types there.
    if (document.activeElement !== wire) wire.value = spacedHex(now);
    const fields = frameFields(now);
    drawing = drawFrameBits(
      { bytes: now, fields, maxPayloadBytes: maxDrawnBytes, onToggle: toggle },
      bitsPerRow(place.clientWidth),
    );
    place.replaceChildren(drawing.element);
    if (focusedBit !== undefined) {
      place.querySelector<HTMLElement>(`button[data-bit="${focusedBit}"]`)
        ?.focus();
    }
    const items = await dissect(now);
    if (now !== bytes) return;
    verdict.replaceChildren(...items.filter(isShown).map(say));
    const [frame] = items;
    // A reserved opcode is none of the choices, and leaves them empty.
    if (frame?.type === "frame") kind.value = String(frame.opcode);
    masked.checked = ((now[1] ?? 0) & 0x80) !== 0;
    facts.replaceChildren(
      viewFields({ fields }, now, (field) => drawing?.light(field)),
      ...frame?.type === "frame" && frame.maskingKey !== undefined &&
          frame.raw.length > 0
        ? [viewXor(frame.raw, frame.maskingKey, frame.payload)]
        : [],
    );
  };
  const toggle = (bit: number): void => {
    bytes = Uint8Array.from(bytes);
    bytes[bit >> 3]! ^= 0x80 >> (bit & 7);
    wrong.textContent = "";
    show(bit);
  };
  /** Makes a frame that is right, of what the form says. */
  const build = (key: Uint8Array = exampleKey): void => {
    try {
      bytes = serializeFrame({
        // None is chosen while the bits say a reserved one.
        opcode: Number(kind.value || Opcode.text) as Opcode,
        payload: new TextEncoder().encode(payload.value),
        ...masked.checked ? { maskingKey: key } : {},
      });
      wrong.textContent = "";
    } catch (error) {
      wrong.textContent = (error as Error).message;
    }
    show();
  };
  const readWire = (): void => {
    const reader = hexBytes();
    const first = reader.read(wire.value);
    const last = first.broken === undefined ? reader.end() : first;
    wrong.textContent = last.broken ?? "";
    if (last.broken !== undefined) return;
    bytes = Uint8Array.from([...first.bytes, ...last.bytes]);
    show();
  };
  kind.addEventListener("change", () => build());
  payload.addEventListener("input", () => build());
  masked.addEventListener("change", () => build());
  wire.addEventListener("input", readWire);
  // When the panel is first shown, and when its width changes.
  let width = 0;
  new ResizeObserver(() => {
    const next = bitsPerRow(place.clientWidth);
    if (next !== width) show();
    width = next;
  }).observe(place);
  panel.append(
    element("p", {
      text:
        "Click a bit to turn it round: the bytes, and what they mean, change " +
        "with it. Break what you like.",
    }),
    element(
      "div",
      { class: "tools" },
      element("label", {}, "Opcode", kind),
      element("label", { class: "grow" }, "Payload", payload),
      element("label", {}, masked, "masked"),
      element("button", {
        type: "button",
        text: "Another key",
        on: {
          click: () => build(crypto.getRandomValues(new Uint8Array(4))),
        },
      }),
    ),
    place,
    element("label", {
      class: "stacked",
      for: "wire",
      text: "On the wire",
    }),
    wire,
    wrong,
    verdict,
    element(
      "div",
      { class: "tools" },
      element("button", {
        type: "button",
        class: "first",
        text: "Send it to the echo",
        on: { click: () => send(bytes) },
      }),
      element("span", {
        class: "faint",
        text: "as it is, right or wrong, and watch what the server says",
      }),
    ),
    facts,
  );
}
