/**
 * The heads of requests as Chromium 156 sends them to a server of the same
 * origin, without a cookie: recorded from one, but for its word "Headless". The
 * size of a head is what polling pays, so it is to be a real one.
 */

const brands = '"Not:A-Brand";v="8", "Chromium";v="156"';
const userAgent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 " +
  "(KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";

type Headers = readonly (readonly [name: string, value: string])[];

const noCache: Headers = [
  ["Pragma", "no-cache"],
  ["Cache-Control", "no-cache"],
];

const languages: Headers = [
  ["Accept-Encoding", "gzip, deflate, br, zstd"],
  ["Accept-Language", "en-US,en;q=0.9"],
];

/** What a page's `fetch` sends. */
export function fetchHead(port: number, target: string): string {
  return makeHead(target, [
    ["Host", `127.0.0.1:${port}`],
    ["Connection", "keep-alive"],
    ["sec-ch-ua-platform", '"Linux"'],
    ["User-Agent", userAgent],
    ["sec-ch-ua", brands],
    ["sec-ch-ua-mobile", "?0"],
    ["Accept", "*/*"],
    ...sameOrigin(port),
    ...languages,
  ]);
}

/** What a page's `EventSource` sends. */
export function eventSourceHead(port: number, target: string): string {
  return makeHead(target, [
    ["Host", `127.0.0.1:${port}`],
    ["Connection", "keep-alive"],
    ...noCache,
    ["sec-ch-ua-platform", '"Linux"'],
    ["User-Agent", userAgent],
    ["Accept", "text/event-stream"],
    ["sec-ch-ua", brands],
    ["sec-ch-ua-mobile", "?0"],
    ...sameOrigin(port),
    ...languages,
  ]);
}

/** What a page's `WebSocket` sends beside what a handshake needs. */
export function webSocketHeaders(port: number): [string, string][] {
  const headers: Headers = [
    ...noCache,
    ["User-Agent", userAgent],
    ["Origin", `http://127.0.0.1:${port}`],
    ...languages,
  ];
  return headers.map(([name, value]) => [name, value]);
}

function sameOrigin(port: number): Headers {
  return [
    ["Sec-Fetch-Site", "same-origin"],
    ["Sec-Fetch-Mode", "cors"],
    ["Sec-Fetch-Dest", "empty"],
    ["Referer", `http://127.0.0.1:${port}/`],
  ];
}

function makeHead(target: string, headers: Headers): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${target} HTTP/1.1\r\n${lines.join("")}\r\n`;
}
