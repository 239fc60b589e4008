/** A section of group 6: byte sequences in hexadecimal, each a case. */
export interface Utf8Section {
  readonly title: string;
  readonly sequences: readonly string[];
}

const greek = "ce ba e1 bd b9 cf 83 ce bc ce b5".split(" ");

/** The sequences with their last byte missing that 6.14 sends one by one. */
const incomplete = [
  "c0",
  "e0 80",
  "f0 80 80",
  "f8 80 80 80",
  "fc 80 80 80 80",
  "df",
  "ef bf",
  "f7 bf bf",
  "fb bf bf bf",
  "fd bf bf bf bf",
];

/** The sections from 6.5 on, in order. */
export const utf8Sections: readonly Utf8Section[] = [
  {
    title: "Text with characters of 1 to 4 bytes",
    sequences: [
      hello("24"),
      hello("c2 a2"),
      hello("e2 82 ac"),
      hello("f0 a4 ad a2"),
      greek.join(" "),
    ],
  },
  {
    title: "Beginning of a Greek word",
    sequences: greek.map((_, at) => greek.slice(0, at + 1).join(" ")),
  },
  {
    title: "First character of a length",
    sequences: ["00", "c2 80", "e0 a0 80", "f0 90 80 80"],
  },
  {
    title: "First code of 5 and of 6 bytes",
    sequences: ["f8 88 80 80 80", "fc 84 80 80 80 80"],
  },
  {
    title: "Last character of a length",
    sequences: ["7f", "df bf", "ef bf bf", "f4 8f bf bf"],
  },
  {
    title: "Last code of 4, of 5 and of 6 bytes",
    sequences: ["f7 bf bf bf", "fb bf bf bf bf", "fd bf bf bf bf bf"],
  },
  {
    title: "Character at a boundary",
    sequences: [
      "ed 9f bf",
      "ee 80 80",
      "ef bf bd",
      "f4 8f bf bf",
      "f4 90 80 80",
    ],
  },
  {
    title: "Continuation bytes without a start",
    sequences: [
      "80",
      "bf",
      "80 bf",
      "80 bf 80",
      "80 bf 80 bf",
      "80 bf 80 bf 80",
      "80 bf 80 bf 80 bf",
      range(0x80, 0xbe).join(" "),
    ],
  },
  {
    title: "Start bytes, each with a space after it",
    sequences: [
      [0xc0, 0xde],
      [0xe0, 0xee],
      [0xf0, 0xf6],
      [0xf8, 0xfa],
      [0xfc, 0xfc],
    ].map(([first, last]) =>
      range(first!, last!).map((byte) => `${byte} 20`).join(" ")
    ),
  },
  { title: "Last byte missing", sequences: incomplete },
  { title: "Last bytes missing in a row", sequences: [incomplete.join(" ")] },
  { title: "Impossible bytes", sequences: ["fe", "ff", "fe fe ff ff"] },
  {
    title: "Overlong slash",
    sequences: [
      "c0 af",
      "e0 80 af",
      "f0 80 80 af",
      "f8 80 80 80 af",
      "fc 80 80 80 80 af",
    ],
  },
  {
    title: "Longest overlong code",
    sequences: [
      "c1 bf",
      "e0 9f bf",
      "f0 8f bf bf",
      "f8 87 bf bf bf",
      "fc 83 bf bf bf bf",
    ],
  },
  {
    title: "Overlong NUL",
    sequences: [
      "c0 80",
      "e0 80 80",
      "f0 80 80 80",
      "f8 80 80 80 80",
      "fc 80 80 80 80 80",
    ],
  },
  {
    title: "Surrogate alone",
    sequences: [
      "ed a0 80",
      "ed ad bf",
      "ed ae 80",
      "ed af bf",
      "ed b0 80",
      "ed be 80",
      "ed bf bf",
    ],
  },
  {
    title: "Surrogate pair",
    sequences: ["ed a0 80", "ed ad bf", "ed ae 80", "ed af bf"]
      .flatMap((high) => [`${high} ed b0 80`, `${high} ed bf bf`]),
  },
  {
    title: "Non-character",
    sequences: ["ef bf be", "ef bf bf", ...nonCharacters()],
  },
  {
    title: "Unicode special",
    sequences: range(0xb9, 0xbf).map((byte) => `ef bf ${byte}`),
  },
];

/** `hello` and `world` around a character. */
function hello(character: string): string {
  return `68 65 6c 6c 6f ${character} 77 6f 72 6c 64`;
}

function range(first: number, last: number): string[] {
  return Array.from(
    { length: last - first + 1 },
    (_, at) => (first + at).toString(16),
  );
}

/** The last two code points of every plane but the first. */
function nonCharacters(): string[] {
  return Array.from({ length: 16 }, (_, at) => at + 1).flatMap((plane) => {
    const first = (0xf0 | (plane >> 2)).toString(16);
    const second = (0x8f | ((plane & 3) << 4)).toString(16);
    return [`${first} ${second} bf be`, `${first} ${second} bf bf`];
  });
}
