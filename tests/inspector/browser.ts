import { assertEquals } from "@std/assert";
import { type Browser, chromium, type Page } from "playwright-core";
import { chromiumLaunching } from "../support/chromium.ts";
import { serveInspector } from "../../inspector/server.ts";

/** How the page is looked at. */
export interface Look {
  readonly width: number;
  readonly colorScheme: "light" | "dark";
}

/** A wide window by day. */
export const desk: Look = { width: 1100, colorScheme: "light" };

/** Runs tests in one browser, with one server. */
export async function withBrowser(
  run: (browser: Browser, url: string) => Promise<void>,
): Promise<void> {
  await using server = await serveInspector(0);
  const browser = await chromium.launch(chromiumLaunching);
  try {
    await run(browser, `http://${server.address}/`);
  } finally {
    await browser.close();
  }
}

/**
 * Opens the page and does something with it. Nothing may be asked of any other
 * host, and nothing be complained of in the console.
 */
export async function withPage(
  browser: Browser,
  url: string,
  look: Look,
  run: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({
    colorScheme: look.colorScheme,
    viewport: { width: look.width, height: 900 },
  });
  const complaints: string[] = [];
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) {
      complaints.push(message.text());
    }
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    const isOurs = request.url().startsWith(url) ||
      request.url().startsWith("data:");
    if (!isOurs) complaints.push(`asked for ${request.url()}`);
  });
  try {
    await page.goto(url);
    await run(page);
    assertEquals(complaints, []);
  } finally {
    await context.close();
  }
}
