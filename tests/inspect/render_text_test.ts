import { assert, assertEquals, assertThrows } from "@std/assert";
import { permessageDeflate } from "../../lib/deflate/permessage_deflate.ts";
import { dissect, type DissectOptions } from "../../lib/inspect/dissector.ts";
import { drawFrame } from "../../lib/inspect/draw_frame.ts";
import type { DissectedItem } from "../../lib/inspect/item.ts";
import {
  renderItem,
  type RenderOptions,
} from "../../lib/inspect/render_text.ts";
import { joined } from "../deflate/engines.ts";
import {
  goodRequest,
  goodResponse,
  withHeader,
} from "../handshake/handshake_heads.ts";
import { hex, utf8 } from "../support/hex.ts";
import { assertPure } from "../support/purity.ts";
import { assertHarmless, withoutColor } from "../support/terminal_text.ts";
import {
  dissectAll,
  requestBytes,
  responseBytes,
  type SentBytes,
} from "./conversations.ts";

const inflating: DissectOptions = {
  extensions: [permessageDeflate()],
  agreed: "permessage-deflate",
};

/** Each item as it is written, but for those that say nothing. */
function written(
  items: readonly DissectedItem[],
  options?: RenderOptions,
): string[] {
  return items
    .map((item) => assertPure("renderItem()", renderItem, item, options))
    .filter((text) => text !== "");
}

interface Rendering {
  readonly name: string;
  readonly sent: readonly SentBytes[];
  readonly dissecting?: DissectOptions;
  readonly options?: RenderOptions;
  readonly texts: readonly string[];
}

