import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  drawFrame,
  type DrawFrameOptions,
} from "../../lib/inspect/draw_frame.ts";
import { frameCases } from "../support/frame_cases.ts";
import { hex } from "../support/hex.ts";
import { assertPure } from "../support/purity.ts";
import { forEachSeed } from "../support/random.ts";

/** A frame, whole or not, and how it is drawn. */
interface Drawing {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly options?: DrawFrameOptions;
  /** With a line break before and after it. */
  readonly drawing: string;
}

const drawings: readonly Drawing[] = [
  {
    name: "a masked text, RFC 6455 §5.3",
    bytes: hex("81 89 32fd435f 41922e3a46952a3155"),
    drawing: `
 0                   1                   2                   3
 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
+-+-+-+-+-------+-+-------------+-------------------------------+
|1|0|0|0|0 0 0 1|1|0 0 0 1 0 0 1|0 0 1 1 0 0 1 0 1 1 1 1 1 1 0 1|
|F|R|R|R| opcode|M| Payload len |          Masking-key          |
|I|S|S|S|  text |A|      9      |             32 fd             |
|N|V|V|V|       |S|             |                               |
| |1|2|3|       |K|             |                               |
+-+-+-+-+-------+-+-------------+-------------------------------+
|0 1 0 0 0 0 1 1 0 1 0 1 1 1 1 1|0 1 0 0 0 0 0 1 1 0 0 1 0 0 1 0|
|      Masking-key (cont.)      |          Payload Data         |
|             43 5f             |             41 92             |
+-------------------------------+-------------------------------+
|0 0 1 0 1 1 1 0 0 0 1 1 1 0 1 0 0 1 0 0 0 1 1 0 1 0 0 1 0 1 0 1|
|                      Payload Data (cont.)                     |
|                          2e 3a 46 95                          |
+-------------------------------+-------------------------------+
|0 0 1 0 1 0 1 0 0 0 1 1 0 0 0 1|
|      Payload Data (cont.)     |
|             2a 31             |
|           … 1 B more          |
+-------------------------------+
`,
  },
  {
    name: "the same without the rest of its payload",
    bytes: hex("81 89 32fd435f 41922e3a46952a3155"),
    options: { maxPayloadBytes: 2 },
    drawing: `
 0                   1                   2                   3
 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
+-+-+-+-+-------+-+-------------+-------------------------------+
|1|0|0|0|0 0 0 1|1|0 0 0 1 0 0 1|0 0 1 1 0 0 1 0 1 1 1 1 1 1 0 1|
|F|R|R|R| opcode|M| Payload len |          Masking-key          |
|I|S|S|S|  text |A|      9      |             32 fd             |
|N|V|V|V|       |S|             |                               |
| |1|2|3|       |K|             |                               |
+-+-+-+-+-------+-+-------------+-------------------------------+
|0 1 0 0 0 0 1 1 0 1 0 1 1 1 1 1|0 1 0 0 0 0 0 1 1 0 0 1 0 0 1 0|
|      Masking-key (cont.)      |          Payload Data         |
|             43 5f             |             41 92             |
|                               |           … 7 B more          |
+-------------------------------+-------------------------------+
`,
  },
  {
    name: "an empty Ping",
    bytes: hex("89 00"),
    drawing: `
 0                   1
 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
+-+-+-+-+-------+-+-------------+
|1|0|0|0|1 0 0 1|0|0 0 0 0 0 0 0|
|F|R|R|R| opcode|M| Payload len |
|I|S|S|S|  ping |A|      0      |
|N|V|V|V|       |S|             |
| |1|2|3|       |K|             |
+-+-+-+-+-------+-+-------------+
`,
  },
  {
    name: "a Close",
    bytes: hex("88 02 03e8"),
    drawing: `
 0                   1                   2                   3
 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
+-+-+-+-+-------+-+-------------+-------------------------------+
|1|0|0|0|1 0 0 0|0|0 0 0 0 0 1 0|0 0 0 0 0 0 1 1 1 1 1 0 1 0 0 0|
|F|R|R|R| opcode|M| Payload len |          Payload Data         |
|I|S|S|S| close |A|      2      |             03 e8             |
|N|V|V|V|       |S|             |                               |
| |1|2|3|       |K|             |                               |
+-+-+-+-+-------+-+-------------+-------------------------------+
`,
  },
  {
    name: "a length of 16 bits, the payload not whole",
    bytes: hex("82 7e 0100 000102"),
    drawing: `
 0                   1                   2                   3
 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
+-+-+-+-+-------+-+-------------+-------------------------------+
|1|0|0|0|0 0 1 0|0|1 1 1 1 1 1 0|0 0 0 0 0 0 0 1 0 0 0 0 0 0 0 0|
|F|R|R|R| opcode|M| Payload len |    Extended payload length    |
|I|S|S|S| binary|A| 126: 16 bits|              256              |
|N|V|V|V|       |S|             |                               |
| |1|2|3|       |K|             |                               |
+-+-+-+-+-------+-+-------------+-------------------------------+
|0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 0 0 0 0 0 0 1 0 . . . . . . . .|
|                          Payload Data                         |
|                            00 01 02                           |
+---------------------------------------------------------------+
|. . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . .|
|                      Payload Data (cont.)                     |
|                                                               |
|                          … 248 B more                         |
+---------------------------------------------------------------+
`,
  },
  {
    name: "a length of 64 bits",
    bytes: hex("02 7f 0000000000010000 0102"),
    drawing: `
 0                   1                   2                   3
 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
+-+-+-+-+-------+-+-------------+-------------------------------+
|0|0|0|0|0 0 1 0|0|1 1 1 1 1 1 1|0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0|
|F|R|R|R| opcode|M| Payload len |    Extended payload length    |
|I|S|S|S| binary|A| 127: 64 bits|                               |
|N|V|V|V|       |S|             |                               |
| |1|2|3|       |K|             |                               |
+-+-+-+-+-------+-+-------------+-------------------------------+
|0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1|
|                Extended payload length (cont.)                |
+-------------------------------+-------------------------------+
|0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0|0 0 0 0 0 0 0 1 0 0 0 0 0 0 1 0|
|Extended payload length (cont.)|          Payload Data         |
|             65536             |             01 02             |
+-------------------------------+-------------------------------+
|. . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . .|
|                      Payload Data (cont.)                     |
|                                                               |
+-------------------------------+-------------------------------+
|. . . . . . . . . . . . . . . .|
|      Payload Data (cont.)     |
|                               |
|         … 65528 B more        |
+-------------------------------+
`,
  },
  {
    name: "a header cut short inside its length",
    bytes: hex("82 ff 00"),
    drawing: `
 0                   1                   2                   3
 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
+-+-+-+-+-------+-+-------------+-------------------------------+
|1|0|0|0|0 0 1 0|1|1 1 1 1 1 1 1|0 0 0 0 0 0 0 0 . . . . . . . .|
|F|R|R|R| opcode|M| Payload len |    Extended payload length    |
|I|S|S|S| binary|A| 127: 64 bits|                               |
|N|V|V|V|       |S|             |                               |
| |1|2|3|       |K|             |                               |
+-+-+-+-+-------+-+-------------+-------------------------------+
|. . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . .|
|                Extended payload length (cont.)                |
+-------------------------------+-------------------------------+
|. . . . . . . . . . . . . . . .|. . . . . . . . . . . . . . . .|
|Extended payload length (cont.)|          Masking-key          |
|                               |                               |
+-------------------------------+-------------------------------+
|. . . . . . . . . . . . . . . .|
|      Masking-key (cont.)      |
|                               |
+-------------------------------+
`,
  },
  {
    name: "a header cut short inside its masking key",
    bytes: hex("81 89 32fd"),
    drawing: `
 0                   1                   2                   3
 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
+-+-+-+-+-------+-+-------------+-------------------------------+
|1|0|0|0|0 0 0 1|1|0 0 0 1 0 0 1|0 0 1 1 0 0 1 0 1 1 1 1 1 1 0 1|
|F|R|R|R| opcode|M| Payload len |          Masking-key          |
|I|S|S|S|  text |A|      9      |             32 fd             |
|N|V|V|V|       |S|             |                               |
| |1|2|3|       |K|             |                               |
+-+-+-+-+-------+-+-------------+-------------------------------+
|. . . . . . . . . . . . . . . .|. . . . . . . . . . . . . . . .|
|      Masking-key (cont.)      |          Payload Data         |
|                               |                               |
+-------------------------------+-------------------------------+
|. . . . . . . . . . . . . . . . . . . . . . . . . . . . . . . .|
|                      Payload Data (cont.)                     |
|                                                               |
+-------------------------------+-------------------------------+
|. . . . . . . . . . . . . . . .|
|      Payload Data (cont.)     |
|                               |
|           … 1 B more          |
+-------------------------------+
`,
  },
];

