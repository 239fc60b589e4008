/** As much of HTTP/1.1 as the ways to deliver updates need. */
import { eventSourceHead, fetchHead } from "./browser_heads.ts";
import type { Network } from "./network.ts";
import { readText, type TextReader } from "./text_reader.ts";

const encoder = new TextEncoder();

/** Asks for a target, and waits for the body of the answer. */
export type Ask = (target: string) => Promise<string>;

/** One request after the other, on a connection that is kept. */
export async function openHttp(network: Network): Promise<Ask> {
  const transport = await network.connect();
  const reader = readText(transport);
  return async (target) => {
    network.traffic.requests += 1;
    await transport.write(encoder.encode(fetchHead(network.port, target)));
    const length = /\r\ncontent-length: (\d+)/i.exec(await readHead(reader));
    if (length === null) throw new Error("Found no Content-Length");
    return await reader.take(Number(length[1]));
  };
}

/** Server-sent events, from when the server has answered on. */
export async function openEvents(
  network: Network,
  target: string,
): Promise<AsyncGenerator<string>> {
  const transport = await network.connect();
  const reader = readText(transport);
  network.traffic.requests += 1;
  await transport.write(encoder.encode(eventSourceHead(network.port, target)));
  const head = await readHead(reader);
  if (!/\r\ntransfer-encoding: chunked/i.test(head)) {
    throw new Error("Found no chunks");
  }
  return readEvents(reader);
}

/** Whatever the chunks are, an event ends with an empty line. */
async function* readEvents(reader: TextReader): AsyncGenerator<string> {
  const field = "data: ";
  let text = "";
  while (true) {
    text += await readChunk(reader);
    const events = text.split("\n\n");
    text = events.pop()!;
    for (const event of events) {
      if (!event.startsWith(field)) throw new Error(`Found event ${event}`);
      yield event.slice(field.length);
    }
  }
}

async function readChunk(reader: TextReader): Promise<string> {
  const length = Number.parseInt(await reader.until("\r\n"), 16);
  if (!(length > 0)) throw new Error("The server has ended its events");
  const chunk = await reader.take(length);
  await reader.until("\r\n");
  return chunk;
}

/** The head of an answer that is right, and not compressed. */
async function readHead(reader: TextReader): Promise<string> {
  const head = await reader.until("\r\n\r\n");
  if (!head.startsWith("HTTP/1.1 200 ")) throw new Error(`Found ${head}`);
  if (/\r\ncontent-encoding:/i.test(head)) throw new Error(`Found ${head}`);
  return head;
}