const brief: readonly Rendering[] = [
  {
    name: "a masked text, and one in fragments with a Ping between (R48)",
    sent: [{ bytes: hex("81 85 37fa213d 7f9f4d5158 01 01 61 89 00 80 01 62") }],
    texts: [
      '→ frame 1  text  FIN masked  5 bytes  "Hello"',
      '← frame 2  text  1 byte  "a"',
      "← frame 3  ping  FIN  0 bytes",
      '← frame 4  continuation  FIN  1 byte  "b"',
      '← message 2  text in 2 frames  2 bytes  "ab"',
    ],
  },
  {
    name: "bytes, of which a further fragment could be text",
    sent: [{ bytes: hex("02 01 61 80 02 6263") }],
    texts: [
      "← frame 1  binary  1 byte  61",
      "← frame 2  continuation  FIN  2 bytes  62 63",
      "← message 1  binary in 2 frames  3 bytes  61 62 63",
    ],
  },
  {
    name: "Closes (R55)",
    sent: [
      { bytes: hex("88 05 03e8 627965"), from: "server" },
      { bytes: hex("88 82 00000000 0bb8 88 80 00000000"), from: "client" },
    ],
    texts: [
      '← frame 1  close  FIN  5 bytes  1000 Normal Closure "bye"',
      "→ frame 2  close  FIN masked  2 bytes  3000 for libraries",
      "→ frame 3  close  FIN masked  0 bytes  1005 No Status Rcvd",
    ],
  },
  {
    name: "a compressed text (R88)",
    sent: [{ bytes: hex("c1 07 f248cdc9c90700") }],
    dissecting: inflating,
    texts: [
      "← frame 1  text  FIN RSV1  7 bytes  f2 48 cd c9 c9 07 00",
      '← message 1  text in 1 frame  7 bytes inflated to 5  "Hello"',
    ],
  },
  {
    name: "a message under an extension that is not known",
    sent: [{ bytes: hex("b2 01 07") }],
    dissecting: { agreed: "x-zip" },
    texts: [
      "← frame 1  binary  FIN RSV2 RSV3  1 byte  07",
      "← message 1  binary in 1 frame  1 byte  " +
      "under an extension that is not known here",
    ],
  },
  {
    name: "what is cut, and what is not read",
    sent: [{ bytes: hex("01 05 6162") }],
    texts: [
      '← frame 1  text  cut  2 of 5 bytes  "ab"',
      '← message 1  text in 1 frame, cut  2 bytes  "ab"',
    ],
  },
  {
    name: "a length that is not known, and one that cannot be",
    sent: [
      { bytes: hex("82 7e 01"), from: "server" },
      { bytes: hex("82 ff ffffffffffffffff"), from: "client" },
    ],
    texts: [
      "→ frame 1  binary  FIN masked broken  2^63 bytes or more",
      [
        "✗ → length-out-of-range",
        "  Cannot read frame: found 1 in the top bit of a 64-bit length, " +
        "wanted 0 in the top bit of a 64-bit length (RFC 6455 §5.2, byte 2)",
        "  82 ff ff ff ff ff ff ff ff ff",
        "        ^^",
        "  to be told as close code 1002 Protocol error",
      ].join("\n"),
      "← frame 2  binary  FIN cut  length not known",
    ],
  },
  {
    name: "a rule that is broken at the end of the bytes",
    sent: [{ bytes: hex("81 01 e2") }],
    texts: [
      "← frame 1  text  FIN  1 byte  e2",
      [
        "✗ ← invalid-utf8",
        "  Cannot read message: found the end of the text inside a " +
        "character, wanted valid UTF-8 in a text message " +
        "(RFC 6455 §8.1, byte 3)",
        "  81 01 e2",
        "           ^^",
        "  to be told as close code 1007 Invalid frame payload data",
      ].join("\n"),
    ],
  },
  {
    name: "a stream that is not WebSocket",
    sent: [{ bytes: hex("16 0301 0000"), from: "client" }],
    texts: [
      "→ not read  bytes 0–4  not WebSocket but TLS, which hides it: " +
      "capture where it ends, or before",
    ],
  },
  {
    name: "one byte, of nobody",
    sent: [{ bytes: hex("81") }],
    texts: [
      "· not read  byte 0  one byte of a frame, which has at least two",
    ],
  },
  {
    name: "more than is to be shown",
    sent: [{
      bytes: joined([hex("81 06"), utf8("abcdef"), hex("82 04 01020304")]),
    }],
    options: { maxShownBytes: 3 },
    texts: [
      '← frame 1  text  FIN  6 bytes  "abc…"',
      "← frame 2  binary  FIN  4 bytes  01 02 03 …",
    ],
  },
  {
    name: "more than was kept",
    sent: [{
      bytes: joined([
        hex("01 05"),
        utf8("abcde"),
        hex("80 01 66 02 04 01020304 80 00"),
      ]),
    }],
    dissecting: { maxShownBytes: 3 },
    texts: [
      '← frame 1  text  5 bytes  "abc…"',
      '← frame 2  continuation  FIN  1 byte  "f"',
      '← message 1  text in 2 frames  6 bytes  "abc…"',
      "← frame 3  binary  4 bytes  01 02 03 …",
      "← frame 4  continuation  FIN  0 bytes",
      "← message 2  binary in 2 frames  4 bytes  01 02 03 …",
    ],
  },
  {
    name: "a handshake, of which only what is wrong is explained (R20)",
    sent: [
      { bytes: requestBytes() },
      { bytes: responseBytes({ ...goodResponse, headers: [["Via", "a"]] }) },
    ],
    texts: [
      [
        "→ request  bytes 0–160",
        "  ✓ GET /chat HTTP/1.1",
        "  ✓ Host: server.example.com",
        "  ✓ Upgrade: websocket",
        "  ✓ Connection: Upgrade",
        "  ✓ Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "  ✓ Sec-WebSocket-Version: 13",
      ].join("\n"),
      [
        "← response  bytes 161–204",
        "  ✓ HTTP/1.1 101 Switching Protocols",
        "  · Via: a",
        "  ✗ (no Upgrade)",
        '      found no Upgrade header, wanted an Upgrade header of "websocket"' +
        " · RFC 6455 §4.1",
        "  ✗ (no Connection)",
        '      found no Connection header, wanted "Upgrade" among the tokens ' +
        "of the Connection header · RFC 6455 §4.1",
        "  ✗ (no Sec-WebSocket-Accept)",
        "      found no Sec-WebSocket-Accept header where the key makes " +
        '"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", wanted one Sec-WebSocket-Accept ' +
        "made from the key that was sent · RFC 6455 §4.1",
      ].join("\n"),
      [
        "✗ ← wrong-upgrade",
        "  Cannot accept WebSocket response: found no Upgrade header, " +
        'wanted an Upgrade header of "websocket" (RFC 6455 §4.1, byte 161)',
        "  48 54 54 50 2f 31 2e 31 20 31 30 31 20 53 77 69",
        "  ^^",
        "  no Close frame can tell the peer",
      ].join("\n"),
    ],
  },
];

Deno.test("renderItem() writes a line a frame where it is to be brief", async () => {
  for (const { name, sent, dissecting, options, texts } of brief) {
    const items = await dissectAll(sent, dissecting);
    assertEquals(written(items, { detail: "brief", ...options }), texts, name);
  }
});

const masked = hex("81 85 37fa213d 7f9f4d5158");
const closing = hex("88 05 03e8 627965");

