import { assert, assertEquals, assertRejects } from "@std/assert";
import { ProtocolError } from "../../lib/error/protocol_error.ts";
import {
  parseWebSocketUrl,
  type WebSocketUrl,
} from "../../lib/handshake/client.ts";
import type { ResponseHead } from "../../lib/handshake/head.ts";
import type {
  DialOptions,
  ListenOptions,
} from "../../lib/transport/dial_options.ts";
import type { Listener, Transport } from "../../lib/transport/transport.ts";
import { serveRaw, within } from "../connection/connections.ts";
import {
  authority,
  certificate,
  certificateKey,
} from "../support/certificate.ts";
import { hex, utf8 } from "../support/hex.ts";

/** The network of a runtime. */
export interface Network {
  /** What its functions are called, for the names of the tests. */
  readonly name: "Deno" | "Node";
  readonly dial: (
    url: WebSocketUrl,
    options: DialOptions,
    signal?: AbortSignal,
  ) => Promise<Transport>;
  readonly listen: (options: ListenOptions) => Listener | Promise<Listener>;
  /** One of the paths that the test task gives leave to listen at. */
  readonly unixPath: string;
}

const tls = { cert: certificate, key: certificateKey };

function portOf(address: string): string {
  return address.split(":").at(-1)!;
}

/** Checks that two transports are joined, and closes them. */
async function assertJoined(a: Transport, b: Transport): Promise<void> {
  for (const [from, to] of [[a, b], [b, a]] as const) {
    await from.write(hex("0102"));
    assertEquals(await within(to.read(), "bytes"), hex("0102"));
  }
  a.close();
  b.close();
}

