/** `bench/RESULTS.md`: a section for each benchmark, written one by one. */
import { findRevision } from "./revision.ts";

const path: string = `${import.meta.dirname!}/RESULTS.md`;

/** The benchmarks that have a section, in their order in the file. */
const sections = ["echo", "idle", "client", "deflate"] as const;

/** The name of a section. */
export type Section = typeof sections[number];

const title = "# Results\n";

/**
 * Puts `body` where the section's marks are. What was written by hand between
 * the sections, such as where the time goes, stays.
 */
export async function writeSection(
  section: Section,
  body: string,
): Promise<void> {
  const text = await readResults();
  const [begin, end] = marks(section);
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  const measured = `Measured at ${await findRevision()}.`;
  await writeMarkdown(
    path,
    `${text.slice(0, from)}\n\n${body.trim()}\n\n${measured}\n\n${
      text.slice(to)
    }`,
  );
  console.log("Written to bench/RESULTS.md");
}

/** Writes a page, its tables as `deno task check` wants them. */
export async function writeMarkdown(path: string, text: string): Promise<void> {
  await Deno.writeTextFile(path, text);
  const fmt = new Deno.Command(Deno.execPath(), { args: ["fmt", "-q", path] });
  await fmt.output();
}

/** The file with the marks of every section, whether it was there or not. */
async function readResults(): Promise<string> {
  const text = await Deno.readTextFile(path).catch(() => title);
  const missing = sections.map(marks).filter(([begin]) =>
    !text.includes(begin)
  );
  return text +
    missing.map(([begin, end]) => `\n${begin}\n\n${end}\n`).join("");
}

function marks(section: Section): [string, string] {
  return [`<!-- begin ${section} -->`, `<!-- end ${section} -->`];
}