const full: readonly Rendering[] = [
  {
    name: "a masked text, RFC 6455 §5.7 (R44)",
    sent: [{ bytes: masked }],
    texts: [[
      "→ frame 1  text, all of message 1  bytes 0–10",
      drawFrame(masked),
      "  masking key  37 fa 21 3d",
      "  masked       7f 9f 4d 51 58",
      "  unmasked     48 65 6c 6c 6f",
      '  text         "Hello"',
    ].join("\n")],
  },
  {
    name: "a Close (R55)",
    sent: [{ bytes: closing }],
    texts: [[
      "← frame 1  close  bytes 0–6",
      drawFrame(closing),
      "  payload      03 e8 62 79 65",
      '  close code   1000 Normal Closure "bye": ' +
      "the purpose of the connection has been fulfilled",
    ].join("\n")],
  },
  {
    name: "a fragment that is cut",
    sent: [{ bytes: hex("02 05 0102") }],
    texts: [
      [
        "← frame 1  binary, first of message 1  bytes 0–3",
        drawFrame(hex("02 05 0102")),
        "  status       cut: 2 of 5 bytes of payload",
        "  payload      01 02",
      ].join("\n"),
      "← message 1  binary in 1 frame, cut  2 bytes  01 02",
    ],
  },
  {
    name: "a header that is cut",
    sent: [{ bytes: hex("89 fe") }, { bytes: hex("") }],
    texts: [
      [
        "→ frame 1  ping  bytes 0–1",
        drawFrame(hex("89 fe")),
        "  status       its header breaks a rule",
      ].join("\n"),
      [
        "✗ → control-frame-too-large",
        "  Cannot read frame: found more than 125 bytes, wanted at most 125 " +
        "bytes of payload in a control frame (RFC 6455 §5.5, byte 1)",
        "  89 fe",
        "     ^^",
        "  to be told as close code 1002 Protocol error",
      ].join("\n"),
    ],
  },
  {
    name: "a length that is cut",
    sent: [{ bytes: hex("82 7e 01") }],
    texts: [[
      "← frame 1  binary  bytes 0–2",
      drawFrame(hex("82 7e 01")),
      "  status       cut: before its length is said",
    ].join("\n")],
  },
  {
    name: "a request, with what each line is for",
    sent: [{
      bytes: requestBytes({
        ...goodRequest,
        headers: [["Host", "a"], ["Upgrade", "websocket"], ["Cookie", "b"]],
      }),
      from: "client",
    }],
    texts: [
      [
        "→ request  bytes 0–61",
        "  ✓ GET /chat HTTP/1.1",
        "      what is asked for; only GET opens a WebSocket · " +
        "RFC 6455 §4.1",
        "  ✓ Host: a",
        "      the host that is meant, since many may live at one address · " +
        "RFC 6455 §4.1",
        "  ✓ Upgrade: websocket",
        "      asks to leave HTTP for the protocol named here · RFC 6455 §4.1",
        "  · Cookie: b",
        "  ✗ (no Connection)",
        '      found no Connection header, wanted "Upgrade" among the tokens ' +
        "of the Connection header · RFC 6455 §4.2.1",
        "  ✗ (no Sec-WebSocket-Version)",
        "      found no Sec-WebSocket-Version header, wanted version 13 · " +
        "RFC 6455 §4.4",
        "  ✗ (no Sec-WebSocket-Key)",
        "      found no Sec-WebSocket-Key header, wanted one " +
        "Sec-WebSocket-Key with 16 bytes in base64 · RFC 6455 §4.2.1",
      ].join("\n"),
      [
        "✗ → missing-connection-upgrade",
        "  Cannot accept WebSocket request: found no Connection header, " +
        'wanted "Upgrade" among the tokens of the Connection header ' +
        "(RFC 6455 §4.2.1, byte 0)",
        "  47 45 54 20 2f 63 68 61 74 20 48 54 54 50 2f 31",
        "  ^^",
        "  no Close frame can tell the peer",
      ].join("\n"),
    ],
  },
];

Deno.test("renderItem() draws each frame, and says what every header is for", async () => {
  for (const { name, sent, dissecting, texts } of full) {
    const items = await dissectAll(sent, dissecting);
    assertEquals(written(items), texts, name);
    assertEquals(written(items, { detail: "full", color: false }), texts, name);
  }
});

const escape = "\u001b";

Deno.test("renderItem() in colour is the plain text with colours, and only then has any", async () => {
  for (const detail of ["brief", "full"] as const) {
    for (const { name, sent, dissecting } of [...brief, ...full]) {
      for (const item of await dissectAll(sent, dissecting)) {
        const plain = renderItem(item, { detail });
        const colored = renderItem(item, { detail, color: true });
        assertEquals(withoutColor(colored), plain, name);
        assertEquals(plain.includes(escape), false, name);
        assertEquals(colored !== plain, plain !== "", name);
        const codes = colored.match(new RegExp(`${escape}\\[(\\d+)m`, "g"));
        assertEquals((codes ?? []).length % 2, 0, name);
      }
    }
  }
  const [ping] = await dissectAll([{ bytes: hex("89 00") }]);
  assertEquals(
    renderItem(ping!, { detail: "brief", color: true }),
    `${escape}[35m← frame 1  ping  FIN  0 bytes${escape}[0m`,
  );
});

