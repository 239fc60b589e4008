import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  listingsOf,
  outputOf,
  pollingRows,
  tutorials,
  writeTutorial,
} from "../../docs/make_tutorial.ts";

const root = new URL("../../", import.meta.url);
const docs = new URL("docs/", root);
const names = Object.keys(tutorials);

function read(name: string): string {
  return Deno.readTextFileSync(new URL(name, docs));
}

/** A page without what stands in fences. */
function prose(name: string): string {
  return read(name).replace(/^```.*?^```$/gms, "");
}

function headings(name: string): { level: number; text: string }[] {
  return [...prose(name).matchAll(/^(#+) (.+)$/gm)]
    .map(([, marks, text]) => ({ level: marks!.length, text: text! }));
}

/** Where the links and the images of a page lead. */
function targets(name: string): string[] {
  return [...prose(name).matchAll(/\]\(([^)]+)\)/g)].map(([, to]) => to!);
}

/** The name that a heading has in a link, as GitHub makes it. */
function anchorOf(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N} -]/gu, "")
    .replaceAll(" ", "-");
}

/** The words of a page, whatever the formatter made of its columns. */
function words(page: string): string[] {
  return page.split(/[\s|]+/).filter((word) => !/^[-:]*$/.test(word));
}

for (const name of names) {
  Deno.test(`every listing of ${name} is what its command prints`, async () => {
    const page = read(name);
    const written = await writeTutorial(page, tutorials[name]!);
    const now = listingsOf(written);
    for (const [index, listing] of listingsOf(page).entries()) {
      assertEquals(listing, now[index], listing.command);
      assert(listing.output !== "", listing.command);
    }
    assertEquals(words(page), words(written), "run `deno task docs`");
  });

  Deno.test(`${name} has the numbers of bench/POLLING.md`, () => {
    const [, table = ""] = read(name).split(/<!-- \/?bench:polling -->/);
    const rows = table.split("\n").filter((line) => line.startsWith("|"))
      .slice(2).map((line) => line.split("|").slice(2, -1));
    const [head = [], ...measured] = pollingRows();
    const columns = Object.keys(tutorials[name]!.columns).slice(1);
    assertEquals(
      rows.map((cells) => cells.map((cell) => cell.trim())),
      measured.map((cells) => columns.map((one) => cells[head.indexOf(one)])),
    );
    assert(rows.length >= 5, `${rows.length} rows`);
  });

  Deno.test(`every link and image of ${name} leads to something`, () => {
    const anchors = headings(name).map(({ text }) => `#${anchorOf(text)}`);
    for (const target of targets(name)) {
      if (target.startsWith("#")) assert(anchors.includes(target), target);
      else assert(Deno.statSync(new URL(target, docs)).isFile, target);
    }
  });

  Deno.test(`every image of ${name} says in words what it shows`, () => {
    const alts = [...prose(name).matchAll(/!\[([^\]]*)\]/g)];
    assertEquals(alts.length, 4);
    for (const [, alt] of alts) assert(alt!.length >= 20, alt);
  });

  Deno.test(`every command of ${name} is a task or a file that is there`, () => {
    const { tasks } = JSON.parse(Deno.readTextFileSync(
      new URL("deno.json", root),
    ));
    const page = read(name);
    for (const [, task] of page.matchAll(/deno(?:@\S+)? task ([\w:]+)/g)) {
      assert(Object.hasOwn(tasks, task!), `deno task ${task}`);
    }
    for (const [, path] of page.matchAll(/(docs\/tutorial\/[\w.]+)/g)) {
      assert(Deno.statSync(new URL(path!, root)).isFile, path);
    }
  });

  Deno.test(`${name} draws a frame within the first screen`, () => {
    const lines = read(name).split("\n");
    const at = lines.findIndex((line) => line.includes("→ frame 1"));
    assert(at > 0 && at < 30, `line ${at}`);
  });
}

Deno.test("the tutorial says the same in each language", () => {
  const [first, ...others] = names;
  const of = (name: string) => ({
    commands: listingsOf(read(name)).map(({ command }) => command),
    levels: headings(name).map(({ level }) => level),
    fences: [...read(name).matchAll(/^```(\w+)$/gm)].map(([, one]) => one),
    inSh: [...read(name).matchAll(/^```sh\n(.*?)```$/gms)]
      .map(([, commands]) => commands),
    rows: [...prose(name).matchAll(/^\|/gm)].length,
    images: targets(name).filter((target) => /\.(svg|png)$/.test(target)),
    sections: [...new Set(prose(name).match(/§[\d.]*\d/g))].sort(),
  });
  assert(others.length > 0);
  for (const other of others) assertEquals(of(other), of(first!), other);
});

Deno.test("nothing but what a newcomer can type stands in a listing", async () => {
  for (const command of ["ls", "deno task demo", "deno task sluice | sort"]) {
    await assertRejects(() => outputOf(command), Error, "Cannot list");
  }
  await assertRejects(
    () => outputOf("deno task sluice inspect zz"),
    Error,
    "ended with 2",
  );
});

Deno.test("the output of a command can be cut, as the shell cuts it", async () => {
  const command = "deno task sluice inspect --brief '81 00 89 00 8a 00'";
  const all = await outputOf(command);
  assertEquals(all.split("\n").length, 3);
  assertEquals(await outputOf(`${command} | head -n 1`), all.split("\n")[0]);
  assertEquals(await outputOf(`${command} | tail -n 1`), all.split("\n")[2]);
});
