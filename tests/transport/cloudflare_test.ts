import { assertEquals, assertRejects } from "@std/assert";
import {
  type CloudflareConnect,
  dialCloudflare,
} from "../../lib/transport/cloudflare.ts";
import { joinedEnds } from "../stream/streams.ts";
import { hex } from "../support/hex.ts";

Deno.test("dialCloudflare() asks for the host of a URL, with TLS for wss:", async () => {
  const asked: unknown[] = [];
  const connect: CloudflareConnect = (...given) => {
    asked.push(given);
    const [end] = joinedEnds();
    const opened = Promise.resolve();
    return { ...end, opened, close: () => Promise.resolve() };
  };
  await dialCloudflare(connect, "wss://example.com/");
  await dialCloudflare(connect, "ws://[::1]:8080/");
  assertEquals(asked, [
    [
      { hostname: "example.com", port: 443 },
      { secureTransport: "on", allowHalfOpen: true },
    ],
    [
      { hostname: "[::1]", port: 8080 },
      { secureTransport: "off", allowHalfOpen: true },
    ],
  ]);
});

Deno.test("dialCloudflare() rejects when there is no connection", async () => {
  const [end] = joinedEnds();
  const opened = Promise.reject(new Error("refused"));
  const close = () => Promise.resolve();
  await assertRejects(
    () => dialCloudflare(() => ({ ...end, opened, close }), "ws://a/"),
    Error,
    "refused",
  );
});

Deno.test("closing the transport closes the socket, which may fail at it", async () => {
  const [end, other] = joinedEnds();
  let count = 0;
  const close = () => {
    count += 1;
    return Promise.reject(new Error("closed already"));
  };
  const opened = Promise.resolve();
  const transport = await dialCloudflare(
    () => ({ ...end, opened, close }),
    "ws://a/",
  );
  const writing = transport.write(hex("01"));
  const reader = other.readable.getReader();
  assertEquals((await reader.read()).value, hex("01"));
  await writing;
  transport.close();
  assertEquals(count, 1);
});
