import { assert, assertEquals } from "@std/assert";

/**
 * The folders of `lib/` in the order in which a byte travels. A file imports
 * from its own folder and from those before it, so that no arrow runs back.
 */
const folders = [
  "bytes",
  "error",
  "frame",
  "message",
  "extension",
  "deflate",
  "handshake",
  "session",
  "stream",
  "transport",
  "connection",
  "facade",
  "capture",
  "inspect",
  "cli",
];

/** No clock, no randomness, no I/O, no state beyond the arguments. */
const pureFolders = [
  "bytes",
  "error",
  "frame",
  "message",
  "extension",
  "handshake",
  "session",
  "capture",
  "inspect",
];

/** What would let a pure function know or change more than its arguments. */
const impureNames = [
  "Date",
  "performance",
  "Math.random",
  "getRandomValues",
  "randomUUID",
  "setTimeout",
  "setInterval",
  "queueMicrotask",
  "fetch",
  "Deno",
  "process",
  "globalThis",
  "navigator",
  "console",
  "localStorage",
  "ReadableStream",
  "WritableStream",
  "TransformStream",
  "WebSocket(?=\\()",
];

/** Where the run-time dependencies may be used; there are to be no more. */
const allowedPackages: Record<string, string[]> = {
  "handshake/accept_key.ts": ["@std/encoding/base64"],
  "transport/proxy.ts": ["@std/encoding/base64"],
  "transport/node_builtins.ts": ["node:net", "node:tls"],
  "transport/node_dial.ts": ["node:net", "node:tls"],
  "transport/node_listen.ts": ["node:net"],
  "handshake/client.ts": ["@std/crypto/timing-safe-equal"],
  "deflate/pako_engine.ts": ["pako"],
  "cli/command.ts": ["node:util"],
};

interface SourceFile {
  /** Such as `frame/mask.ts`. */
  readonly path: string;
  readonly folder: string;
  /** Without comments, so that examples in them do not count. */
  readonly code: string;
}

const lib = new URL("../lib/", import.meta.url);

function readSources(): SourceFile[] {
  return [...Deno.readDirSync(lib)].flatMap(({ name: folder }) =>
    [...Deno.readDirSync(new URL(`${folder}/`, lib))].map(({ name }) => {
      const path = `${folder}/${name}`;
      const text = Deno.readTextFileSync(new URL(path, lib));
      return { path, folder, code: withoutComments(text) };
    })
  );
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

function importsOf({ code }: SourceFile): string[] {
  return [...code.matchAll(/(?<!")(?:from|import)\s*\(?\s*"([^"]+)"/g)]
    .map(([, specifier]) => specifier!);
}

Deno.test("lib/ holds the folders that this test knows, and no others", () => {
  const found = [...Deno.readDirSync(lib)].map(({ name }) => name).sort();
  assertEquals(found, [...folders].sort());
});

Deno.test("a folder of lib/ imports only from itself and from those above", () => {
  for (const source of readSources()) {
    for (const specifier of importsOf(source)) {
      if (!specifier.startsWith("..")) continue;
      const folder = specifier.split("/")[1]!;
      assert(
        folders.indexOf(folder) < folders.indexOf(source.folder),
        `lib/${source.path} imports ${specifier}, which is further down`,
      );
    }
  }
});

Deno.test("files within a folder of lib/ import each other in one direction", () => {
  const sources = readSources();
  const importers = new Map(sources.map((source) => [
    source.path,
    importsOf(source).filter((specifier) => specifier.startsWith("./"))
      .map((specifier) => `${source.folder}/${specifier.slice(2)}`),
  ]));
  const visit = (path: string, trail: readonly string[]): void => {
    assert(!trail.includes(path), `a circle: ${[...trail, path].join(" → ")}`);
    for (const next of importers.get(path) ?? []) visit(next, [...trail, path]);
  };
  for (const path of importers.keys()) visit(path, []);
});

Deno.test("lib/ depends on the packages that were settled, and no others", () => {
  for (const source of readSources()) {
    const packages = importsOf(source)
      .filter((specifier) => !specifier.startsWith("."));
    assertEquals(packages, allowedPackages[source.path] ?? [], source.path);
  }
});

Deno.test("the pure folders name no clock, randomness, I/O or global state", () => {
  for (const { path, folder, code } of readSources()) {
    if (!pureFolders.includes(folder)) continue;
    const words = code.replace(/"(?:[^"\\]|\\.)*"|`[^`]*`/g, '""');
    for (const name of impureNames) {
      assert(
        !new RegExp(`\\b${name}\\b`).test(words),
        `lib/${path} names ${name}`,
      );
    }
    // Top-level state: only constants.
    assert(!/^(?:export )?(?:let|var)\b/m.test(words), `lib/${path} has state`);
  }
});

Deno.test("only transports, the program, and who looks for zlib may name a runtime", () => {
  const mayName = ["transport", "cli"];
  for (const { path, folder, code } of readSources()) {
    if (mayName.includes(folder) || path === "deflate/zlib_engine.ts") continue;
    assert(!/\bDeno\b|"node:|"cloudflare:/.test(code), `lib/${path}`);
  }
});

Deno.test("every file of lib/ has a test file of its own", () => {
  const tests = new URL("./", import.meta.url);
  for (const { path } of readSources()) {
    if (path.endsWith("/mod.ts")) continue;
    const test = new URL(path.replace(/\.ts$/, "_test.ts"), tests);
    assert(exists(test), `lib/${path} has no ${test.pathname}`);
  }
});

/** Transports are imported one by one: nobody needs those of other runtimes. */
const transports = ["deno", "node", "http2", "cloudflare", "streams", "memory"];

Deno.test("every folder of lib/ is an entry point, and every transport", () => {
  const config = JSON.parse(
    Deno.readTextFileSync(new URL("../deno.json", import.meta.url)),
  );
  const exported = Object.keys(config.exports).sort();
  const wanted = [
    ".",
    ...folders.map((name) => `./${name}`),
    ...transports.map((name) => `./transport/${name}`),
  ];
  assertEquals(exported, wanted.sort());
});

function exists(url: URL): boolean {
  try {
    return Deno.statSync(url).isFile;
  } catch {
    return false;
  }
}
