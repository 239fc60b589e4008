/** Messages that tell when one of them is missing, doubled, moved or changed. */
import type { MessageData, WebSocketConnection } from "@sluice/websocket";
import { type Random, seededRandom } from "../../support/random.ts";

/** FNV-1a: any change of a letter shows. */
function checksum(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  }
  return hash;
}

function messageOf(number: number, random: Random): string {
  const body = Array.from(
    { length: random.integer(0, 40) },
    () => random.pick(["loss", "delay", "reorder", "duplicate", "κόσμε"]),
  ).join(" ");
  return `${number} ${checksum(`${number} ${body}`)} ${body}`;
}

/** Throws unless this is the message of that number, as it was sent. */
function requireMessage(data: MessageData | undefined, number: number): void {
  const [, found, sum, body] = /^(\d+) (\d+) (.*)$/.exec(String(data)) ?? [];
  if (
    found === String(number) && Number(sum) === checksum(`${found} ${body}`)
  ) {
    return;
  }
  throw new Error(`Found ${String(data).slice(0, 40)}, wanted ${number}`);
}

/**
 * Sends so many messages and reads as many, each after a pause; throws if any is
 * not the next one.
 */
export async function converse(
  connection: WebSocketConnection,
  { count, pauseMs, seed }: {
    readonly count: number;
    readonly pauseMs: number;
    readonly seed: number;
  },
): Promise<void> {
  const random = seededRandom(seed);
  const say = async () => {
    for (let number = 0; number < count; number++) {
      connection.send(messageOf(number, random));
      await connection.drained();
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  const hear = async () => {
    for (let number = 0; number < count; number++) {
      requireMessage(await connection.receive(), number);
    }
  };
  await Promise.all([say(), hear()]);
}
