import { assert, assertEquals } from "@std/assert";

const root = new URL("../../", import.meta.url);

/** Options that limit something, by their names. */
const isLimit = /^(?:max[A-Z]|.*(?:TimeoutMs|DelayMs)$)/;

/** Limits of what is made, or shown, and not of what a peer can do. */
const isOurs = new Set([
  "maxShownBytes of render_text.ts",
  "maxBufferedBytes of memory.ts",
  "maxFragmentBytes of fragment.ts",
  "maxPayloadBytes of fragment.ts",
  "maxPayloadBytes of draw_frame.ts",
  "maxPayloadBytes of dissector.ts",
]);

/** Every option of `lib/` that limits something, with its default. */
async function limitsOfCode(): Promise<Map<string, Set<string>>> {
  const limits = new Map<string, Set<string>>();
  for await (const path of sources(new URL("lib/", root))) {
    const text = await Deno.readTextFile(path);
    const found = text.matchAll(
      /@default \{([^\n]*)\}\s*\n\s*\*\/\s*\n\s*readonly (\w+)\?:/g,
    );
    for (const [, value, name] of found) {
      const place = `${name} of ${path.pathname.split("/").at(-1)}`;
      if (!isLimit.test(name!) || isOurs.has(place)) continue;
      limits.set(name!, (limits.get(name!) ?? new Set()).add(value!));
    }
  }
  return limits;
}

async function* sources(folder: URL): AsyncGenerator<URL> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = new URL(isDirectory ? `${name}/` : name, folder);
    if (isDirectory) yield* sources(path);
    else if (name.endsWith(".ts")) yield path;
  }
}

/** The rows of the page: the option's name and its default. */
async function limitsOfPage(): Promise<Map<string, Set<string>>> {
  const page = await Deno.readTextFile(new URL("docs/limits.md", root));
  const limits = new Map<string, Set<string>>();
  for (
    const [, name, value] of page.matchAll(/^\| `([\w.]+)` +\| +(\S+) +\|/gm)
  ) {
    limits.set(name!, (limits.get(name!) ?? new Set()).add(value!));
  }
  return limits;
}

Deno.test("docs/limits.md has every limit of the code, with its default", async () => {
  const page = await limitsOfPage();
  const code = await limitsOfCode();
  assert(code.size > 15, `${code.size} limits found`);
  for (const [name, values] of code) {
    assert(page.has(name), `${name} is not in docs/limits.md`);
    for (const value of values) {
      assert(
        page.get(name)!.has(value),
        `${name} is ${value} in the code, ${[...page.get(name)!]} in the page`,
      );
    }
  }
});

Deno.test("docs/limits.md has no limit that the code does not have", async () => {
  const code = await limitsOfCode();
  const byHand = ["origins", "accepts", "heartbeat.timeoutMs"];
  const unknown = [...(await limitsOfPage()).keys()]
    .filter((name) => !code.has(name) && !byHand.includes(name));
  assertEquals(unknown, []);
});