/** What would do something to a terminal, or to who reads it. */
const tricks = [
  "\u001b[31mred",
  "\u001b]0;title\u0007",
  "\u009b2J",
  "a\r\nb\tc",
  "\u007f\u0000\u0008",
  "\u202eabc\u202c",
  "\u2066a\u2069 \u200f \u061c",
  "\u2028\u2029",
];

/** A text in all the places that a peer has for one. */
function sentIn(text: string): SentBytes[] {
  const data = utf8(text);
  const size = Uint8Array.of(data.length);
  const invalid = joined([hex("81"), Uint8Array.of(data.length + 1), data]);
  const inHead = text.replace(/[^ -~\u0080-\u00ff]/g, "\u0080");
  const head = requestBytes();
  const badHead = utf8(`GET / HTTP/1.1\r\nHost: a\r\n${text}\r\n\r\n`);
  return [
    { bytes: joined([hex("81"), size, data]) },
    { bytes: joined([hex("89"), size, data]) },
    {
      bytes: joined([
        hex("01"),
        size,
        data,
        hex("80 00 88"),
        Uint8Array.of(data.length + 2),
        hex("03e8"),
        data,
      ]),
    },
    { bytes: joined([invalid, hex("ff")]) },
    { bytes: badHead },
    { bytes: joined([head.slice(0, -2), utf8("X: "), data]) },
    {
      bytes: requestBytes(withHeader(goodRequest, "Host", `a ${inHead} b`)),
    },
    {
      bytes: responseBytes({
        ...goodResponse,
        reason: inHead,
        headers: [["Upgrade", `x${inHead}y`], ["X", `x${inHead}y`]],
      }),
    },
  ];
}

Deno.test("renderItem() writes nothing of a peer's that does something to a terminal", async () => {
  for (const trick of tricks) {
    for (const sent of sentIn(trick)) {
      for (const item of await dissectAll([sent])) {
        for (const detail of ["brief", "full"] as const) {
          const text = renderItem(item, { detail });
          assertHarmless(text);
          const colored = renderItem(item, { detail, color: true });
          assertHarmless(withoutColor(colored));
        }
      }
    }
  }
});

Deno.test("renderItem() writes what it hides as an escape, and everything else as it is", async () => {
  const data = utf8('é☺😀 "\\" \u001b[m\u009b\u202e\n');
  const bytes = joined([hex("81"), Uint8Array.of(data.length), data]);
  const [frame] = await dissectAll([{ bytes }]);
  const text = renderItem(frame!, { detail: "brief" });
  assert(
    text.endsWith(
      String.raw`"é☺😀 \"\\\" \u001b[m\u009b\u202e\n"`,
    ),
    text,
  );
});

Deno.test("renderItem() ends no text with a line break, and gives nothing for what is said already", async () => {
  const items = await dissectAll([{ bytes: hex("81 01 61") }]);
  assertEquals(items.map((item) => renderItem(item) === ""), [false, true]);
  for (const item of items) assert(!renderItem(item).endsWith("\n"));
});

Deno.test("renderItem() throws RangeError for a number of bytes that is none", async () => {
  const [item] = await dissectAll([{ bytes: hex("8900") }]);
  for (const maxShownBytes of [-1, 0.5, NaN]) {
    assertThrows(
      () => renderItem(item!, { maxShownBytes }),
      RangeError,
      "Cannot render: found maxShownBytes = ",
    );
  }
  renderItem(item!, { maxShownBytes: 0 });
});

Deno.test("a masked frame without payload has a key, and nothing that was masked", async () => {
  const [frame] = await dissect(hex("8a 80 01 02 03 04"));
  const lines = renderItem(frame!).split("\n");
  assertEquals(lines.at(-1), "  masking key  01 02 03 04");
});

Deno.test("the body of a Close that breaks a rule is shown as bytes, not as text", async () => {
  for (const body of ["03 ed", "03"]) {
    const length = hex(body).length;
    const bytes = Uint8Array.of(0x88, length, ...hex(body));
    const [frame] = await dissect(bytes);
    const line = renderItem(frame!, { detail: "brief" });
    assertEquals(line.endsWith(`  ${body}`), true, line);
  }
});
