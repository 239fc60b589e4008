/**
 * The chat's page, used as people use it, in Chromium: `deno task test:chat`.
 */
import { assert, assertEquals } from "@std/assert";
import axe from "axe-core";
import {
  type Browser,
  type BrowserContext,
  chromium,
  type Page,
} from "playwright-core";
import { loadPage } from "../../examples/chat/page_files.ts";
import { serveChat } from "../../examples/chat/server.ts";
import { openSqliteStore } from "../../examples/chat/sqlite_store.ts";
import { chromiumLaunching } from "../support/chromium.ts";

/** How the page is looked at. */
interface Look {
  readonly width: number;
  readonly height: number;
  readonly colorScheme: "light" | "dark";
}

const desk: Look = { width: 1100, height: 760, colorScheme: "light" };
const looks: readonly Look[] = [
  desk,
  { width: 1100, height: 760, colorScheme: "dark" },
  { width: 360, height: 700, colorScheme: "light" },
  { width: 360, height: 700, colorScheme: "dark" },
];

/** A server that can be stopped, and started again on the same port. */
interface RestartableServer {
  readonly url: string;
  readonly stop: () => Promise<void>;
  readonly start: () => void;
}

/** A window of its own, with what it complains of, and ways to use it. */
interface Visit {
  readonly page: Page;
  /** What the console said, but for connections that cannot be made. */
  readonly complaints: string[];
  readonly come: (nickname: string, channel?: string) => Promise<void>;
  readonly say: (text: string) => Promise<void>;
  /** Waits until an element says something. */
  readonly see: (selector: string, text: string) => Promise<void>;
  readonly texts: () => Promise<string[]>;
}

