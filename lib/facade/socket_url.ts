/** Where a `WebSocket` is to lead. */
export interface SocketUrl {
  /** As the `url` of the object has it. */
  readonly href: string;
  /** As it is dialled: without a user name and a password. */
  readonly target: string;
  /** The origin of the messages that come. */
  readonly origin: string;
  /** What the user name and the password come to, for a header. */
  readonly authorization: string | undefined;
}

/**
 * The URL of a constructor: `http:` and `https:` are taken for `ws:` and `wss:`,
 * and a relative one counts from the page, where there is one.
 *
 * Source: {@link https://websockets.spec.whatwg.org/#get-a-url-record | WebSockets Standard, get a URL record}.
 *
 * @throws {DOMException} `SyntaxError`, if it is no URL, has another scheme, or
 * has a fragment.
 */
export function readSocketUrl(
  url: unknown,
  base: string | undefined = pageUrl(),
): SocketUrl {
  const given = String(url);
  const refuse = (wanted: string) =>
    new DOMException(
      `Cannot open WebSocket: found ${JSON.stringify(given)}, wanted ${wanted}`,
      "SyntaxError",
    );
  if (!URL.canParse(given, base)) throw refuse("an absolute URL");
  const parsed = new URL(given, base);
  if (parsed.protocol === "http:") parsed.protocol = "ws:";
  if (parsed.protocol === "https:") parsed.protocol = "wss:";
  if (parsed.protocol !== "ws:" && parsed.protocol !== "wss:") {
    throw refuse("the scheme ws, wss, http or https");
  }
  // A fragment that is empty is one, too; `hash` does not tell.
  if (parsed.href.includes("#")) throw refuse("no fragment");
  const { href, origin, username, password } = parsed;
  if (username === "" && password === "") {
    return { href, target: href, origin, authorization: undefined };
  }
  parsed.username = "";
  parsed.password = "";
  const authorization = basic(username, password);
  return { href, target: parsed.href, origin, authorization };
}

/** Where relative URLs count from: a page has that, a program has not. */
function pageUrl(): string | undefined {
  const { document, location } = globalThis as {
    readonly document?: { readonly baseURI?: string };
    readonly location?: { readonly href?: string };
  };
  return document?.baseURI ?? location?.href;
}

/** Credentials of the scheme Basic, in UTF-8 (RFC 7617 §2). */
function basic(username: string, password: string): string {
  const credentials = `${decode(username)}:${decode(password)}`;
  const bytes = new TextEncoder().encode(credentials);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

/** A `%` that stands for itself is left as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
