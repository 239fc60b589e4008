/**
 * What TCP keeps of what is written, and what it does not.
 *
 *     deno run --allow-net=127.0.0.1 docs/tutorial/tcp.ts
 */
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
const { port } = listener.addr;
const sender = await Deno.connect({ hostname: "127.0.0.1", port });
const receiver = await listener.accept();

async function write(text: string): Promise<void> {
  await sender.write(new TextEncoder().encode(text));
  console.log(`write               ${JSON.stringify(text)}`);
}

async function read(mostBytes: number): Promise<void> {
  const room = new Uint8Array(mostBytes);
  const byteLength = await receiver.read(room) ?? 0;
  const text = new TextDecoder().decode(room.subarray(0, byteLength));
  console.log(
    `read, at most ${String(mostBytes).padStart(3)}   ${JSON.stringify(text)}`,
  );
}

/** A reader that has something else to do for a moment, as all have. */
const moment = () => new Promise((resolve) => setTimeout(resolve, 300));

// Sent at once, each in a packet of its own.
sender.setNoDelay(true);

console.log("Written in two pieces:");
await write("Hel");
await write("lo, world");
await moment();
await read(100);

console.log("\nWritten in one piece:");
await write("Hello, world");
await moment();
await read(5);
await read(100);

for (const each of [sender, receiver, listener]) each.close();
