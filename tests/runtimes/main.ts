/**
 * One list of checks on every runtime: `deno task test:runtimes`.
 */
import { parseArgs } from "node:util";
import { report, type Tried } from "./report.ts";
import { type Runtime, runtimes } from "./runtimes.ts";
import { createStage } from "./stage.ts";

const { values } = parseArgs({
  options: {
    runtime: { type: "string", multiple: true },
    "require-all": { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(
    `Usage: deno task test:runtimes [--runtime NAME]... [--require-all]

Runs one list of checks, from one bundle, on each runtime that is installed, and
writes tests/runtimes/RESULTS.md when all of them are. Those from npm are installed
into .runtimes/ first.

  --runtime NAME  only this one: ${runtimes.map(({ name }) => name).join(", ")}
  --require-all   fail if one of them is not installed
  -h, --help      show this help`,
  );
  Deno.exit();
}

const folder = new URL("../../", import.meta.url).pathname;
await install();
const chosen = runtimes.filter(({ name }) =>
  values.runtime === undefined || values.runtime.includes(name)
);
const tried: Tried[] = [];
const missing: string[] = [];
for (const runtime of chosen) await tryOne(runtime);

const outcomes = tried.flatMap(({ outcomes }) => outcomes);
const failed = outcomes.filter(({ status }) => status === "failed").length;
const done = outcomes.filter(({ status }) => status === "ok").length;
if (tried.length === runtimes.length && failed === 0) {
  const path = `${folder}tests/runtimes/RESULTS.md`;
  await Deno.writeTextFile(path, report(tried));
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", path] })
    .output();
}
if (missing.length > 0) console.log(`Not installed: ${missing.join(", ")}`);
console.log(`${done} passed, ${failed} failed`);
const isIncomplete = values["require-all"] && missing.length > 0;
Deno.exit(failed > 0 || isIncomplete ? 1 : 0);

/** From npm, into a folder that is not in the repository. */
async function install(): Promise<void> {
  const { success } = await new Deno.Command("npm", {
    args: [
      ...["install", "--prefix", `${folder}.runtimes`, "--no-save"],
      ...["--no-fund", "--no-audit", "--silent"],
      ...["node22@npm:node@22", "node24@npm:node@24", "bun@1", "workerd@1"],
    ],
    stdout: "null",
    stderr: "null",
  }).output();
  if (!success) console.log("npm could not install the runtimes");
}

async function tryOne(runtime: Runtime): Promise<void> {
  const { name, lacks } = runtime;
  await using stage = await createStage(lacks);
  let version: string;
  try {
    version = await runtime.version(stage);
  } catch {
    missing.push(name);
    return;
  }
  const outcomes = await runtime.run(stage).catch((error) => [
    { name: "all of them", status: "failed" as const, why: String(error) },
  ]);
  tried.push({ name, version, outcomes });
  const count = (status: string) =>
    outcomes.filter((outcome) => outcome.status === status).length;
  console.log(
    `${count("failed") === 0 ? "ok    " : "FAILED"} ${name} ${version}: ` +
      `${count("ok")} done, ${count("lacks")} it has not`,
  );
  for (const { name, status, why } of outcomes) {
    if (status === "failed") console.log(`       ${name}: ${why}`);
  }
}
