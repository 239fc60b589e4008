import { assert, assertEquals } from "@std/assert";
import {
  acceptOffer,
  confirmAnswer,
  type DeflateParameters,
  mostWindowBits,
  writeOffer,
} from "../../lib/deflate/parameters.ts";
import type { ExtensionParameters } from "../../lib/extension/extension.ts";
import {
  parseExtensions,
  serializeExtensions,
} from "../../lib/extension/header.ts";
import { assertPure } from "../support/purity.ts";

const name = "permessage-deflate";

/** Parameters as a header has them: `a; b=1`. */
function read(text: string): ExtensionParameters {
  const header = text === "" ? name : `${name}; ${text}`;
  return parseExtensions([header])![0]!.parameters;
}

function write(parameters: ExtensionParameters): string {
  return serializeExtensions([{ name, parameters }])
    .slice(name.length).replace(/^; /, "");
}

/** Anything goes. */
const any: DeflateParameters = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};

interface WrongCase {
  readonly name: string;
  readonly text: string;
  /** What a client is told. */
  readonly words: string;
}

const flags = ["server_no_context_takeover", "client_no_context_takeover"];
const bits = ["server_max_window_bits", "client_max_window_bits"];

/** Wrong in an offer and in an answer alike (RFC 7692 §7.1). */
const wrongCases: readonly WrongCase[] = [
  {
    name: "an unknown parameter",
    text: "foo",
    words: "with foo, which it does not define",
  },
  {
    name: "an unknown parameter with a value",
    text: "foo=10",
    words: "with foo, which it does not define",
  },
  {
    name: "an unknown parameter after known ones",
    text: "server_no_context_takeover; server_max_window_bits=10; x",
    words: "with x, which it does not define",
  },
  {
    name: "a parameter in another case",
    text: "Server_No_Context_Takeover",
    words: "which it does not define",
  },
  {
    name: "the name of what every object has",
    text: "__proto__; constructor=8",
    words: "with __proto__, which it does not define",
  },
  ...flags.flatMap((flag) => [
    {
      name: `${flag} twice`,
      text: `${flag}; ${flag}`,
      words: `with ${flag} twice`,
    },
    ...["10", "true", "0", '"1"'].map((value) => ({
      name: `a value for ${flag}`,
      text: `${flag}=${value}`,
      words: `with a value for ${flag}`,
    })),
  ]),
  ...bits.flatMap((bit) => [
    {
      name: `${bit} twice`,
      text: `${bit}=10; ${bit}=10`,
      words: `with ${bit} twice`,
    },
    ...[
      "0",
      "7",
      "16",
      "08",
      "015",
      "+8",
      "-8",
      "8.0",
      "1e1",
      "0x8",
      "ten",
      "100",
      '"7"',
      '"016"',
    ].map((value) => ({
      name: `${bit} of ${value}`,
      text: `${bit}=${value}`,
      words: `with ${bit}=${value.replaceAll('"', "")}, not 8 to 15`,
    })),
  ]),
  {
    name: "no value for server_max_window_bits",
    text: "server_max_window_bits",
    words: "with no value for server_max_window_bits",
  },
];

Deno.test("acceptOffer() declines an offer that breaks a rule (R81, R83, R84, R85, R86)", () => {
  for (const { name, text } of wrongCases) {
    assertEquals(acceptOffer(read(text), any), undefined, name);
  }
});

Deno.test("confirmAnswer() says what is wrong with an answer (R82, R83, R84, R85, R86)", () => {
  for (const { name, text, words } of wrongCases) {
    const found = confirmAnswer(read(text), any);
    assert(typeof found === "string", name);
    assert(found.includes(words), `${name}: ${found}`);
  }
});

Deno.test("neither takes an empty value, which no header can have", () => {
  for (const bit of [...bits, ...flags]) {
    const parameters: ExtensionParameters = [[bit, ""]];
    assertEquals(acceptOffer(parameters, any), undefined, bit);
    assertEquals(typeof confirmAnswer(parameters, any), "string", bit);
  }
});

interface AcceptCase {
  readonly offer: string;
  readonly wanted?: Partial<DeflateParameters>;
  readonly answer: string;
  readonly agreed?: Partial<DeflateParameters>;
  readonly source: string;
}

const serverFlag = { serverNoContextTakeover: true };
const clientFlag = { clientNoContextTakeover: true };

