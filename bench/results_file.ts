/** Pages of results: a section for each measurement, written one by one. */
import { findRevision } from "./revision.ts";

/** A page of results: a section for each measurement, in their order. */
export interface ResultsPage {
  /** From the root of the project. */
  readonly path: string;
  readonly title: string;
  readonly sections: readonly string[];
}

/** What things cost. */
const benchPage: ResultsPage = {
  path: "bench/RESULTS.md",
  title: "# Results\n",
  sections: ["echo", "idle", "client", "deflate"],
};

/** What holds under load, attack, and chance. */
export const reliabilityPage: ResultsPage = {
  path: "tests/reliability/RESULTS.md",
  title: "# Reliability\n",
  sections: [
    "fuzz",
    "attacks",
    "network",
    "soak",
    "load",
    "broadcast",
    "chat",
  ],
};

const root: URL = new URL("../", import.meta.url);

/**
 * Puts `body` where the section's marks are. What was written by hand between
 * the sections, such as where the time goes, stays.
 */
export async function writeSection(
  section: string,
  body: string,
  page: ResultsPage = benchPage,
): Promise<void> {
  const text = await readResults(page);
  const [begin, end] = marks(section);
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  const measured = `Measured at ${await findRevision()}.`;
  await writeMarkdown(
    new URL(page.path, root).pathname,
    `${text.slice(0, from)}\n\n${body.trim()}\n\n${measured}\n\n${
      text.slice(to)
    }`,
  );
  console.log(`Written to ${page.path}`);
}

/** Writes a page, its tables as `deno task check` wants them. */
export async function writeMarkdown(path: string, text: string): Promise<void> {
  await Deno.writeTextFile(path, text);
  const fmt = new Deno.Command(Deno.execPath(), { args: ["fmt", "-q", path] });
  await fmt.output();
}

/** The file with the marks of every section, whether it was there or not. */
async function readResults(
  { path, title, sections }: ResultsPage,
): Promise<string> {
  const text = await Deno.readTextFile(new URL(path, root)).catch(() => title);
  const missing = sections.map(marks).filter(([begin]) =>
    !text.includes(begin)
  );
  return text +
    missing.map(([begin, end]) => `\n${begin}\n\n${end}\n`).join("");
}

function marks(section: string): [string, string] {
  return [`<!-- begin ${section} -->`, `<!-- end ${section} -->`];
}
