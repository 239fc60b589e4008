import { assertEquals, assertStrictEquals } from "@std/assert";
import { type Message, replyTo } from "../../lib/message/message.ts";
import { hex } from "../support/hex.ts";
import { assertPure } from "../support/purity.ts";

const data = hex("01 02 03");

const cases: readonly {
  readonly name: string;
  readonly message: Message;
  readonly reply: Message | undefined;
}[] = [
  {
    name: "a Ping by a Pong with its data (R58, R59)",
    message: { type: "ping", data },
    reply: { type: "pong", data },
  },
  {
    name: "an empty Ping by an empty Pong (R58, R59)",
    message: { type: "ping", data: hex("") },
    reply: { type: "pong", data: hex("") },
  },
  {
    name: "a Close by its code and reason (R56)",
    message: { type: "close", code: 1000, reason: "bye" },
    reply: { type: "close", code: 1000, reason: "bye" },
  },
  {
    name: "a Close of one's own code by the same (R56)",
    message: { type: "close", code: 4321, reason: "" },
    reply: { type: "close", code: 4321, reason: "" },
  },
  {
    name: "a Close without a code by one without (R56, R67)",
    message: { type: "close", code: 1005, reason: "" },
    reply: { type: "close", code: 1005, reason: "" },
  },
  {
    name: "a Pong by nothing (R59)",
    message: { type: "pong", data },
    reply: undefined,
  },
  {
    name: "a text by nothing",
    message: { type: "text", data: "hi" },
    reply: undefined,
  },
  {
    name: "a binary message by nothing",
    message: { type: "binary", data },
    reply: undefined,
  },
];

for (const { name, message, reply } of cases) {
  Deno.test(`replyTo() answers ${name}`, () => {
    assertEquals<unknown>(assertPure("replyTo", replyTo, message), reply);
  });
}

Deno.test("replyTo() hands on the data of the Ping, not a copy", () => {
  const reply = replyTo({ type: "ping", data });
  assertStrictEquals(reply?.type === "pong" && reply.data, data);
});
