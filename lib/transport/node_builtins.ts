import type net from "node:net";
import type tls from "node:tls";

/**
 * A module of Node's by its name; not imported, since this file is also in bundles
 * for browsers, which have none.
 */
function builtin<Module>(name: string): Module {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => unknown };
  };
  const found = process?.getBuiltinModule?.(name);
  if (found !== undefined) return found as Module;
  throw new TypeError(
    `Cannot use ${name}: found no such module in this runtime, wanted Node 20.16, ` +
      "Bun or Deno; or give a carrier or a listener",
  );
}

/** `node:net`; throws where there is none. */
export function nodeNet(): typeof net {
  return builtin("node:net");
}

/** `node:tls`; throws where there is none. */
export function nodeTls(): typeof tls {
  return builtin("node:tls");
}

/** Whether this runtime has `node:net`. */
export function hasNodeNetwork(): boolean {
  try {
    return typeof nodeNet().connect === "function";
  } catch {
    return false;
  }
}