Deno.test("drawFrame() draws the bits as RFC 6455 §5.2 does (R40, R44)", () => {
  for (const { name, bytes, options, drawing } of drawings) {
    const drawn = assertPure(name, drawFrame, bytes, options);
    assertEquals(`\n${drawn}\n`, drawing, name);
  }
});

Deno.test("drawFrame() draws nothing before there are 2 bytes", () => {
  assertEquals(drawFrame(hex("")), "");
  assertEquals(drawFrame(hex("81")), "");
});

Deno.test("drawFrame() does not draw what comes after the frame", () => {
  const frame = hex("81 02 4869");
  const more = hex("81 02 4869 89 00 ff");
  assertEquals(drawFrame(more), drawFrame(frame));
});

const opcodes = Array.from({ length: 16 }, (_, opcode) => opcode);

/** What stands under each cell of a line, without the spaces around it. */
function cellsOf(line: string): string[] {
  return line.split("|").slice(1, -1).map((cell) => cell.trim());
}

Deno.test("drawFrame() names every opcode that is defined (R39)", () => {
  const names = new Map([
    [0x0, "contin."],
    [0x1, "text"],
    [0x2, "binary"],
    [0x8, "close"],
    [0x9, "ping"],
    [0xa, "pong"],
  ]);
  for (const opcode of opcodes) {
    const lines = drawFrame(Uint8Array.of(0x80 | opcode, 0)).split("\n");
    const bits = opcode.toString(2).padStart(4, "0").split("").join(" ");
    assertEquals(cellsOf(lines[3]!)[4], bits, `opcode ${opcode}`);
    const name = cellsOf(lines[5]!)[4]!;
    const expected = names.get(opcode);
    if (expected === undefined) assert(name.startsWith("reserv"), name);
    else assertEquals(name, expected, `opcode ${opcode}`);
  }
});

