import {
  freePort,
  isInstalled,
  type RunningProgram,
  startProgram,
  untilListening,
} from "./programs.ts";

/** What has to be installed, by the name of its Debian package. */
const needed = { "redis-server": "redis-server", nginx: "nginx-light" };

/** The packages that are not there. */
export async function missingPackages(): Promise<string[]> {
  const missing: string[] = [];
  for (const [name, debianPackage] of Object.entries(needed)) {
    if (!await isInstalled(name)) missing.push(debianPackage);
  }
  return missing;
}

/** Redis, processes of the chat, and nginx before them. */
export interface Cluster extends AsyncDisposable {
  /** Where clients connect: nginx. */
  readonly url: string;
  readonly redisUrl: string;
  readonly redis: () => RunningProgram;
  readonly processes: readonly RunningProgram[];
  /** Where each process listens. */
  readonly ports: readonly number[];
  /** Starts Redis, on the same port and with the same file. */
  readonly startRedis: () => Promise<void>;
  /** Starts nginx again after it was ended. */
  readonly restartNginx: () => Promise<void>;
}

const main = new URL("../../examples/chat/main.ts", import.meta.url).pathname;
const nginxConf = new URL("../../examples/chat/nginx.conf", import.meta.url);

/** Starts all of them, in a folder of their own. */
export async function startCluster(count: number): Promise<Cluster> {
  await using stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "chat-" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const redisPort = freePort();
  const redisUrl = `redis://127.0.0.1:${redisPort}`;
  let redis: RunningProgram | undefined;
  const startRedis = async () => {
    redis = startProgram("redis-server", [
      ...["--port", `${redisPort}`, "--bind", "127.0.0.1", "--save", ""],
      ...["--appendonly", "yes", "--dir", folder],
    ]);
    await untilListening(redisPort, redis);
  };
  stack.defer(() => redis?.kill("SIGKILL"));
  await startRedis();

  const ports: number[] = [];
  const processes: RunningProgram[] = [];
  for (let at = 0; at < count; at++) {
    const port = freePort();
    const process = stack.use(startChat(port, redisUrl));
    await untilListening(port, process);
    ports.push(port);
    processes.push(process);
  }

  const nginxPort = freePort();
  await Deno.writeTextFile(
    `${folder}/nginx.conf`,
    nginxConfFor(await Deno.readTextFile(nginxConf), nginxPort, ports),
  );
  let nginx: RunningProgram | undefined;
  const restartNginx = async () => {
    await nginx?.kill("SIGTERM");
    const args = ["-p", folder, "-c", `${folder}/nginx.conf`, "-e", "stderr"];
    nginx = startProgram("nginx", args);
    await untilListening(nginxPort, nginx);
  };
  stack.defer(() => nginx?.kill("SIGTERM"));
  await restartNginx();
  const all = stack.move();
  return {
    url: `ws://127.0.0.1:${nginxPort}/chat`,
    redisUrl,
    redis: () => redis!,
    processes,
    ports,
    startRedis,
    restartNginx,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** A process of the chat, as `deno task chat` starts it. */
export function startChat(port: number, redisUrl: string): RunningProgram {
  return startProgram(Deno.execPath(), [
    ...["run", "--quiet", "--unstable-bundle", "--allow-all"],
    ...[main, "--port", `${port}`],
  ], { REDIS_URL: redisUrl });
}

/** The configuration that people are given, with other ports. */
function nginxConfFor(
  text: string,
  port: number,
  ports: readonly number[],
): string {
  const servers = ports.map((port) =>
    `    server 127.0.0.1:${port} max_fails=1 fail_timeout=2s;\n`
  );
  const found = text.match(/(?: +server 127\.0\.0\.1:300\d .*\n)+/)?.[0];
  if (found === undefined || !text.includes("127.0.0.1:8080")) {
    throw new Error("Found no ports in nginx.conf that could be replaced");
  }
  return text.replace(found, servers.join(""))
    .replace("127.0.0.1:8080", `127.0.0.1:${port}`);
}