const acceptCases: readonly AcceptCase[] = [
  { offer: "", answer: "", source: "§7.1.3" },
  {
    offer: "server_no_context_takeover",
    answer: "server_no_context_takeover",
    agreed: serverFlag,
    source: "§7.1.1.1: has to be done and said",
  },
  {
    offer: "",
    wanted: serverFlag,
    answer: "server_no_context_takeover",
    agreed: serverFlag,
    source: "§7.1.1.1: may be added unasked",
  },
  {
    offer: "client_no_context_takeover",
    answer: "client_no_context_takeover",
    agreed: clientFlag,
    source: "§7.1.1.2: a hint",
  },
  {
    offer: "",
    wanted: clientFlag,
    answer: "client_no_context_takeover",
    agreed: clientFlag,
    source: "§7.1.1.2: may be added unasked",
  },
  {
    offer: "server_max_window_bits=10",
    answer: "server_max_window_bits=10",
    agreed: { serverMaxWindowBits: 10 },
    source: "§7.1.2.1",
  },
  {
    offer: "server_max_window_bits=8",
    answer: "server_max_window_bits=8",
    agreed: { serverMaxWindowBits: 8 },
    source: "§7.1.2.1: the least",
  },
  {
    offer: "server_max_window_bits=15",
    answer: "server_max_window_bits=15",
    source: "§7.1.2.1: said again, though it is the most",
  },
  {
    offer: 'server_max_window_bits="10"',
    answer: "server_max_window_bits=10",
    agreed: { serverMaxWindowBits: 10 },
    source: "RFC 6455 §9.1: quoted or not",
  },
  {
    offer: "server_max_window_bits=12",
    wanted: { serverMaxWindowBits: 9 },
    answer: "server_max_window_bits=9",
    agreed: { serverMaxWindowBits: 9 },
    source: "§7.1.2.1: smaller than asked for",
  },
  {
    offer: "server_max_window_bits=9",
    wanted: { serverMaxWindowBits: 12 },
    answer: "server_max_window_bits=9",
    agreed: { serverMaxWindowBits: 9 },
    source: "§7.1.2.1: no larger than asked for",
  },
  {
    offer: "",
    wanted: { serverMaxWindowBits: 12 },
    answer: "server_max_window_bits=12",
    agreed: { serverMaxWindowBits: 12 },
    source: "§7.1.2.1: may be added unasked",
  },
  {
    offer: "client_max_window_bits",
    answer: "",
    source: "§7.1.2.2: understood, and not used",
  },
  {
    offer: "client_max_window_bits",
    wanted: { clientMaxWindowBits: 11 },
    answer: "client_max_window_bits=11",
    agreed: { clientMaxWindowBits: 11 },
    source: "§7.1.2.2: understood, and used",
  },
  {
    offer: "client_max_window_bits=10",
    answer: "client_max_window_bits=10",
    agreed: { clientMaxWindowBits: 10 },
    source: "§7.1.2.2: a hint",
  },
  {
    offer: "client_max_window_bits=10",
    wanted: { clientMaxWindowBits: 12 },
    answer: "client_max_window_bits=10",
    agreed: { clientMaxWindowBits: 10 },
    source: "§7.1.2.2: no larger than the hint",
  },
  {
    offer: "client_max_window_bits=10",
    wanted: { clientMaxWindowBits: 8 },
    answer: "client_max_window_bits=8",
    agreed: { clientMaxWindowBits: 8 },
    source: "§7.1.2.2: smaller than the hint",
  },
  {
    offer: "",
    wanted: { clientMaxWindowBits: 10 },
    answer: "",
    source: "§7.1.2.2: not to be asked of who did not offer it",
  },
  {
    offer: "client_max_window_bits=15; server_max_window_bits=15; " +
      "client_no_context_takeover; server_no_context_takeover",
    answer: "server_no_context_takeover; client_no_context_takeover; " +
      "server_max_window_bits=15",
    agreed: { ...serverFlag, ...clientFlag },
    source: "§7.1: in any order",
  },
];

Deno.test("acceptOffer() says what both agree on (R83, R84, R85, R86, R87)", () => {
  for (const { offer, wanted, answer, agreed, source } of acceptCases) {
    const name = `${offer} for ${JSON.stringify(wanted)}: ${source}`;
    const accepted = assertPure("acceptOffer", acceptOffer, read(offer), {
      ...any,
      ...wanted,
    });
    assert(accepted !== undefined, name);
    assertEquals(write(accepted.answer), answer, name);
    assertEquals(accepted.agreed, { ...any, ...agreed }, name);
  }
});

interface AnswerCase {
  readonly answer: string;
  readonly wanted?: Partial<DeflateParameters>;
  /** What is agreed on, or words of what is wrong. */
  readonly found: Partial<DeflateParameters> | string;
  readonly source: string;
}

