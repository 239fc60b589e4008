/** The files of the page: two as they are, and a script that is bundled. */

/** Nothing but what this server serves is loaded, and nothing else connected to. */
const policy = "default-src 'self'; img-src 'self' data:; base-uri 'none'; " +
  "form-action 'none'; frame-ancestors 'none'";

interface PageFile {
  readonly type: string;
  readonly body: string;
}

/** Bundles the page, and gives what answers requests for its files. */
export async function loadPage(): Promise<(path: string) => Response> {
  const read = (name: string) =>
    Deno.readTextFile(new URL(`./page/${name}`, import.meta.url));
  const files: Readonly<Record<string, PageFile>> = {
    "/": { type: "text/html", body: await read("index.html") },
    "/style.css": { type: "text/css", body: await read("style.css") },
    "/page.js": { type: "text/javascript", body: await bundlePage() },
  };
  return (path) => {
    const file = Object.hasOwn(files, path) ? files[path] : undefined;
    if (file === undefined) return new Response("Not Found\n", { status: 404 });
    return new Response(file.body, {
      headers: {
        "Content-Type": `${file.type}; charset=utf-8`,
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
      },
    });
  };
}

async function bundlePage(): Promise<string> {
  const { success, errors, outputFiles = [] } = await Deno.bundle({
    entrypoints: [new URL("./page/main.ts", import.meta.url).pathname],
    platform: "browser",
    minify: true,
    write: false,
  });
  const [file] = outputFiles;
  if (success && file !== undefined) return file.text();
  throw new Error(`Cannot bundle the page: ${JSON.stringify(errors)}`);
}
