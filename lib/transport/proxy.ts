import { encodeBase64 } from "@std/encoding/base64";
import { show } from "../error/quote.ts";
import { responseError } from "../error/response_rules.ts";
import type { WebSocketUrl } from "../handshake/client.ts";
import { parseResponseHead } from "../handshake/head.ts";
import { serializeRequestHead } from "../handshake/serialize_head.ts";
import { readHead } from "../stream/read_head.ts";
import { formatAddress } from "./dial_options.ts";
import type { Transport } from "./transport.ts";

/** The proxy to go through; to any other than an HTTP proxy a password would go in clear. */
export function requireProxy(proxy: string | URL): URL {
  const text = String(proxy);
  if (URL.canParse(text) && new URL(text).protocol === "http:") {
    return new URL(text);
  }
  throw new TypeError(
    `Cannot connect through proxy: found ${JSON.stringify(text)}, ` +
      "wanted an http: URL",
  );
}

/** Where a proxy listens. */
export function proxyAddress(
  { hostname, port }: URL,
): { readonly hostname: string; readonly port: number } {
  return {
    hostname: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: Number(port) || 80,
  };
}

/**
 * Asks a proxy for a tunnel to the server (RFC 6455 §4.1, RFC 9110 §9.3.6), and
 * gives what was read beyond its answer.
 *
 * @param transport A connection to the proxy, which is closed if there is no
 * tunnel, and when `signal` aborts before there is.
 */
export async function openTunnel(
  transport: Pick<Transport, "read" | "write" | "close">,
  proxy: URL,
  { hostname, port }: WebSocketUrl,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const { close } = transport;
  const target = formatAddress(hostname, port);
  signal?.addEventListener("abort", close);
  try {
    await transport.write(serializeRequestHead({
      method: "CONNECT",
      target,
      httpVersion: "1.1",
      headers: [["Host", target], ...credentials(proxy)],
    }));
    const read = async () => {
      const bytes = await transport.read();
      return bytes === null ? null : new Uint8Array(bytes);
    };
    const { head, rest } = await readHead(read, parseResponseHead);
    if (head.status >= 200 && head.status <= 299) return rest;
    const found = `HTTP ${head.status} ${show(head.reason)}`.trimEnd();
    throw responseError("refused-by-proxy", {
      found,
      offset: 0,
      cause: head,
    });
  } catch (error) {
    close();
    throw error;
  } finally {
    signal?.removeEventListener("abort", close);
  }
}

/** The user of a proxy's URL as Basic authentication (RFC 7617). */
function credentials({ username, password }: URL): [string, string][] {
  if (username === "") return [];
  const pair = `${decodeURIComponent(username)}:${
    decodeURIComponent(password)
  }`;
  return [["Proxy-Authorization", `Basic ${encodeBase64(pair)}`]];
}
