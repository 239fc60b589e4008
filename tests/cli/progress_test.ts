import { assertEquals } from "@std/assert";
import { barOf, createProgress, sizeOf } from "../../lib/cli/progress.ts";

function shown(isNoteRead: boolean) {
  const notes: string[] = [];
  let nowMs = 0;
  const progress = createProgress(
    { note: (text) => notes.push(text), isNoteRead },
    200,
    () => nowMs,
  );
  return { notes, progress, at: (ms: number) => nowMs = ms };
}

Deno.test("progress is shown of work that takes a while, ten times a second", () => {
  const { notes, progress, at } = shown(true);
  progress.update(10);
  at(499);
  progress.update(20);
  assertEquals(notes, []);
  at(500);
  progress.update(100, "half");
  at(599);
  progress.update(110);
  at(600);
  progress.update(200, "done");
  assertEquals(notes, [
    "\r\x1b[K[###############---------------]  50 %  half",
    "\r\x1b[K[##############################] 100 %  done",
  ]);
  progress.clear();
  progress.clear();
  assertEquals(notes.slice(2), ["\r\x1b[K"]);
});

Deno.test("nobody is shown progress who does not look", () => {
  const { notes, progress, at } = shown(false);
  at(10_000);
  progress.update(100);
  progress.clear();
  assertEquals(notes, []);
});

Deno.test("barOf() has nothing to say of work whose end nobody knows", () => {
  assertEquals(barOf(5, undefined), "…");
  assertEquals(barOf(0, 0), "…");
  assertEquals(barOf(300, 200), `[${"#".repeat(30)}] 100 %`);
});

Deno.test("sizeOf() writes sizes as people read them", () => {
  const cases: [number, string][] = [
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.0 KiB"],
    [1536 * 1024, "1.5 MiB"],
    [2 ** 30, "1.0 GiB"],
    [2 ** 52, "4096.0 TiB"],
  ];
  for (const [bytes, text] of cases) assertEquals(sizeOf(bytes), text);
});
