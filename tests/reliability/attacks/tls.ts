/** Who comes to a port for TLS, and does not mean it. */
import {
  type Attack,
  type Family,
  requireBound,
  type World,
} from "./attack.ts";
import { gather, inMib, mib } from "./crowd.ts";
import { authority } from "../../support/certificate.ts";
import { seededRandom } from "../../support/random.ts";
import { within } from "../../connection/connections.ts";
import { headOf, patienceMs, type RawPeer, requestLines } from "./raw_peer.ts";

const count = 300;
const mostGrowth = 64 * mib;
const handshakeTimeoutMs = 1_500;

/** How a ClientHello begins that says that 508 more bytes follow (RFC 8446 §5.1). */
const halfAHello = Uint8Array.of(
  ...[0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03],
);

/** What is said in the clear to a port for TLS. */
type Say = (peer: RawPeer, at: number) => Promise<void>;

/** Says it to each, and waits until it is hung up on. */
async function sayInTheClear(
  { connect, growthDuring }: World,
  say: Say,
): Promise<string> {
  const grown = await growthDuring(async () => {
    using crowd = await gather(count, connect);
    await Promise.all(crowd.peers.map(async (peer, at) => {
      // Who is hung up on meanwhile cannot go on.
      await say(peer, at).catch(() => {});
      await peer.readBytesToEnd();
    }));
  });
  requireBound(grown < mostGrowth, `${inMib(grown)} more memory`);
  return `${count} of ${count} hung up on, ${inMib(grown)} more memory`;
}

/** Says it to each, and waits until all have been given up, hung up on or not. */
async function sayAndStay(
  { connect, growthDuring, errors }: World,
  say: Say,
): Promise<string> {
  let givenUp = 0;
  const grown = await growthDuring(async () => {
    using crowd = await gather(count, connect);
    await Promise.all(crowd.peers.map(say));
    ({ "handshake-timeout": givenUp = 0 } = await errors(count));
  });
  requireBound(givenUp === count, `${givenUp} of ${count} given up`);
  requireBound(grown < mostGrowth, `${inMib(grown)} more memory`);
  return `${givenUp} of ${count} given up, ${inMib(grown)} more memory`;
}

const random = seededRandom(1);
const noise = Array.from({ length: count }, () => random.bytes(2_000));

/** With TLS all right, and then not a word. */
async function saysNothingInside({ port, errors }: World): Promise<string> {
  const conns = await Promise.all(
    Array.from({ length: 100 }, async () => {
      const conn = await Deno.connectTls({
        hostname: "127.0.0.1",
        port,
        caCerts: [authority],
      });
      await conn.handshake();
      return conn;
    }),
  );
  const ended = conns.map(async (conn) => {
    const room = new Uint8Array(1024);
    try {
      while (await within(conn.read(room), "the end", patienceMs) !== null);
    } catch (error) {
      // Hung up on without the end of TLS.
      if (!(error instanceof Deno.errors.UnexpectedEof)) throw error;
    }
    conn.close();
  });
  await Promise.all(ended);
  const { "handshake-timeout": timedOut = 0 } = await errors(conns.length);
  requireBound(timedOut === conns.length, `${timedOut} given up`);
  return `${timedOut} of ${conns.length} given up by handshake-timeout`;
}

/** Of those who take too long for TLS. */
const slow: Readonly<
  Record<
    "tls" | "node-tls",
    {
      readonly bound: string;
      readonly run: (world: World, say: Say) => Promise<string>;
    }
  >
> = {
  // Deno has no way to break off a handshake of TLS: it holds the socket until the
  // client goes, whatever is done with the connection.
  "tls": {
    bound: "handshake-timeout for all; Deno keeps their sockets until they go",
    run: sayAndStay,
  },
  // Nobody hears of those who never come out of it.
  "node-tls": {
    bound: "all hung up on by tlsTimeoutMs, under 64 MiB in all",
    run: sayInTheClear,
  },
};

function attacksOn(carrying: "tls" | "node-tls"): Attack[] {
  const name = carrying === "tls" ? "Deno's TLS" : "node:tls of Deno";
  const server = { carrying, accepting: { handshakeTimeoutMs } };
  const { bound, run } = slow[carrying];
  return [
    {
      name: `${name}: ${count} that never begin`,
      source: "nodejs/node-v0.x-archive #4383",
      bound,
      server,
      isMeasured: true,
      run: (world) => run(world, () => Promise.resolve()),
    },
    {
      name: `${name}: ${count} that stop inside their ClientHello`,
      source: "RFC 8446 §5.1",
      bound,
      server,
      isMeasured: true,
      run: (world) => run(world, (peer) => peer.write(halfAHello)),
    },
    {
      name: `${name}: ${count} that speak no TLS`,
      source: "RFC 8446 §5.1",
      bound: "hung up on, under 64 MiB in all",
      server,
      isMeasured: true,
      run: (world) =>
        sayInTheClear(
          world,
          (peer, at) =>
            peer.write(at % 2 === 0 ? headOf(requestLines()) : noise[at]!),
        ),
    },
    {
      name: `${name}: 100 that say nothing inside`,
      source: "RFC 6455 §10.7",
      bound: "handshake-timeout, all of them",
      server,
      isMeasured: true,
      run: saysNothingInside,
    },
  ];
}

export const tls: Family = {
  name: "TLS",
  attacks: [...attacksOn("tls"), ...attacksOn("node-tls")],
};
