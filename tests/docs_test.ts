import { assert, assertEquals } from "@std/assert";
import { protocolRules } from "../lib/error/protocol_rules.ts";
import { pages } from "../docs/make_pages.ts";

const root = new URL("../", import.meta.url);

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, root));
}

/** The words of a table, whatever the formatter made of its columns. */
function words(page: string): string[] {
  return page.split(/[\s|]+/).filter((word) => !/^-*$/.test(word));
}

Deno.test("the pages of docs/ are what `deno task docs` writes", () => {
  for (const [name, page] of Object.entries(pages)) {
    assertEquals(words(read(`docs/${name}`)), words(page()), name);
  }
  for (const code of Object.keys(protocolRules)) {
    assert(read("docs/errors.md").includes(`\`${code}\``), code);
  }
});

Deno.test("every link of the README leads to a file", () => {
  for (
    const [, path] of read("README.md").matchAll(/\]\((?!https?:)([^)#]+)/g)
  ) {
    assert(Deno.statSync(new URL(path!, root)), path);
  }
});

Deno.test("every command of the README is a task or an example", () => {
  const tasks = Object.keys(JSON.parse(read("deno.json")).tasks);
  for (
    const [, task] of read("README.md").matchAll(/\bdeno(?:@\S+)? task (\w+)/g)
  ) {
    assert(tasks.includes(task!), `deno task ${task}`);
  }
  for (const [, path] of read("README.md").matchAll(/(examples\/\w+\.ts)/g)) {
    assert(Deno.statSync(new URL(path!, root)).isFile, path);
  }
});

/** The names of the tests, and what their comments cite. */
function testSources(folder: URL): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const url = new URL(isDirectory ? `${name}/` : name, folder);
    if (isDirectory) return testSources(url);
    return name.endsWith(".ts") ? [Deno.readTextFileSync(url)] : [];
  });
}

Deno.test("every requirement is named by a test, but for those marked as not yet", () => {
  const sources = testSources(new URL("tests/", root)).join("\n");
  const page = read("docs/requirements.md").split(/^- /m).slice(1);
  assert(page.length === 100, `${page.length} requirements`);
  for (const item of page) {
    const [, name] = /^\*\*(R\d+)\*\*/.exec(item) ?? [];
    const isNamed = new RegExp(`\\b${name}\\b`).test(sources);
    const isLater = /Not yet/.test(item);
    assertEquals(isNamed, !isLater, name);
  }
});
