import { assert, assertEquals } from "@std/assert";
import { concatAll } from "../../lib/bytes/chunks.ts";
import {
  base64Bytes,
  type DecodedText,
  guessFormat,
  hexBytes,
  isHexText,
  type TextBytes,
} from "../../lib/cli/input_format.ts";
import { hex, utf8 } from "../support/hex.ts";
import { forEachSeed } from "../support/random.ts";

const hello = hex("81 85 37 fa 21 3d 7f 9f 4d 51 58");

/** The same eleven bytes, as people and programs write them down. */
const writings: Record<string, string> = {
  plain: "818537fa213d7f9f4d5158",
  "upper case": "818537FA213D7F9F4D5158",
  spaced: "81 85 37 fa 21 3d 7f 9f 4d 51 58",
  "in lines": "81 85 37 fa\n21 3d 7f 9f\r\n4d 51 58\n",
  colons: "81:85:37:fa:21:3d:7f:9f:4d:51:58",
  "an array of C":
    "{0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58};",
  "an array of JSON":
    '["81","85","37","fa","21","3d","7f","9f","4d","51","58"]',
  "a string": '"\\x81\\x85\\x37\\xfa\\x21\\x3d\\x7f\\x9f\\x4d\\x51\\x58"',
  "xxd": "00000000: 8185 37fa 213d 7f9f 4d51 58              ..7.!=..MQX\n",
  "hexdump -C":
    "00000000  81 85 37 fa 21 3d 7f 9f  4d 51 58                 |..7.!=..MQX|\n0000000b\n",
  "Wireshark":
    "0000   81 85 37 fa 21 3d 7f 9f 4d 51 58                  ..7.!=..MQX\n",
  "two lines of a dump":
    "00000000  81 85 37 fa 21 3d 7f 9f  |..7.!=..|\n00000008  4d 51 58  |MQX|\n",
};

/** Everything that a decoder gives, of a text cut into such parts. */
function decode(decoder: TextBytes, parts: readonly string[]): DecodedText {
  const all: Uint8Array[] = [];
  for (const part of parts) {
    const { bytes, broken } = decoder.read(part);
    all.push(bytes);
    if (broken !== undefined) return { bytes: concatAll(all), broken };
  }
  const { bytes, broken } = decoder.end();
  all.push(bytes);
  return { bytes: concatAll(all), ...broken === undefined ? {} : { broken } };
}

Deno.test("hexBytes() reads digits and dumps, however the text is cut", () => {
  for (const [name, text] of Object.entries(writings)) {
    assert(isHexText(text), name);
    assertEquals(guessFormat(utf8(text)), "hex", name);
    assertEquals(decode(hexBytes(), [text]), { bytes: hello }, name);
    assertEquals(decode(hexBytes(), Array.from(text)), { bytes: hello }, name);
  }
});

Deno.test("a dump's column of characters is not read, whatever stands in it", () => {
  const dump = "00000000  64 65 61 64 20 62 65 65  66 20 61 64 64 20 62 61  " +
    "|dead beef add ba|\n00000010  64                   |d|\n";
  const { bytes } = decode(hexBytes(), [dump]);
  assertEquals(new TextDecoder().decode(bytes), "dead beef add bad");
  const xxd =
    "00000000: 6465 6164 2062 6565 6620 6164 6420 6261  dead beef add ba\n" +
    "00000010: 64                                       d\n";
  assertEquals(decode(hexBytes(), [xxd]).bytes, bytes);
});

Deno.test("hexBytes() gives what could be read, and where and why it stops", () => {
  assertEquals(decode(hexBytes(), ["81 02 hello"]), {
    bytes: hex("81 02"),
    broken: 'found "h" at character 6, wanted hexadecimal digits',
  });
  assertEquals(decode(hexBytes(), ["81 0"]), {
    bytes: hex("81"),
    broken: 'found one digit, "0", at the end, wanted two for each byte',
  });
  assertEquals(decode(hexBytes(), ["81\n82\nzz"]), {
    bytes: hex("81 82"),
    broken: 'found "z" at character 6, wanted hexadecimal digits',
  });
});

Deno.test("base64Bytes() reads both alphabets, padded or not, however it is cut", () => {
  forEachSeed((random) => {
    const bytes = random.bytes(random.integer(0, 60));
    const text = btoa(String.fromCharCode(...bytes));
    const others = [
      text,
      text.replaceAll("=", ""),
      text.replaceAll("+", "-").replaceAll("/", "_"),
      text.replace(/(.{7})/g, "$1\r\n"),
    ];
    for (const other of others) {
      assertEquals(decode(base64Bytes(), [other]), { bytes });
      assertEquals(decode(base64Bytes(), Array.from(other)), { bytes });
    }
  });
});

Deno.test("base64Bytes() says what it cannot read", () => {
  assertEquals(decode(base64Bytes(), ["gYU3+g?="]), {
    bytes: hex("81 85 37"),
    broken: 'found "?", wanted base64',
  });
  assertEquals(
    decode(base64Bytes(), ["gYU3+"]).broken,
    "found an end inside a byte, wanted base64",
  );
});

Deno.test("guessFormat() tells text from bytes, and captures from both", () => {
  const cases: [Uint8Array, string][] = [
    [hello, "raw"],
    [utf8("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "raw"],
    [utf8("gYU3+iE9f59NUVg="), "base64"],
    [utf8("Hello, world"), "raw"],
    // Words, and paths of files that are not there.
    [utf8("hello"), "raw"],
    [utf8("/nonexistent/path"), "raw"],
    [utf8("/etc/shadow_n"), "raw"],
    [hex("0a 0d 0d 0a 1c 00 00 00 4d 3c 2b 1a 01 00 00 00"), "capture"],
    [hex("d4 c3 b2 a1 02 00 04 00"), "capture"],
    [new Uint8Array(), "raw"],
  ];
  for (const [bytes, format] of cases) assertEquals(guessFormat(bytes), format);
});

Deno.test("whatever comes, decoding throws nothing", () => {
  forEachSeed((random) => {
    const text = String.fromCharCode(...random.bytes(random.integer(0, 80)));
    for (const decoder of [hexBytes(), base64Bytes()]) {
      decode(decoder, [text.slice(0, 20), text.slice(20)]);
    }
  });
});