const answerCases: readonly AnswerCase[] = [
  { answer: "", found: {}, source: "§7.1.3" },
  {
    answer: "server_no_context_takeover",
    found: serverFlag,
    source: "§7.1.1.1: unasked",
  },
  {
    answer: "",
    wanted: serverFlag,
    found: "without the server_no_context_takeover that was asked for",
    source: "§7.1.1.1",
  },
  {
    answer: "client_no_context_takeover",
    found: clientFlag,
    source: "§7.1.1.2: has to be done",
  },
  {
    answer: "",
    wanted: clientFlag,
    found: clientFlag,
    source: "§7.1.1.2: done all the same",
  },
  {
    answer: "server_max_window_bits=8",
    found: { serverMaxWindowBits: 8 },
    source: "§7.1.2.1: unasked",
  },
  {
    answer: 'server_max_window_bits="9"',
    wanted: { serverMaxWindowBits: 10 },
    found: { serverMaxWindowBits: 9 },
    source: "§7.1.2.1: smaller",
  },
  {
    answer: "server_max_window_bits=11",
    wanted: { serverMaxWindowBits: 10 },
    found: "with server_max_window_bits=11, over 10",
    source: "§7.1.2.1: larger",
  },
  {
    answer: "",
    wanted: { serverMaxWindowBits: 10 },
    found: "without the server_max_window_bits that was asked for",
    source: "§7.1.2.1",
  },
  {
    answer: "client_max_window_bits=9",
    found: { clientMaxWindowBits: 9 },
    source: "§7.1.2.2",
  },
  {
    answer: "client_max_window_bits=9",
    wanted: { clientMaxWindowBits: 10 },
    found: { clientMaxWindowBits: 9 },
    source: "§7.1.2.2: smaller",
  },
  {
    answer: "",
    wanted: { clientMaxWindowBits: 10 },
    found: { clientMaxWindowBits: 10 },
    source: "§7.1.2.2: what was offered, all the same",
  },
  {
    answer: "client_max_window_bits=12",
    wanted: { clientMaxWindowBits: 10 },
    found: "with client_max_window_bits=12, over 10",
    source: "§7.1.2.2: larger",
  },
  {
    answer: "client_max_window_bits",
    found: "with client_max_window_bits without a value",
    source: "§7.1.2.2",
  },
];

Deno.test("confirmAnswer() takes what was asked for, and nothing else (R82, R83, R84, R85, R86)", () => {
  for (const { answer, wanted, found, source } of answerCases) {
    const name = `${answer} for ${JSON.stringify(wanted)}: ${source}`;
    const confirmed = assertPure("confirmAnswer", confirmAnswer, read(answer), {
      ...any,
      ...wanted,
    });
    const expected = typeof found === "string" ? found : { ...any, ...found };
    assertEquals(confirmed, expected, name);
  }
});

const offers: readonly (readonly [Partial<DeflateParameters>, string])[] = [
  [{}, "client_max_window_bits"],
  [serverFlag, "server_no_context_takeover; client_max_window_bits"],
  [clientFlag, "client_no_context_takeover; client_max_window_bits"],
  [
    { serverMaxWindowBits: 10, clientMaxWindowBits: 8 },
    "server_max_window_bits=10; client_max_window_bits=8",
  ],
];

Deno.test("writeOffer() asks for what is wanted, and says what it understands (R79, R86)", () => {
  for (const [wanted, text] of offers) {
    assertEquals(write(writeOffer({ ...any, ...wanted })), text);
  }
  assertEquals(mostWindowBits, 15);
});

/** Every combination of parameters that makes a difference. */
const combinations: readonly DeflateParameters[] = [false, true].flatMap((
  serverNoContextTakeover,
) =>
  [false, true].flatMap((clientNoContextTakeover) =>
    [8, 9, 14, 15].flatMap((serverMaxWindowBits) =>
      [8, 9, 14, 15].map((clientMaxWindowBits) => ({
        serverNoContextTakeover,
        clientNoContextTakeover,
        serverMaxWindowBits,
        clientMaxWindowBits,
      }))
    )
  )
);

Deno.test("a client and a server agree on the same, whatever each of them wants (R82, R85, R86)", () => {
  for (const client of combinations) {
    for (const server of combinations) {
      const name = JSON.stringify([client, server]);
      const accepted = acceptOffer(writeOffer(client), server);
      assert(accepted !== undefined, name);
      const { agreed, answer } = accepted;
      assertEquals(confirmAnswer(answer, client), agreed, name);
      for (
        const key of ["serverMaxWindowBits", "clientMaxWindowBits"] as const
      ) {
        assertEquals(agreed[key], Math.min(client[key], server[key]), name);
      }
      for (
        const key of [
          "serverNoContextTakeover",
          "clientNoContextTakeover",
        ] as const
      ) {
        assertEquals(agreed[key], client[key] || server[key], name);
      }
    }
  }
});
