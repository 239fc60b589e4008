import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import process from "node:process";
import { zlibEngine } from "../../lib/deflate/zlib_engine.ts";

// What both engines do is in engine_test.ts.

type FindEngine = typeof zlibEngine;

/** What is under the streams of `node:zlib`. */
interface Stream {
  readonly _handle: {
    writeSync: (...args: readonly unknown[]) => void;
    reset: () => void;
  };
}

type Make = (options: unknown) => Stream;

let copies = 0;

/** A fresh copy of the module, which has not looked for an engine yet. */
async function freshly(
  getBuiltinModule: unknown,
): Promise<ReturnType<FindEngine>> {
  copies += 1;
  const path = `../../lib/deflate/zlib_engine.ts?copy=${copies}`;
  const { zlibEngine } = await import(path) as { zlibEngine: FindEngine };
  const own = Object.getOwnPropertyDescriptor(globalThis, "process")!;
  const value = getBuiltinModule === undefined
    ? undefined
    : { ...process, getBuiltinModule };
  Object.defineProperty(globalThis, "process", { ...plain, value });
  try {
    return zlibEngine();
  } finally {
    Object.defineProperty(globalThis, "process", own);
  }
}

const plain = { configurable: true, writable: true, enumerable: false };

const zlib = process.getBuiltinModule("node:zlib") as unknown as {
  readonly createDeflateRaw: Make;
  readonly createInflateRaw: Make;
};

/** `node:zlib` with streams that are made otherwise. */
function changed(change: (stream: Stream) => Stream) {
  return () => ({
    createDeflateRaw: (options: unknown) =>
      change(zlib.createDeflateRaw(options)),
    createInflateRaw: (options: unknown) =>
      change(zlib.createInflateRaw(options)),
  });
}

Deno.test("zlibEngine() is there on Deno, always the same", () => {
  const engine = zlibEngine();
  assert(engine !== undefined);
  assertEquals(engine.name, "zlib");
  assertStrictEquals(zlibEngine(), engine);
});

Deno.test("zlibEngine() is there where node:zlib is as it should be", async () => {
  const engine = await freshly(() => zlib);
  assertEquals(engine?.name, "zlib");
});

const without: readonly (readonly [string, unknown])[] = [
  ["no process, as in a browser", undefined],
  ["a process without getBuiltinModule(), as before Node.js 20.16", null],
  ["no such module", () => undefined],
  ["a module that is refused", () => {
    throw new Error("No");
  }],
  ["streams that have no handle", changed(() => ({}) as Stream)],
  [
    "streams whose handle does nothing",
    changed((stream) => {
      stream._handle.writeSync = () => {};
      return stream;
    }),
  ],
  [
    "streams that forget their window between two messages",
    changed((stream) => {
      const write = stream._handle.writeSync.bind(stream._handle);
      stream._handle.writeSync = (...args) => {
        stream._handle.reset();
        write(...args);
      };
      return stream;
    }),
  ],
];

for (const [name, getBuiltinModule] of without) {
  Deno.test(`zlibEngine() is undefined where there is ${name}`, async () => {
    assertEquals(await freshly(getBuiltinModule), undefined);
  });
}
