import { spacedHex } from "../../lib/inspect/hex.ts";

/** Something to look at for who has no bytes at hand. */
export interface Sample {
  readonly name: string;
  /** As it would be pasted. */
  readonly text: string;
}

const hexOfText = (text: string): string =>
  spacedHex(new TextEncoder().encode(text));

const request = hexOfText(
  "GET /chat HTTP/1.1\r\n" +
    "Host: server.example.com\r\n" +
    "Upgrade: websocket\r\n" +
    "Connection: Upgrade\r\n" +
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
    "Sec-WebSocket-Version: 13\r\n" +
    "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
);

const response = hexOfText(
  "HTTP/1.1 101 Switching Protocols\r\n" +
    "Upgrade: websocket\r\n" +
    "Connection: Upgrade\r\n" +
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" +
    "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
);

/** The examples of RFC 6455 §1.3 and §5.7, and of RFC 7692 §7.2.3. */
export const samples: readonly Sample[] = [
  { name: "“Hello”, masked", text: "81 85 37 fa 21 3d 7f 9f 4d 51 58" },
  {
    name: "A whole conversation",
    text: [
      request,
      response,
      "81 85 37 fa 21 3d 7f 9f 4d 51 58",
      "c1 07 f2 48 cd c9 c9 07 00",
      "01 03 48 65 6c",
      "89 02 48 69",
      "80 02 6c 6f",
      "88 82 37 fa 21 3d 34 12",
      "88 02 03 e8",
    ].join("\n"),
  },
  {
    name: "Two fragments, a Ping between",
    text: "01 03 48 65 6c  89 02 48 69  80 02 6c 6f",
  },
  { name: "Close 1000", text: "88 05 03 e8 62 79 65" },
  { name: "Broken: a reserved opcode", text: "81 02 48 69 83 02 48 69" },
  { name: "Broken: text that is not UTF-8", text: "81 04 48 69 c3 28" },
];