/** What dialling has to do on every runtime. */
export function testDial({ name, dial, listen, unixPath }: Network): void {
  for (const secure of [false, true]) {
    const scheme = secure ? "wss" : "ws";

    Deno.test(`dial${name}() and listen${name}() are joined by ${scheme}: (R7)`, async () => {
      const listener = await listen({
        hostname: "127.0.0.1",
        ...(secure ? tls : {}),
      });
      assert(/^127\.0\.0\.1:[1-9]\d*$/.test(listener.address));
      const url = parseWebSocketUrl(`${scheme}://${listener.address}/`);
      const dialing = dial(url, { caCerts: [authority] });
      const accepted = await within(listener.accept(), "the client");
      // TLS begins with the first read.
      const reading = accepted!.read();
      const dialed = await within(dialing, "the connection");
      await dialed.write(hex("07"));
      assertEquals(await within(reading, "bytes"), hex("07"));
      await assertJoined(dialed, accepted!);
      listener.close();
      assertEquals(await listener.accept(), null);
    });
  }

  Deno.test(`dial${name}() trusts only what it is told to trust (R7)`, async () => {
    const listener = await listen({ hostname: "127.0.0.1", ...tls });
    const url = parseWebSocketUrl(`wss://${listener.address}/`);
    const accepting = Promise.resolve(listener.accept());
    const refused = accepting.then(async (accepted) => {
      await accepted?.read().catch(() => {});
      accepted?.close();
    });
    // At once, or with the first read that TLS begins with.
    const error = await assertRejects(async () => {
      const dialed = await within(dial(url, {}), "the connection");
      try {
        await within(dialed.read(), "the error");
      } finally {
        dialed.close();
      }
    }, Error);
    assert(!error.message.includes("in vain"), error.message);
    listener.close();
    await within(refused, "the server's end");
  });

  Deno.test(`dial${name}() and listen${name}() are joined by a Unix socket`, async () => {
    await Deno.mkdir(".sockets", { recursive: true });
    await Deno.remove(unixPath).catch(() => {});
    const listener = await listen({ unixPath });
    assertEquals(listener.address, unixPath);
    const dialing = dial(parseWebSocketUrl("ws://any.example/"), {
      unixPath,
    });
    const accepted = await within(listener.accept(), "the client");
    await assertJoined(await dialing, accepted!);
    listener.close();
    await Deno.remove(unixPath).catch(() => {});
  });

  const behind = parseWebSocketUrl("ws://server.example:8080/");

  for (
    const [user, wanted] of [
      ["", undefined],
      ["a:b@", "Basic YTpi"],
      ["a%40b:%C3%A9@", `Basic ${btoa("a@b:\xc3\xa9")}`],
    ] as const
  ) {
    Deno.test(`dial${name}() asks a proxy for a tunnel, as user "${user}" (R6)`, async () => {
      let request = "";
      await using proxy = serveRaw(async (peer) => {
        request = await peer.head();
        // The tunnel's first byte comes with the answer.
        await peer.write("HTTP/1.1 200 Connection established\r\n\r\n!");
      });
      const dialed = await within(
        dial(behind, { proxy: `http://${user}${proxy.address}` }),
        "the tunnel",
      );
      assert(request.startsWith("CONNECT server.example:8080 HTTP/1.1\r\n"));
      assert(request.includes("\r\nHost: server.example:8080\r\n"), request);
      const line = /^proxy-authorization: (.*)\r$/im.exec(request)?.[1];
      assertEquals(line, wanted);
      assertEquals(await within(dialed.read(), "a byte"), utf8("!"));
      dialed.close();
    });
  }

  Deno.test(`dial${name}() speaks TLS with the server behind a proxy, not with the proxy (R6, R7)`, async () => {
    const listener = await listen({ hostname: "127.0.0.1", ...tls });
    const far: Deno.Conn[] = [];
    await using proxy = serveRaw(async (peer, near) => {
      await peer.head();
      const conn = await Deno.connect({
        hostname: "127.0.0.1",
        port: Number(portOf(listener.address)),
      });
      far.push(conn);
      await peer.write("HTTP/1.1 200 OK\r\n\r\n");
      await Promise.allSettled([
        near.readable.pipeTo(conn.writable),
        conn.readable.pipeTo(near.writable),
      ]);
    });
    const dialing = dial(
      parseWebSocketUrl("wss://127.0.0.1/"),
      { proxy: `http://${proxy.address}`, caCerts: [authority] },
    );
    const accepted = await within(listener.accept(), "the tunnel");
    const reading = accepted!.read();
    const dialed = await within(dialing, "the connection");
    await dialed.write(hex("07"));
    assertEquals(await within(reading, "bytes"), hex("07"));
    dialed.close();
    accepted!.close();
    listener.close();
  });

  for (const status of [302, 403, 407, 502]) {
    Deno.test(`dial${name}() rejects when a proxy answers ${status}, and hangs up (R6)`, async () => {
      const gone = Promise.withResolvers<string>();
      await using proxy = serveRaw(async (peer) => {
        await peer.head();
        await peer.write(`HTTP/1.1 ${status} No\r\nX: y\r\n\r\n`);
        peer.readText().then(gone.resolve, gone.reject);
      });
      const error = await assertRejects(
        () => within(dial(behind, { proxy: `http://${proxy.address}` }), "it"),
        ProtocolError,
        `found HTTP ${status} No, wanted status 2xx`,
      );
      assertEquals(error.code, "refused-by-proxy");
      assertEquals((error.cause as ResponseHead).status, status);
      assertEquals(await gone.promise, "");
    });
  }

  Deno.test(`dial${name}() rejects when a proxy answers no HTTP, or nothing (R6)`, async () => {
    for (const answer of ["hello\r\n\r\n", ""]) {
      await using proxy = serveRaw(async (peer) => {
        await peer.head();
        await peer.write(answer);
        peer.close();
      });
      await assertRejects(
        () => within(dial(behind, { proxy: `http://${proxy.address}` }), "it"),
        ProtocolError,
      );
    }
  });

  Deno.test(`dial${name}() refuses a proxy that it cannot speak with, and tells it nothing`, async () => {
    let request = "";
    await using proxy = serveRaw(async (peer) => {
      request = await peer.head().catch(() => "");
      await peer.write("HTTP/1.1 200 OK\r\n\r\n");
    });
    // Over TLS, or SOCKS: in the clear the password would be anybody's.
    for (const scheme of ["https", "socks5"]) {
      const options: DialOptions = {
        proxy: `${scheme}://user:secret@${proxy.address}`,
      };
      const dialed = await within(dial(behind, options), "the error")
        .catch(() => undefined);
      dialed?.close();
      assertEquals([scheme, request, dialed], [scheme, "", undefined]);
    }
  });

  Deno.test(`dial${name}() rejects when nobody listens`, async () => {
    const listener = await listen({ hostname: "127.0.0.1" });
    const { address } = listener;
    listener.close();
    const url = parseWebSocketUrl(`ws://${address}/`);
    for (
      const [target, options] of [
        [url, {}],
        [behind, { proxy: `http://${address}` }],
      ] as const
    ) {
      const error = await assertRejects(() => dial(target, options), Error);
      assert(/refused/i.test(error.message), error.message);
    }
  });
}

/** What listening has to do on every runtime. */
export function testListen({ name, dial, listen }: Network): void {
  Deno.test(`listen${name}() goes on after a client that is gone`, async () => {
    const listener = await listen({ hostname: "127.0.0.1" });
    const port = Number(portOf(listener.address));
    const gone = await Deno.connect({ hostname: "127.0.0.1", port });
    gone.close();
    const dialed = await dial(
      parseWebSocketUrl(`ws://${listener.address}/`),
      {},
    );
    const first = await within(listener.accept(), "a client");
    const second = await within(listener.accept(), "a client");
    await assertJoined(dialed, second!);
    first!.close();
    listener.close();
  });

  Deno.test(`listen${name}() refuses half of what TLS takes, and TLS on a Unix socket`, async () => {
    const { cert, key } = tls;
    for (const options of [{ cert }, { key }, { unixPath: "x", cert, key }]) {
      await assertRejects(async () => await listen(options), TypeError);
    }
  });

  Deno.test(`listen${name}() listens at a free port, or at the one that it is told`, async () => {
    const first = await listen({ hostname: "127.0.0.1" });
    const port = Number(portOf(first.address));
    await assertRejects(
      async () => await listen({ hostname: "127.0.0.1", port }),
      Error,
    );
    first.close();
    const again = await listen({ hostname: "127.0.0.1", port });
    assertEquals(again.address, `127.0.0.1:${port}`);
    again.close();
  });
}
