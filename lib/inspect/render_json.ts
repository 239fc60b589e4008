import { bitsOf } from "./frame_fields.ts";
import { spacedHex } from "./hex.ts";
import type { DissectedItem } from "./item.ts";

/** What JSON can hold. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/**
 * What a dissection found as a plain value for `JSON.stringify`: bytes as
 * hexadecimal digits with spaces between, and with each field of a header its
 * bits. What is not there is left out; a length of 2^63 or more is `null`.
 *
 * @param item What `dissect` or a dissector gave.
 *
 * @example
 * ```ts
 * import { dissect, itemToJson } from "@sluice/websocket/inspect";
 * import { assertEquals } from "@std/assert";
 *
 * const [frame] = await dissect(Uint8Array.of(0x89, 0x00));
 * const json = JSON.parse(JSON.stringify(itemToJson(frame!)));
 *
 * assertEquals(json.opcodeName, "ping");
 * assertEquals(json.header, "89 00");
 * assertEquals(json.fields[4], {
 *   kind: "opcode",
 *   name: "opcode",
 *   bitOffset: 4,
 *   bitLength: 4,
 *   meaning: "ping",
 *   bits: "1001",
 * });
 * ```
 */
export function itemToJson(item: DissectedItem): JsonValue {
  if (item.type !== "frame") return toJson(item);
  const { header } = item;
  const fields = item.fields.map((field) => {
    const bits = bitsOf(field, header);
    return bits === "" ? field : { ...field, bits };
  });
  return toJson({ ...item, fields });
}

function toJson(value: unknown): JsonValue {
  if (value instanceof Uint8Array) return spacedHex(value);
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value !== "object" || value === null) return value as JsonValue;
  return Object.fromEntries(
    Object.entries(value).filter(([, part]) => part !== undefined)
      .map(([name, part]) => [name, toJson(part)]),
  );
}
