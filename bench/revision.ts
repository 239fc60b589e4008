/** The commit that is measured, where there is one to name. */
export async function findRevision(): Promise<string> {
  const commit = await git("rev-parse", "--short", "HEAD").catch(() => "");
  if (commit === "") return "an unknown commit";
  const changes = await git("status", "--porcelain", "../lib");
  return changes === "" ? commit : `${commit} with changes that are not in it`;
}

async function git(...args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command("git", {
    args,
    cwd: import.meta.dirname!,
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout).trim();
}
