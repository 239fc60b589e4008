import { assert, assertEquals } from "@std/assert";
import {
  closeCodeMeaning,
  dissectClose,
} from "../../lib/inspect/close_meaning.ts";
import { CloseCode, isValidCloseCode } from "../../lib/message/close.ts";

const undefinedCode = "not defined; may not be sent";

Deno.test("closeCodeMeaning() has a sentence for every code that is registered (R71)", () => {
  const meanings = [...Object.values(CloseCode), 1004].map(closeCodeMeaning);
  assertEquals(new Set(meanings).size, meanings.length);
  assert(!meanings.includes(undefinedCode));
});

Deno.test("closeCodeMeaning() tells codes that are never sent from others (R72)", () => {
  for (const code of [1005, 1006, 1015]) {
    assert(closeCodeMeaning(code).endsWith("; never stands in a frame"));
  }
  for (let code = 0; code <= 5100; code++) {
    const meaning = closeCodeMeaning(code);
    if (isValidCloseCode(code)) assert(meaning !== undefinedCode, `${code}`);
    else if (code < 1000 || code > 1015) assertEquals(meaning, undefinedCode);
  }
  assertEquals(closeCodeMeaning(65535), undefinedCode);
});

Deno.test("closeCodeMeaning() says whose the others are (R72)", () => {
  for (const code of [3000, 3999]) {
    assert(closeCodeMeaning(code).includes("a library or framework"));
  }
  for (const code of [4000, 4999]) {
    assertEquals(closeCodeMeaning(code), "what the application means by it");
  }
});

Deno.test("dissectClose() says all there is to a Close (R55, R67)", () => {
  assertEquals(dissectClose(1001, "bye"), {
    code: 1001,
    name: "Going Away",
    meaning: "the endpoint goes away: a server goes down, or a page is left",
    reason: "bye",
  });
  assertEquals(dissectClose(1005, "").name, "No Status Rcvd");
});