async function visit(
  browser: Browser,
  url: string,
  { width, height, colorScheme }: Look = desk,
): Promise<Visit & AsyncDisposable> {
  const context: BrowserContext = await browser.newContext({
    colorScheme,
    viewport: { width, height },
    locale: "en-GB",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  page.on("console", (message) => {
    const isExpected = message.text().includes("WebSocket connection to");
    if (message.type() === "error" && !isExpected) {
      complaints.push(message.text());
    }
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(url);
  return {
    page,
    complaints,
    come: async (nickname, channel = "lobby") => {
      await page.getByLabel("Your name").fill(nickname);
      await page.getByLabel("Channel", { exact: true }).fill(channel);
      await page.getByRole("button", { name: "Come in" }).click();
      await page.locator('#status[data-state="open"]').waitFor();
    },
    say: async (text) => {
      await page.getByLabel("Message").fill(text);
      await page.keyboard.press("Enter");
    },
    see: (selector, text) =>
      page.locator(selector).filter({ hasText: text }).first().waitFor(),
    texts: () => page.locator("#log .text").allTextContents(),
    [Symbol.asyncDispose]: async () => {
      await context.close();
      assertEquals(complaints, []);
    },
  };
}

async function talk(browser: Browser, { url }: RestartableServer) {
  await using ada = await visit(browser, url);
  await using bob = await visit(browser, url);
  await ada.come("Ada");
  await bob.come("Bob");
  await ada.see("#people", "Bob");
  await bob.see("#people", "Ada");
  await ada.say("Hello, Bob");
  await bob.see("#log .message", "Hello, Bob");
  await bob.say("Hello <b>Ada</b>\nhow are you?");
  await ada.see("#log .message", "Hello <b>Ada</b>");
  // Ours is confirmed, and shown once.
  await ada.page.locator(".message.waiting").first().waitFor({
    state: "detached",
  });
  assertEquals(await ada.texts(), await bob.texts());

  // Another channel, with what is unread in the first.
  await bob.page.getByLabel("Join a channel").fill("#Books");
  await bob.page.keyboard.press("Enter");
  await bob.see("#title", "#books");
  await ada.say("Are you there?");
  await bob.see("#channels .unread", "1 unread");
  await bob.page.locator("#channels button").first().click();
  await bob.see("#log .message", "Are you there?");
  await bob.page.getByRole("button", { name: "Leave" }).click();
  await bob.see("#title", "#books");
  await ada.see("#people-title", "Here now: 1");
}

async function readHistory(browser: Browser, { url }: RestartableServer) {
  await using ada = await visit(browser, url);
  await ada.come("Ada", "history");
  for (const text of ["one", "two", "three"]) await ada.say(text);
  await ada.see("#log .text", "three");
  await ada.page.locator(".message.waiting").first().waitFor({
    state: "detached",
  });
  await using bob = await visit(browser, url);
  await bob.come("Bob", "history");
  await bob.see("#log .text", "three");
  assertEquals(await bob.texts(), ["one", "two", "three"]);
}

async function comeBack(browser: Browser, server: RestartableServer) {
  await using ada = await visit(browser, server.url);
  await using bob = await visit(browser, server.url);
  await ada.come("Ada", "outage");
  await bob.come("Bob", "outage");
  await ada.say("before");
  await bob.see("#log .text", "before");
  await server.stop();
  await ada.page.locator('#status[data-state="waiting"]').waitFor();
  await ada.say("during, first");
  await ada.say("during, second");
  await ada.see(".message.waiting .state", "sending…");
  server.start();
  for (const { page } of [ada, bob]) {
    const retry = page.getByRole("button", { name: "Try now" });
    // Who came back by itself has no need of it.
    await retry.click({ timeout: 1_000 }).catch(() => {});
    await page.locator('#status[data-state="open"]').waitFor();
  }
  await bob.see("#log .text", "during, second");
  await ada.page.locator(".message.waiting").first().waitFor({
    state: "detached",
  });
  const wanted = ["before", "during, first", "during, second"];
  assertEquals(await ada.texts(), wanted);
  assertEquals(await bob.texts(), wanted);
}

async function beRefused(browser: Browser, { url }: RestartableServer) {
  await using ada = await visit(browser, url);
  await ada.page.getByLabel("Your name").fill("-");
  await ada.page.getByRole("button", { name: "Come in" }).click();
  await ada.see("#enter-fault", "Cannot take the nickname");
  await ada.come("Ada");
  await ada.page.getByLabel("Join a channel").fill("no spaces");
  await ada.page.keyboard.press("Enter");
  await ada.see("#fault", "Cannot take the channel");
}

/** Everything can be done without a mouse. */
async function useKeyboard(browser: Browser, { url }: RestartableServer) {
  await using ada = await visit(browser, url);
  const { page } = ada;
  await page.getByLabel("Your name").focus();
  await page.keyboard.type("Ada");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.locator('#status[data-state="open"]').waitFor();
  assertEquals(await page.evaluate("document.activeElement.id"), "text");
  await page.keyboard.type("first line");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("second line");
  await page.keyboard.press("Enter");
  await ada.see("#log .text", "first line\nsecond line");
  const reached: unknown[] = [];
  for (let presses = 0; presses < 8; presses++) {
    await page.keyboard.press("Shift+Tab");
    reached.push(
      await page.evaluate(
        "document.activeElement.id || document.activeElement.textContent",
      ),
    );
  }
  assertEquals(
    reached.slice(0, 5),
    ["log", "leave", "Join", "channel", "lobby"],
  );
}

/** What axe finds wrong, and whether something sticks out. */
async function judge(page: Page, where: string): Promise<void> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>("axe.run()");
  assertEquals(
    violations.map(({ id, nodes }) => `${where} ${id} ${nodes[0]?.html}`),
    [],
  );
  const tooWide = await page.evaluate<number>(
    "document.documentElement.scrollWidth - innerWidth",
  );
  assert(tooWide <= 0, `${where} is ${tooWide} pixels too wide`);
}

const longText = "A longer thought, which goes on for more than a line " +
  "and has a word that cannot be broken: " + "x".repeat(90);

async function judgeLook(
  browser: Browser,
  { url }: RestartableServer,
  look: Look,
): Promise<void> {
  const channel = `look-${look.width}-${look.colorScheme}`;
  await using bob = await visit(browser, url);
  await bob.come("Bob", channel);
  await using ada = await visit(browser, url, look);
  await judge(ada.page, "the door");
  await saveImage(ada.page, `${channel}-door`);
  await ada.come("Ada Lovelace", channel);
  await bob.say("Good morning");
  await bob.say("Did you see the new engine?");
  await ada.see("#log .text", "Did you see");
  await ada.say("Yes, it is wonderful");
  await ada.say(longText);
  await ada.page.getByLabel("Join a channel").fill("books");
  await ada.page.keyboard.press("Enter");
  await ada.see("#title", "#books");
  await bob.say("Come back");
  await ada.see("#channels .unread", "1 unread");
  await ada.page.locator("#channels button").first().click();
  await ada.see("#log .text", "Come back");
  await saveImage(ada.page, channel);
  await judge(ada.page, "the chat");
}

/** Images for people to look at, if a folder for them is named. */
async function saveImage(page: Page, name: string): Promise<void> {
  const folder = Deno.env.get("CHAT_IMAGES");
  if (folder === undefined) return;
  await page.screenshot({ path: `${folder}/${name}.png` });
}

Deno.test("the chat's page", async (test) => {
  const page = await loadPage();
  await using store = openSqliteStore(":memory:");
  const serve = (port: number) =>
    serveChat({ store, page, port, onError: () => {} });
  let server = serve(0);
  const port = Number(server.address.split(":").at(-1));
  const restartable: RestartableServer = {
    url: `http://127.0.0.1:${port}/`,
    stop: () => server.shutdown(),
    start: () => server = serve(port),
  };
  const browser = await chromium.launch(chromiumLaunching);
  try {
    const steps = {
      "two people talk, see each other, and change channels": talk,
      "who comes later reads what was said": readHistory,
      "outlives its server: nothing is lost, nothing doubled": comeBack,
      "says what cannot be done": beRefused,
      "can be used by keyboard": useKeyboard,
    };
    for (const [name, run] of Object.entries(steps)) {
      await test.step(name, () => run(browser, restartable));
    }
    for (const look of looks) {
      const name = `${look.colorScheme}, ${look.width} pixels wide`;
      await test.step(`can be read by all: ${name}`, () =>
        judgeLook(browser, restartable, look));
    }
  } finally {
    await browser.close();
    await server.shutdown();
  }
});
