/**
 * Delivers updates by HTTP, with what Deno has built in, in Rust:
 *
 * - `/updates?after=17`: those after number 17, at once; perhaps none
 * - `/wait?after=17`: the same, but waits until there is one
 * - `/events`: each when it is made, as server-sent events
 */
import { openFeed, port } from "./serve.ts";

/** As long as most servers hold a request before intermediaries give up. */
const holdMs = 25_000;

const encoder = new TextEncoder();
const waiting = new Set<() => void>();
const streams = new Set<ReadableStreamDefaultController<Uint8Array>>();

const feed = openFeed((update) => {
  for (const answer of waiting) answer();
  waiting.clear();
  if (streams.size === 0) return;
  // Once for all. The number is in the update, so that no `id:` is needed.
  const event = encoder.encode(`data: ${update}\n\n`);
  for (const stream of streams) stream.enqueue(event);
});

Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, ({ url }) => {
  const { pathname, searchParams } = new URL(url);
  const after = Number(searchParams.get("after"));
  switch (pathname) {
    case "/updates":
      return answerNow(after);
    case "/wait":
      return feed.after(after).length > 0 ? answerNow(after) : wait(after);
    case "/events":
      return openEvents();
    default:
      return new Response("Not found", { status: 404 });
  }
});

function answerNow(after: number): Response {
  return new Response(`[${feed.after(after).join(",")}]`, {
    headers: {
      "Content-Type": "application/json",
      "Cache-Control": "no-store",
    },
  });
}

async function wait(after: number): Promise<Response> {
  const made = Promise.withResolvers<void>();
  const id = setTimeout(made.resolve, holdMs);
  waiting.add(made.resolve);
  await made.promise;
  waiting.delete(made.resolve);
  clearTimeout(id);
  return answerNow(after);
}

function openEvents(): Response {
  let own: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      own = controller;
      streams.add(controller);
    },
    cancel: () => void streams.delete(own),
  });
  return new Response(body, {
    headers: {
      "Content-Type": "text/event-stream",
      "Cache-Control": "no-store",
    },
  });
}
