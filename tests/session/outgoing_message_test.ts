import { assert, assertEquals } from "@std/assert";
import { permessageDeflate } from "../../lib/deflate/permessage_deflate.ts";
import { acceptExtensions } from "../../lib/extension/negotiate.ts";
import type { ExtensionCodec } from "../../lib/extension/extension.ts";
import { parseFrame } from "../../lib/frame/parse_frame.ts";
import type { DataMessage } from "../../lib/message/message.ts";
import { openSession } from "../../lib/session/session.ts";
import { shareMessage } from "../../lib/session/outgoing_message.ts";
import { step } from "../../lib/session/step.ts";
import { prefixing } from "../extension/codecs.ts";
import { repetitive } from "../deflate/engines.ts";
import { forEachSeed } from "../support/random.ts";
import { concatenated } from "../support/splits.ts";
import { openCoded } from "./coded_session.ts";
import { at } from "./sessions.ts";

const lengths = [0, 1, 125, 126, 16_383, 16_384, 65_535, 65_536, 100_000];

/** Texts and bytes of every length at which something changes. */
const messages: readonly DataMessage[] = [
  ...lengths.map((length): DataMessage => ({
    type: "binary",
    data: new Uint8Array(length).map((_, index) => index * 7),
  })),
  ...lengths.map((length): DataMessage => ({
    type: "text",
    data: "x".repeat(length),
  })),
  { type: "text", data: "žluťoučký 𝄞 kůň" },
];

const labelOf = ({ type, data }: DataMessage) => `${type} of ${data.length}`;

/** What a server writes, message after message in one step. */
function sent(
  messages: readonly DataMessage[],
  role: "client" | "server" = "server",
): readonly Uint8Array[] {
  const session = openSession({ role }, 0);
  return step(session, { type: "send", messages }, at(0)).bytes;
}

Deno.test("shareMessage() makes the frame that a message has anyway (R39)", () => {
  for (const message of messages) {
    assertEquals(
      concatenated(sent([shareMessage(message)])),
      concatenated(sent([message])),
      labelOf(message),
    );
  }
});

Deno.test("shareMessage() has all servers' connections send the same arrays", () => {
  for (const message of messages) {
    const shared = [shareMessage(message)];
    const [first, ...others] = [1, 2, 3].map(() => sent(shared));
    for (const other of others) {
      assertEquals(other.length, first!.length);
      other.forEach((chunk, index) => assert(chunk === first![index]));
    }
  }
});

Deno.test("shareMessage() keeps its place among other messages", () => {
  const [a, b, c] = [messages[2]!, messages[14]!, messages[0]!];
  assertEquals(
    concatenated(sent([a, shareMessage(b), c, shareMessage(a)])),
    concatenated(sent([a, b, c, a])),
  );
});

Deno.test("shareMessage() is masked for each client, with a key of its own (R44)", () => {
  const shared = [shareMessage({ type: "text", data: "Hello" })];
  const keys = [1, 2].map((key) => {
    const context = {
      ...at(0),
      createMaskingKey: () => new Uint8Array(4).fill(key),
    };
    const session = openSession({ role: "client" }, 0);
    const { bytes } = step(
      session,
      { type: "send", messages: shared },
      context,
    );
    const result = parseFrame(concatenated(bytes), { role: "server" });
    assert(result.status === "complete");
    assertEquals(new TextDecoder().decode(result.frame.payload), "Hello");
    return result.frame.maskingKey;
  });
  assertEquals(keys.map((key) => key?.[0]), [1, 2]);
});

Deno.test("shareMessage() has copied bytes that are written to afterwards", () => {
  const data = Uint8Array.of(1, 2, 3);
  const shared = shareMessage({ type: "binary", data });
  data.fill(9);
  assertEquals([...sent([shared])[0]!], [0x82, 3, 1, 2, 3]);
});

Deno.test("shareMessage() goes through extensions that know nothing of sharing, one by one", () => {
  const shared = shareMessage({ type: "text", data: "Hello" });
  for (const mark of [1, 2]) {
    const from = openCoded("server", prefixing(mark, 0x20));
    const to = openCoded("client", prefixing(mark, 0x20));
    from.take({ type: "send", messages: [shared] });
    to.take({ type: "bytes", bytes: concatenated(from.written()) });
    assertEquals(to.lines(), ["text Hello"]);
  }
});

/** Ways to compress that a server and its clients may have agreed on. */
const agreements = [
  "",
  "server_no_context_takeover",
  "client_no_context_takeover",
  "server_max_window_bits=9",
  "server_max_window_bits=9; server_no_context_takeover",
  "server_max_window_bits=12",
];

/** The two codecs of a connection: the server's and the client's. */
function codecsOf(
  extension: ReturnType<typeof permessageDeflate>,
  parameters: string,
): readonly [ExtensionCodec, ExtensionCodec] {
  const offer = `permessage-deflate${parameters && `; ${parameters}`}`;
  const agreed = acceptExtensions([offer], [extension]);
  assert("open" in agreed, offer);
  const [, ...answer] = agreed.header.split("; ");
  const confirmed = permessageDeflate().confirm(
    answer.map((parameter) => {
      const [name, value] = parameter.split("=");
      return [name!, value] as const;
    }),
  );
  assert(typeof confirmed !== "string", offer);
  return [agreed.open()!, confirmed.open()];
}

Deno.test("shareMessage() is understood between messages of a connection's own, whatever was agreed on (R84, R94)", () => {
  forEachSeed((random) => {
    const extension = permessageDeflate({ thresholdBytes: 20 });
    const connections = agreements.map((parameters) => {
      const [server, client] = codecsOf(extension, parameters);
      return {
        parameters,
        from: openCoded("server", server),
        to: openCoded("client", client),
        expected: [] as (string | Uint8Array)[],
      };
    });
    const some = repetitive(random, 3000, 500);
    const draw = () => {
      const start = random.integer(0, 2000);
      return some.subarray(start, start + random.integer(0, 900));
    };
    for (let turn = 0; turn < 30; turn++) {
      const isForAll = random.chance(0.5);
      const data = draw();
      const shared = shareMessage(
        { type: "binary", data },
        random.pick([undefined, true, false]),
      );
      for (const { from, to, expected } of connections) {
        const own: DataMessage = { type: "binary", data: draw() };
        const message = isForAll ? shared : own;
        from.take({ type: "send", messages: [message] });
        expected.push(isForAll ? data : own.data);
        to.take({ type: "bytes", bytes: concatenated(from.written()) });
      }
    }
    for (const { parameters, to, expected } of connections) {
      const came = to.events.map((event) =>
        event.type === "message" ? event.message.data : event.type
      );
      assertEquals(came, expected, parameters);
    }
  });
});

Deno.test("shareMessage() is compressed once for each size of window", () => {
  const extension = permessageDeflate();
  const shared = [shareMessage({ type: "text", data: "word ".repeat(1000) })];
  const written = agreements.map((parameters) => {
    const [server] = codecsOf(extension, parameters);
    const from = openCoded("server", server);
    from.take({ type: "send", messages: shared });
    return from.written()[0]!;
  });
  const distinct = new Set(written);
  assertEquals(distinct.size, 3, "of 15, 9 and 12 bits");
  for (const bytes of written) assert(bytes.length < 200);
});
