/** A client that does nothing wrong, and is to notice nothing of the attack. */
import { within } from "../../connection/connections.ts";
import { seededRandom } from "../../support/random.ts";
import { type Carrying, connectBy } from "./listening.ts";
import { patienceMs } from "./raw_peer.ts";

/** A conversation that goes on until it is ended. */
export interface PoliteClient {
  /** Ends it, and says how many messages were answered; throws if one was not. */
  readonly end: () => Promise<number>;
}

/** Begins to talk with an echo, one message after the other. */
export async function startPoliteClient(
  port: number,
  carrying: Carrying = "tcp",
): Promise<PoliteClient> {
  const carried = await connectBy(carrying, port);
  const { connection } = carried;
  const random = seededRandom(port);
  let isEnding = false;
  let answered = 0;
  const talk = async () => {
    // Once more after the attack, whatever it was.
    for (let isLast = false; !isLast; answered++) {
      isLast = isEnding;
      const text = `${answered} ${"x".repeat(random.integer(0, 2_000))}`;
      connection.send(text);
      const answer = await within(connection.receive(), "an echo", patienceMs);
      if (answer !== text) throw new Error(`${text} came back as ${answer}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    connection.close();
    const { closeCode } = await connection.closed;
    carried[Symbol.dispose]();
    if (closeCode !== 1000) throw new Error(`Closed with ${closeCode}`);
    return answered;
  };
  const talking = talk();
  // Who ends it hears of it.
  talking.catch(() => {});
  return {
    end: () => {
      isEnding = true;
      return talking;
    },
  };
}
