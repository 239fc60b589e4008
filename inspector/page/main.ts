import { fillBuild } from "./build_view.ts";
import { fillInspect } from "./inspect_view.ts";
import { fillLive } from "./live_view.ts";

const names = ["inspect", "build", "live"] as const;
type Name = typeof names[number];

const panel = (name: Name) => document.getElementById(name)!;
const tab = (name: Name) => document.getElementById(`tab-${name}`)!;

/** Shows one panel; the address says which, so that it can be linked to. */
function show(name: Name): void {
  for (const other of names) {
    const isIt = other === name;
    panel(other).hidden = !isIt;
    tab(other).setAttribute("aria-selected", String(isIt));
    tab(other).tabIndex = isIt ? 0 : -1;
  }
  history.replaceState(null, "", `#${name}`);
}

/** Arrow keys move among tabs, as people who use no mouse expect. */
function move(event: KeyboardEvent): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step === undefined) return;
  const at = names.findIndex((name) => tab(name) === document.activeElement);
  const next = names[(at + step + names.length) % names.length]!;
  show(next);
  tab(next).focus();
}

for (const name of names) {
  tab(name).addEventListener("click", () => show(name));
  tab(name).addEventListener("keydown", move);
}
fillInspect(panel("inspect"));
const live = fillLive(panel("live"));
fillBuild(panel("build"), (bytes) => {
  show("live");
  live.sendRaw(bytes);
});
show(names.find((name) => `#${name}` === location.hash) ?? "inspect");
