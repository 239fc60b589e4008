/**
 * The inspector's page, used as people use it, in Chromium:
 * `deno task test:inspector`.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { samples } from "../../inspector/page/samples.ts";
import { desk, type Look, withBrowser, withPage } from "./browser.ts";

const looks: readonly Look[] = [
  desk,
  { width: 1100, colorScheme: "dark" },
  { width: 360, colorScheme: "light" },
  { width: 360, colorScheme: "dark" },
];

/** Waits until an element says something. */
async function waitFor(page: Page, selector: string, text: string) {
  await page.locator(selector).filter({ hasText: text }).first().waitFor();
}

async function paste(page: Page, text: string): Promise<void> {
  await page.locator("#bytes").fill(text);
}

/** The bits that are drawn, in order. */
async function bitsOf(page: Page, selector: string): Promise<string> {
  const bits = await page.locator(`${selector} .bit`).allTextContents();
  return bits.join("");
}

function toBits(hex: string): string {
  return hex.split(" ")
    .map((byte) => parseInt(byte, 16).toString(2).padStart(8, "0")).join("");
}

/** What a page of its own shows of the masked "Hello", and of a broken frame. */
async function inspectBytes(page: Page): Promise<void> {
  await waitFor(page, "#found", "1 frame, 1 message, no rule broken");
  const hello = "81 85 37 fa 21 3d 7f 9f 4d 51 58";
  const first = "#items details:first-child";
  assertEquals(await bitsOf(page, first), toBits(hello));
  const rows = await page.locator(`${first} .fields tbody tr`)
    .allTextContents();
  assertEquals(rows.length, 9);
  assertStringIncludes(rows[4]!, "opcode4–70001text");
  assertStringIncludes(rows[4]!, "RFC 6455 §5.2");
  const xor = await page.locator(`${first} .xor`).textContent();
  assertStringIncludes(xor!, "characterHello");

  await paste(page, "81 02 48 69 83 00");
  await waitFor(page, "#found", "2 frames, 1 message, 1 broken rule");
  await waitFor(page, ".violation", "reserved-opcode");
  assertEquals(await page.locator(".violation mark").textContent(), "83");

  await paste(page, "no digits at all");
  await waitFor(page, "#found", "The text could be read up to here");
  await paste(page, "");
  await waitFor(page, "#found", "Nothing to show yet");
}

async function trySamples(page: Page): Promise<void> {
  for (const { name } of samples) {
    await page.getByRole("button", { name, exact: true }).click();
    const wanted = name.startsWith("Broken")
      ? "1 broken rule"
      : "no rule broken";
    await waitFor(page, "#found", wanted);
  }
  await page.getByRole("button", { name: "A whole conversation" }).click();
  await waitFor(page, "#items", "message 2  text in 1 frame  7 bytes inflated");
  await waitFor(page, "#items summary", "close  FIN  2 bytes  1000");
}

async function openCapture(page: Page): Promise<void> {
  const folder = new URL("../capture/fixtures/", import.meta.url);
  const name = [...Deno.readDirSync(folder)].map(({ name }) => name).sort()
    .find((name) => name.endsWith(".pcapng"))!;
  await page.locator("#file").setInputFiles(new URL(name, folder).pathname);
  await waitFor(page, "#found", "1 TCP, 1 of WebSocket");
  await waitFor(page, "#items summary", "request");
  await waitFor(page, "#items summary", "text");
}

async function buildFrame(page: Page): Promise<void> {
  await page.getByRole("tab", { name: "Build a frame" }).click();
  const wire = () => page.locator("#wire").inputValue();
  assertEquals(await wire(), "81 85 37 fa 21 3d 7f 9f 4d 51 58");
  await page.getByRole("button", { name: "FIN, bit 0 of 1" }).click();
  assertEquals(await wire(), "01 85 37 fa 21 3d 7f 9f 4d 51 58");
  await waitFor(page, "#verdict", "in 1 frame, cut");
  await page.getByRole("button", { name: "FIN, bit 0 of 1" }).click();

  // A bit of the key changes a character of the payload, and none on the wire.
  await page.getByRole("button", { name: "Masking-key, bit 7 of 32" }).click();
  assertEquals(await wire(), "81 85 36 fa 21 3d 7f 9f 4d 51 58");
  await waitFor(page, "#verdict", "Ielln");

  await page.getByRole("button", { name: "opcode, bit 2 of 4" }).click();
  await waitFor(page, "#verdict", "reserved-opcode");

  await page.locator("#payload").fill("Hi");
  assertEquals(await wire(), "81 82 37 fa 21 3d 7f 93");
  await page.locator("#wire").fill("8a 00");
  await page.locator("#wire").press("Enter");
  await waitFor(page, "#verdict", "pong");
  await page.locator("#wire").fill("8");
  await page.locator("#wire").press("Enter");
  await waitFor(page, "#build .wrong", "found one digit");
}

