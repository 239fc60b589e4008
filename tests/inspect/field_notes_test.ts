import { assert, assertEquals } from "@std/assert";
import { noteOfField, sectionUrl } from "../../lib/inspect/field_notes.ts";
import { frameFields } from "../../lib/inspect/frame_fields.ts";
import { hex } from "../support/hex.ts";

Deno.test("noteOfField() says of every field what it is for, and where that is defined (R40)", () => {
  const fields = frameFields(hex("82 fe 0100 01020304 05"));
  const kinds = new Set(fields.map(({ kind }) => kind));
  assertEquals(kinds.size, 8);
  const notes = [...kinds].map(noteOfField);
  assertEquals(new Set(notes.map(({ note }) => note)).size, 8);
  for (const { note, section } of notes) {
    assert(note !== "");
    assert(sectionUrl(section) !== undefined, section);
  }
});

Deno.test("sectionUrl() is the address of a section", () => {
  const editor = "https://www.rfc-editor.org/rfc";
  const table = [
    ["RFC 6455 §5.5.1", `${editor}/rfc6455#section-5.5.1`],
    ["RFC 7692 §8", `${editor}/rfc7692#section-8`],
    ["RFC 6455", undefined],
    ["§5.2", undefined],
    ["RFC 6455 §5.2, and more", undefined],
    ["", undefined],
  ] as const;
  for (const [section, url] of table) assertEquals(sectionUrl(section), url);
});
