/**
 * Our server and our client over a network that loses, delays, reorders and
 * doubles packets: `deno task test:network`, on Linux, as root.
 */
import { parseArgs } from "node:util";
import { reliabilityPage, writeSection } from "../../../bench/results_file.ts";
import { showProgress } from "../../../bench/rounds.ts";
import { makeNetwork, NoNetwork } from "./network.ts";
import { trials } from "./trials.ts";

const help = `Usage: deno task test:network [options]

  --require  fail where there can be no such network, in place of saying so
  --results  write the section "network" of tests/reliability/RESULTS.md
  --help     this text

Two network namespaces, each with a TUN device, and a program between them that
does to packets what a bad link does. It takes Linux, root, iproute2 and python3.`;

const intro =
  `${"`deno task test:network --results`"}: a server and clients in two network
namespaces, with a program between their TUN devices that does to packets what a
bad link does, from a seed.`;

const seed = 1;
const { require, results } = readArgs();
await run();

async function run(): Promise<void> {
  try {
    await using network = await makeNetwork(seed);
    const rows: string[] = [];
    for (const trial of trials) {
      const found = await trial.run(network);
      rows.push(`| ${trial.name} | ${trial.bound} | ${found} |`);
      showProgress(`${trial.name}: ${found}`);
    }
    const table = ["| trial | bound | found |", "| --- | --- | --- |", ...rows]
      .join("\n");
    console.log(`\n${table}\n\n${rows.length} held`);
    if (!results) return;
    await writeSection(
      "network",
      `## Network\n\n${intro}\n\n${table}`,
      reliabilityPage,
    );
  } catch (error) {
    if (!(error instanceof NoNetwork)) throw error;
    console.log(`NOT tried: ${error.message}`);
    if (require) Deno.exitCode = 1;
  }
}

function readArgs() {
  try {
    const { values } = parseArgs({
      options: {
        require: { type: "boolean", default: false },
        results: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (!values.help) return values;
    console.log(help);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${help}`);
    Deno.exit(2);
  }
  Deno.exit();
}
