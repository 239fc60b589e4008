/** Connections that are cut at every byte of a conversation. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type Family, requireBound, type World } from "./attack.ts";
import { frame, headOf, patienceMs, requestLines } from "./raw_peer.ts";
import { joined } from "../../conformance/wire.ts";
import { within } from "../../connection/connections.ts";

const head = new TextEncoder().encode(headOf(requestLines()));

/** Everything that a client says, from its first byte to its last. */
const conversation = joined([
  head,
  frame(0x1, "a text"),
  frame(0x2, "x".repeat(130)),
  frame(0x9, "a Ping"),
  frame(0x1, "in frag", { fin: false }),
  frame(0x0, "ments"),
  frame(0x8, Uint8Array.of(0x03, 0xe8)),
]);

/** How a connection may come to its end. */
const endings: Readonly<Record<string, (socket: Socket) => void>> = {
  "reset (SO_LINGER 0)": (socket) => void socket.resetAndDestroy(),
  "half-closed": (socket) => void socket.end(),
  "closed with bytes unread": (socket) => void socket.destroy(),
};

/** Says so many bytes, ends in this way, and waits until all is over. */
async function sayAndEnd(
  { port }: World,
  cut: number,
  end: (socket: Socket) => void,
): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  // A reset of the other side's is an end like any other.
  socket.on("error", () => {});
  const isOver = once(socket, "close");
  await once(socket, "connect");
  await write(socket, conversation.subarray(0, Math.min(cut, head.length)));
  if (cut >= head.length) await once(socket, "data");
  // From here on what comes is let go of, so that the end can be seen.
  socket.resume();
  if (cut > head.length) {
    await write(socket, conversation.subarray(head.length, cut));
  }
  end(socket);
  await within(isOver, `the end after ${cut} bytes`, patienceMs);
}

function write(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => socket.write(bytes, () => resolve()));
}

/** The cuts, as many at a time as a short queue holds. */
async function cutEverywhere(
  world: World,
  end: (socket: Socket) => void,
): Promise<number> {
  const cuts = Array.from({ length: conversation.length + 1 }, (_, at) => at)
    .values();
  const work = async () => {
    for (const cut of cuts) await sayAndEnd(world, cut, end);
  };
  await Promise.all(Array.from({ length: 20 }, work));
  return conversation.length + 1;
}

/** What may be said of a connection that was cut. */
const expected = ["truncated-head", "missing-close"];

export const cuts: Family = {
  name: "cuts",
  attacks: Object.entries(endings).map(([name, end]) => ({
    name: `${name} after each of ${conversation.length} bytes`,
    source: "RFC 6455 §7.1.5; R67, R69",
    bound: "no handle and no rejection left; truncated-head, missing-close",
    run: async (world: World) => {
      const count = await cutEverywhere(world, end);
      const { errors } = await world.state();
      const others = Object.keys(errors)
        .filter((code) => !expected.includes(code));
      requireBound(others.length === 0, JSON.stringify(errors));
      const [heads, closes] = expected.map((code) => errors[code] ?? 0);
      return `${count} cuts: ${heads} truncated-head, ${closes} missing-close`;
    },
  })),
};
