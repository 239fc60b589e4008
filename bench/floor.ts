/** A server in C for what the kernel alone takes, where there is a compiler. */

/** A program that was compiled, in a folder that is thrown away. */
export interface Floor extends Disposable {
  readonly program: string;
}

/** Compiles a file of `servers/`; nothing where there is no `cc`, or no Linux. */
export async function compileFloor(file: string): Promise<Floor | undefined> {
  const folder = await Deno.makeTempDir({ prefix: "sluice-bench-" });
  const remove = () => Deno.removeSync(folder, { recursive: true });
  const program = `${folder}/floor`;
  const source = `${import.meta.dirname!}/servers/${file}`;
  try {
    const { success, stderr } = await new Deno.Command("cc", {
      args: ["-O2", "-Wall", "-Wextra", "-o", program, source],
    }).output();
    if (success) return { program, [Symbol.dispose]: remove };
    console.error(new TextDecoder().decode(stderr));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.error("Found no C compiler");
  }
  console.log(`Left out: ${file}`);
  remove();
  return undefined;
}
