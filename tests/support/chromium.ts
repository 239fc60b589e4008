/**
 * How Chromium is started: Debian's, without what it would ask the network for by
 * itself.
 */
export const chromiumLaunching: {
  readonly executablePath: string;
  readonly args: string[];
} = {
  executablePath: Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};
