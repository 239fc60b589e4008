import { denoTransport } from "../transport/deno.ts";
import { type CaptureSaver, createCaptureSaver } from "./capture_saver.ts";
import { type Command, type Given, numberOf, stringOf } from "./command.ts";
import { formatHostPort, type HostPort, parseHostPort } from "./host_port.ts";
import { createLiveDissection } from "./live_dissection.ts";
import {
  type ItemWriter,
  itemWriter,
  outputOptions,
} from "./output_options.ts";
import { relay } from "./relay.ts";
import {
  ExitCode,
  type Terminal,
  UnreachableError,
  UsageError,
} from "./terminal.ts";

/** `sluice tap`: a relay that shows what passes. */
export const tapCommand: Command = {
  name: "tap",
  summary: "stand between a client and a server, and show both directions",
  usage: "--listen [HOST:]PORT --to [HOST:]PORT [options]",
  takesArguments: false,
  details: `Listens, connects to the server for each client, passes the bytes on
unchanged, and shows every handshake, frame and message as it passes. Point the
client to the port that is listened on. TLS cannot be looked into: tap behind the
proxy that ends it.

Ends with Ctrl-C. Exit code: 0 if every rule was kept, 1 if one was broken, 2 for
a wrong command line, 3 if the port or the file cannot be used.`,
  options: {
    listen: {
      type: "string",
      value: "[HOST:]PORT",
      help: "where clients connect; 0 picks a free port",
    },
    to: { type: "string", value: "[HOST:]PORT", help: "the server" },
    save: {
      type: "string",
      value: "FILE",
      help: "write a capture, too: pcapng, or pcap by its name",
    },
    connections: {
      type: "string",
      value: "N",
      help: "end when so many clients have come and gone",
    },
    ...outputOptions,
  },
  examples: [
    [
      "sluice tap --listen 3001 --to 127.0.0.1:3000",
      "watch a server on port 3000",
    ],
    [
      "sluice tap --listen 3001 --to 3000 --save talk.pcapng",
      "and keep it for Wireshark, or sluice inspect",
    ],
  ],
  run: tap,
};

async function tap(given: Given, terminal: Terminal): Promise<number> {
  const listenAt = requiredHostPort(given, "listen");
  const target = requiredHostPort(given, "to");
  const most = numberOf(given, "connections", Infinity, 1);
  const writer = itemWriter(given, terminal, "brief");
  const path = stringOf(given, "save");
  const listener = listen(listenAt);
  const saver = path === undefined ? undefined : createCaptureSaver(path);
  const address = formatHostPort(listener.addr as Deno.NetAddr);
  terminal.note(
    `Listening on ${address}, passing on to ${formatHostPort(target)}\n`,
  );
  const stop = once(() => listener.close());
  terminal.signal.addEventListener("abort", stop);
  const tapping = createTapping(target, writer, saver, terminal);
  const open = new Set<Promise<void>>();
  try {
    for (let count = 1; count <= most; count++) {
      const client = await accept(listener, terminal);
      if (client === undefined) break;
      const passing = tapping.pass(client, count).catch((error) => {
        // One connection that cannot be shown is no reason to end the others.
        terminal.note(`Connection ${count}: ${(error as Error).message}\n`);
      });
      open.add(passing);
      passing.finally(() => open.delete(passing));
    }
    await Promise.all(open);
  } finally {
    stop();
    saver?.close();
  }
  return tapping.isBroken() ? ExitCode.broken : ExitCode.ok;
}

/** A function that does what it does once. */
function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) act();
    isDone = true;
  };
}

function requiredHostPort(given: Given, name: string): HostPort {
  const text = stringOf(given, name);
  if (text !== undefined) return parseHostPort(text, name);
  throw new UsageError(
    `Cannot tap: found no --${name}, wanted a port, or host:port, such as ` +
      "--listen 3001 --to 127.0.0.1:3000",
  );
}

function listen({ hostname, port }: HostPort): Deno.Listener {
  try {
    return Deno.listen({ hostname, port });
  } catch (error) {
    throw new UnreachableError(
      `Cannot listen on ${formatHostPort({ hostname, port })}: ${
        (error as Error).message
      }; choose another --listen`,
    );
  }
}

/** The next client; nothing once the listener is closed. */
async function accept(
  listener: Deno.Listener,
  { signal, note }: Terminal,
): Promise<Deno.TcpConn | undefined> {
  while (!signal.aborted) {
    try {
      return await listener.accept() as Deno.TcpConn;
    } catch (error) {
      if (signal.aborted) return undefined;
      // Such as too many open files: later there may be fewer.
      note(`Cannot accept a client: ${(error as Error).message}\n`);
      await new Promise((resolve) => setTimeout(resolve, acceptPauseMs));
    }
  }
}

/** How long to wait after an accept that failed, in milliseconds. */
const acceptPauseMs = 100;

/** Clients passed on to a server. */
interface Tapping {
  /** One client, until it or the server is gone. */
  readonly pass: (client: Deno.TcpConn, number: number) => Promise<void>;
  /** Whether a rule has been broken. */
  readonly isBroken: () => boolean;
}

function createTapping(
  target: HostPort,
  writer: ItemWriter,
  saver: CaptureSaver | undefined,
  terminal: Terminal,
): Tapping {
  const startMs = Date.now();
  let isBroken = false;
  const pass = async (client: Deno.TcpConn, number: number): Promise<void> => {
    const server = await connect(target, terminal);
    if (server === undefined) return client.close();
    const near = denoTransport(client);
    const far = denoTransport(server);
    const stop = () => [near, far].forEach(({ close }) => close());
    terminal.signal.addEventListener("abort", stop);
    const saved = saver?.begin(client.remoteAddr, server.remoteAddr);
    const live = createLiveDissection(writer.maxShownBytes, async (item) => {
      if (item.type === "violation") isBroken = true;
      const timeMs = Date.now();
      const sinceStartMs = timeMs - startMs;
      await terminal.write(
        writer.toText(item, { connection: number, timeMs, sinceStartMs }),
      );
    });
    await relay(near, far, {
      onBytes: (from, bytes) => {
        saved?.data(from, bytes);
        return live.read(from, bytes);
      },
      onEnd: (from) => saved?.close(from),
    });
    await live.end();
    terminal.signal.removeEventListener("abort", stop);
  };
  return { pass, isBroken: () => isBroken };
}

async function connect(
  { hostname, port }: HostPort,
  terminal: Terminal,
): Promise<Deno.TcpConn | undefined> {
  const { signal } = terminal;
  const dialing = Deno.connect({ hostname, port });
  // One that comes too late is not waited for, and hung up on.
  const given = Promise.withResolvers<undefined>();
  const giveUp = () => given.resolve(undefined);
  signal.addEventListener("abort", giveUp);
  try {
    const server = await Promise.race([dialing, given.promise]);
    if (server === undefined) dialing.then((late) => late.close(), () => {});
    return server;
  } catch (error) {
    terminal.note(
      `Cannot connect to ${formatHostPort({ hostname, port })}: ${
        (error as Error).message
      }; is the server running?\n`,
    );
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}
