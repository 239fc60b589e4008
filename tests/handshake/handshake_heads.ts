import type { RequestHead, ResponseHead } from "../../lib/handshake/head.ts";
import type { HeaderList } from "../../lib/handshake/headers.ts";

/** The key of RFC 6455 §1.3. */
export const key = "dGhlIHNhbXBsZSBub25jZQ==";

/** The answer to {@linkcode key}, RFC 6455 §1.3. */
export const accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/** A request with nothing in it that is not necessary (RFC 6455 §4.2.1). */
export const goodRequest: RequestHead = {
  method: "GET",
  target: "/chat",
  httpVersion: "1.1",
  headers: [
    ["Host", "server.example.com"],
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Key", key],
    ["Sec-WebSocket-Version", "13"],
  ],
};

/** The answer to {@linkcode goodRequest} (RFC 6455 §4.2.2). */
export const goodResponse: ResponseHead = {
  httpVersion: "1.1",
  status: 101,
  reason: "Switching Protocols",
  headers: [
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Accept", accept],
  ],
};

/** The same head with these lines, however many, for those of that name. */
export function withHeader<Head extends { readonly headers: HeaderList }>(
  head: Head,
  name: string,
  ...values: readonly string[]
): Head {
  const others = head.headers.filter(([other]) => other !== name);
  const lines = values.map((value) => [name, value] as const);
  return { ...head, headers: [...others, ...lines] };
}
