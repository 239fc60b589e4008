/**
 * Socket.IO with our WebSockets beneath it: its server with our example's client,
 * and its client with a server that speaks as much of it as is tried here.
 */
import { serveWebSocket, type WebSocketConnection } from "@sluice/websocket";
import { assertEquals } from "@std/assert";
import type { Check, Outcomes } from "./conversation.ts";

const example = new URL("../../examples/socket_io_client.ts", import.meta.url);

/** What our example makes of a server on a port. */
export async function talkToServer(port: number): Promise<Outcomes> {
  const emit = async (...args: string[]) => {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--allow-net=127.0.0.1", example.pathname],
        `http://127.0.0.1:${port}`,
        ...args,
      ],
    }).output();
    return new TextDecoder().decode(stdout);
  };
  const text = JSON.stringify("κόσμε 🌍 ".repeat(200));
  const trial = async (name: string, ...args: string[]) => {
    const list = args.join(",");
    const event = list === "" ? "" : `,${list}`;
    assertEquals(
      await emit(name, ...args),
      `event ["${name}"${event}]\nanswer [${list}]\n`,
    );
  };
  return await outcomesOf([
    ["text", () => trial("message", '"Hello"', '{"n":1}')],
    ["UTF-8", () => trial("utf8", text)],
    ["empty", () => trial("nothing")],
  ]);
}

/** What a client makes of a server of ours. */
export async function talkToClient(
  start: (port: number) => AsyncDisposable,
): Promise<Outcomes> {
  const done = Promise.withResolvers<Outcomes>();
  await using server = serveWebSocket(
    { hostname: "127.0.0.1", port: 0, origins: "any", onError: () => {} },
    async (connection) => done.resolve(await serveSocketIo(connection)),
  );
  await using _client = start(Number(server.address.split(":").at(-1)));
  const id = setTimeout(() => done.reject(new Error("no client came")), 20_000);
  return await done.promise.finally(() => clearTimeout(id));
}

/** The server's side of Engine.IO 4 and Socket.IO 5. */
async function serveSocketIo(
  connection: WebSocketConnection,
): Promise<Outcomes> {
  const settings = { sid: "a", upgrades: [], pingInterval: 25_000 };
  connection.send(
    `0${JSON.stringify({ ...settings, pingTimeout: 20_000, maxPayload: 1e6 })}`,
  );
  const expect = async (wanted: string | Uint8Array) =>
    assertEquals(await connection.receive(), wanted);
  const event = JSON.stringify(["message", "κόσμε", { n: 1 }]);
  const attached = `451-["bin",{"_placeholder":true,"num":0}]`;
  return await outcomesOf([
    ["text", async () => {
      await expect("40");
      connection.send('40{"sid":"b"}');
      connection.send(`42${event}`);
      await expect(`42${event}`);
    }],
    ["binary", async () => {
      connection.send(attached);
      connection.send(Uint8Array.of(1, 2, 255));
      await expect(attached);
      await expect(Uint8Array.of(1, 2, 255));
    }],
    ["Pong", async () => {
      connection.send("2");
      await expect("3");
      await connection.ping();
    }],
    ["close", async () => {
      connection.close();
      assertEquals((await connection.closed).wasClean, true);
    }],
  ]);
}

async function outcomesOf(
  trials: readonly (readonly [Check, () => Promise<void>])[],
): Promise<Outcomes> {
  const outcomes = new Map<Check, string | undefined>();
  for (const [check, trial] of trials) {
    const wrong = await trial().then(() => undefined, String);
    outcomes.set(check, wrong?.replace(/\s+/g, " ").slice(0, 300));
  }
  return outcomes;
}