Deno.test("drawFrame() cuts no word short without saying so", () => {
  const whole = /^(?:Payload Data|Payload Data \(cont\.\)|reserved|reserv\.)$/;
  const cut = /^(?:Payload Data.+|reserv.*)$/;
  const heads = [
    ...opcodes.map((opcode) => [0x80 | opcode, 0]),
    ...[0, 1, 2, 3, 4, 5, 6, 7, 8].flatMap((length) => [
      [0x82, length, ...new Array(length).fill(0)],
      [0x82, 0x80 | length, ...new Array(length + 4).fill(0)],
    ]),
  ];
  for (const head of heads) {
    const drawn = drawFrame(Uint8Array.from(head));
    for (const cell of drawn.split("\n").flatMap(cellsOf)) {
      assert(!cut.test(cell) || whole.test(cell), `${cell}\n${drawn}`);
    }
  }
});

Deno.test("drawFrame() draws the bits of the bytes, whatever they are", () => {
  forEachSeed((random) => {
    const bytes = random.bytes(random.integer(2, 40));
    const bits = drawFrame(bytes, { maxPayloadBytes: 64 }).split("\n")
      .filter((line) => /^\|[01.][ |]/.test(line) && /^[01.| ]+$/.test(line))
      .join("").replaceAll(/[^01.]/g, "");
    const expected = Array.from(
      bytes,
      (byte) => byte.toString(2).padStart(8, "0"),
    ).join("");
    const drawn = bits.replace(/\.+$/, "");
    assert(!drawn.includes("."), "a dot before a bit");
    assert(drawn.length >= 16);
    assertEquals(drawn, expected.slice(0, drawn.length));
    // Fewer only because the frame ends, or its drawing is cut, before that.
    if (bits.length > drawn.length) assertEquals(drawn, expected);
  });
});

const options: readonly DrawFrameOptions[] = [
  {},
  { maxPayloadBytes: 0 },
  { maxPayloadBytes: 1 },
  { maxPayloadBytes: 3 },
  { maxPayloadBytes: 100 },
];

Deno.test("drawFrame() draws no line longer than 65 characters, and all of one box", () => {
  const frames = [
    ...frameCases.map(({ wire }) => wire.subarray(0, 2_000)),
    ...drawings.map(({ bytes }) => bytes),
    hex("82 7f 7fffffffffffffff"),
    hex("82 ff ffffffffffffffff 01020304 05"),
  ];
  for (const bytes of frames) {
    for (const option of options) {
      const drawn = drawFrame(bytes, option);
      assert(!drawn.endsWith("\n"));
      for (const line of drawn.split("\n")) {
        assert(line.length <= 65, line);
        assert(/^[ +|]/.test(line), line);
      }
    }
  }
});

/** Text without the codes that colour it. */
function withoutColor(text: string): string {
  const escape = String.fromCharCode(0x1b);
  return text.replaceAll(new RegExp(`${escape}\\[[0-9]+m`, "g"), "");
}

Deno.test("drawFrame() in colour is the plain drawing with colours", () => {
  const all = [...drawings, ...frameCases.map(({ wire }) => ({ bytes: wire }))];
  for (const drawing of all) {
    const bytes = drawing.bytes.subarray(0, 100);
    for (const option of options) {
      const plain = drawFrame(bytes, { ...option, color: false });
      const colored = drawFrame(bytes, { ...option, color: true });
      assert(colored !== plain);
      assertEquals(withoutColor(colored), plain);
      assertEquals(withoutColor(plain), plain);
      assertEquals(plain, drawFrame(bytes, option));
    }
  }
});

Deno.test("drawFrame() ends every colour in the line where it begins", () => {
  const escape = String.fromCharCode(0x1b);
  const drawn = drawFrame(drawings[0]!.bytes, { color: true });
  for (const line of drawn.split("\n")) {
    let open = false;
    for (const piece of line.split(escape).slice(1)) {
      const reset = piece.startsWith("[0m");
      assert(open === reset, line);
      open = !reset;
    }
    assertEquals(open, false, line);
  }
});

Deno.test("drawFrame() throws TypeError for anything but bytes", () => {
  for (const bytes of ["8100", [0x81, 0x00], null]) {
    assertThrows(
      () => drawFrame(bytes as unknown as Uint8Array),
      TypeError,
      "wanted a Uint8Array",
    );
  }
});
