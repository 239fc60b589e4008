/**
 * How much of the library a program takes with it: `deno task bench:sizes`. Bundles
 * parts of it, minified and compressed, and writes the table of the README.
 */
import { parseArgs } from "node:util";

/** A part of the library, as somebody would import it. */
interface Part {
  readonly name: string;
  /** The names that are imported, by their entry point. */
  readonly imports: Readonly<Record<string, readonly string[]>>;
  /** The most that it is to be, minified and gzipped, in bytes. */
  readonly targetBytes?: number;
}

const parts: readonly Part[] = [
  {
    name: "frame codec: `parseFrame`, `serializeFrame`",
    imports: { frame: ["parseFrame", "serializeFrame"] },
    targetBytes: 3 * 1024,
  },
  { name: "everything of `/frame`", imports: { frame: ["*"] } },
  {
    name: "all after the handshake, as a function: `openSession`, `step`",
    imports: { session: ["openSession", "step"] },
  },
  {
    name: "client: `connectWebSocket`",
    imports: { connection: ["connectWebSocket"] },
    targetBytes: 12 * 1024,
  },
  {
    name: "client and server",
    imports: { connection: ["connectWebSocket", "serveWebSocket"] },
  },
  {
    name: "client with compression, by pako",
    imports: {
      connection: ["connectWebSocket"],
      deflate: ["permessageDeflate"],
    },
  },
  {
    name: "everything, with the inspector",
    imports: { "": ["*"], deflate: ["*"], capture: ["*"], facade: ["*"] },
  },
];

const { values } = parseArgs({
  options: { help: { type: "boolean", short: "h", default: false } },
});
if (values.help) {
  console.log(`Usage: deno task bench:sizes

Bundles parts of the library with deno bundle --minify, and writes how large they
are, as they are and gzipped, into README.md.`);
  Deno.exit();
}

const folder = new URL("../", import.meta.url).pathname;
const rows: string[] = [];
for (const part of parts) {
  const { minified, gzipped } = await sizeOf(part);
  const target = part.targetBytes === undefined
    ? ""
    : kilobytes(part.targetBytes);
  rows.push(
    `| ${part.name} | ${kilobytes(minified)} | ${
      kilobytes(gzipped)
    } | ${target} |`,
  );
  console.log(rows.at(-1));
}
await writeTable(rows);

async function sizeOf(
  { imports }: Part,
): Promise<{ minified: number; gzipped: number }> {
  // Inside the package, whose names its import map knows.
  const entry = await Deno.makeTempFile({
    dir: `${folder}bench`,
    suffix: ".ts",
  });
  const source = Object.entries(imports).map(([from, names]) => {
    const path = `@sluice/websocket${from === "" ? "" : `/${from}`}`;
    return names[0] === "*"
      ? `export * from ${JSON.stringify(path)};`
      : `export { ${names.join(", ")} } from ${JSON.stringify(path)};`;
  });
  await Deno.writeTextFile(entry, source.join("\n"));
  try {
    const { success, stdout, stderr } = await new Deno.Command(
      Deno.execPath(),
      {
        args: ["bundle", "--quiet", "--minify", "--platform=browser", entry],
      },
    ).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    const gzip = new Blob([stdout]).stream()
      .pipeThrough(new CompressionStream("gzip"));
    const gzipped = (await new Response(gzip).arrayBuffer()).byteLength;
    return { minified: stdout.length, gzipped };
  } finally {
    await Deno.remove(entry);
  }
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KB`;
}

/** Puts the table between its marks in the README. */
async function writeTable(rows: readonly string[]): Promise<void> {
  const path = `${folder}README.md`;
  const text = await Deno.readTextFile(path);
  const [begin, end] = ["<!-- sizes -->", "<!-- /sizes -->"];
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from === -1 || to === -1) {
    throw new Error(`Found no ${begin} in README.md`);
  }
  const table = [
    "| part | minified | gzipped | target |",
    "| --- | ---: | ---: | ---: |",
    ...rows,
  ].join("\n");
  await Deno.writeTextFile(
    path,
    `${text.slice(0, from)}${begin}\n\n${table}\n\n${text.slice(to)}`,
  );
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", path] })
    .output();
}