async function watchLive(page: Page): Promise<void> {
  await page.getByRole("tab", { name: "Watch live" }).click();
  await page.getByRole("button", { name: "Connect" }).click();
  await waitFor(page, "#state", "Connected, permessage-deflate");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await waitFor(page, "#log", "→ message 1  text in 1 frame  7 bytes inflated");
  await page.getByRole("button", { name: "Send in fragments" }).click();
  await waitFor(page, "#log", "text in 4 frames");
  await page.getByRole("button", { name: "Ping" }).click();
  await waitFor(page, "#log summary", "← frame");
  await waitFor(page, "#state", "Pong after");
  await page.getByRole("button", { name: "Close" }).click();
  await waitFor(page, "#state", "Closed: 1000 “bye”");

  // A frame that breaks a rule, and what the server says to it.
  await page.getByRole("tab", { name: "Build a frame" }).click();
  await page.locator("#wire").fill("83 80 00 00 00 00");
  // At once, with the finger on the button for a while: nothing moves meanwhile.
  await page.getByRole("button", { name: "Send it to the echo" })
    .click({ delay: 80 });
  await waitFor(page, "#log summary", "close  FIN");
  await waitFor(page, "#state", "Closed: 1002");
}

/** Everything can be done without a mouse. */
async function useKeyboard(page: Page): Promise<void> {
  await page.locator("#tab-inspect").focus();
  await page.keyboard.press("ArrowRight");
  assertEquals(await page.locator("#build").isVisible(), true);
  assertEquals(
    await page.evaluate("document.activeElement.id"),
    "tab-build",
  );
  await page.locator("#bits button.bit").first().focus();
  for (const key of ["ArrowRight", "ArrowRight", "ArrowLeft", "Enter"]) {
    await page.keyboard.press(key);
  }
  // RSV1 is the second bit; the focus stays on it.
  assertStringIncludes(await page.locator("#wire").inputValue(), "c1 85");
  assertEquals(
    await page.evaluate("document.activeElement.dataset.bit"),
    "1",
  );
  await waitFor(page, "#verdict", "reserved-bits");
}

/** What axe finds wrong on each panel, and whether something sticks out. */
async function judge(page: Page): Promise<void> {
  await page.evaluate(axe.source);
  for (const tab of ["inspect", "build", "live"]) {
    await page.locator(`#tab-${tab}`).click();
    const { violations } = await page.evaluate<axe.AxeResults>("axe.run()");
    assertEquals(
      violations.map(({ id, nodes }) => `${tab} ${id} ${nodes[0]?.html}`),
      [],
    );
    const tooWide = await page.evaluate<number>(
      "document.documentElement.scrollWidth - innerWidth",
    );
    assert(tooWide <= 0, `${tab} is ${tooWide} pixels too wide`);
  }
}

/** A page is not to hang or grow because somebody drops something large. */
async function openLarge(page: Page): Promise<void> {
  const path = await Deno.makeTempFile({ suffix: ".bin" });
  try {
    // 20,000 frames of 1 KiB, then bytes that are none.
    const frame = new Uint8Array(1028);
    frame.set([0x82, 126, 1024 >> 8, 1024 & 0xff]);
    const file = await Deno.open(path, { write: true });
    for (let index = 0; index < 20_000; index++) await file.write(frame);
    await file.write(new Uint8Array(1024).fill(0x37));
    file.close();
    await page.locator("#file").setInputFiles(path);
    await waitFor(
      page,
      "#found",
      "20001 frames, 20000 messages, 1 broken rule",
    );
    const listed = await page.locator("#items > *").count();
    assert(listed <= 501, `${listed} items are listed`);
  } finally {
    await Deno.remove(path);
  }
}

/** A name of somebody else's may lead to this machine, too. */
async function askByAnotherName(url: string): Promise<void> {
  const { port } = new URL(url);
  for (const path of ["/", "/tunnel"]) {
    using conn = await Deno.connect({
      hostname: "127.0.0.1",
      port: Number(port),
    });
    const request = `GET ${path} HTTP/1.1\r\nHost: evil.example:${port}\r\n` +
      `Origin: http://evil.example:${port}\r\nUpgrade: websocket\r\n` +
      "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    await conn.write(new TextEncoder().encode(request));
    const buffer = new Uint8Array(1024);
    const length = await conn.read(buffer);
    const answer = new TextDecoder().decode(buffer.subarray(0, length ?? 0));
    assertStringIncludes(answer, "HTTP/1.1 421 ");
  }
}

Deno.test("the inspector's page", async (test) => {
  await withBrowser(async (browser, url) => {
    const steps = {
      "shows bytes that are pasted, field by field": inspectBytes,
      "has samples that show what they say": trySamples,
      "opens a capture": openCapture,
      "reads what is large without listing it all": openLarge,
      "builds a frame by clicking its bits": buildFrame,
      "talks to the echo, and shows both directions": watchLive,
      "can be used by keyboard": useKeyboard,
    };
    for (const [name, run] of Object.entries(steps)) {
      await test.step(name, () => withPage(browser, url, desk, run));
    }
    await test.step(
      "answers nobody who calls it by another name",
      () => askByAnotherName(url),
    );
    for (const look of looks) {
      const name = `${look.colorScheme}, ${look.width} pixels wide`;
      await test.step(`can be read by all: ${name}`, () =>
        withPage(browser, url, look, judge));
    }
  });
});
