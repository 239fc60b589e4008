import { assertEquals, assertThrows } from "@std/assert";
import {
  type Phase,
  type PhaseEvent,
  phaseTable,
  type SendEvent,
  type Sending,
  sendingTable,
} from "../../lib/session/phases.ts";
import {
  closeFrame,
  drive,
  type Driven,
  fromPeerOf,
  roles,
} from "./sessions.ts";

const closeTimeoutMs = 100;

/** How to bring about each event, so far as one can from outside. */
const causes: Record<PhaseEvent, (driven: Driven) => void> = {
  "close-sent": (driven) =>
    void driven.step({ type: "close", closeCode: 1000, reason: "" }),
  "close-received": (driven) =>
    void driven.step({
      type: "bytes",
      bytes: fromPeerOf(driven.role, closeFrame(1001)),
    }),
  "rule-broken": (driven) =>
    // A reserved opcode.
    void driven.step({ type: "bytes", bytes: Uint8Array.of(0x83, 0x80) }),
  "end-received": (driven) => void driven.step({ type: "end" }),
  "time-out": (driven) => {
    const since = driven.session().closingSinceMs ?? 0;
    driven.step({ type: "time" }, since + closeTimeoutMs);
  },
};

/** How to get to each phase. */
const ways: Record<Phase, readonly PhaseEvent[]> = {
  open: [],
  closing: ["close-sent"],
  answering: ["close-received"],
  failing: ["rule-broken"],
  closed: ["close-received", "close-sent"],
  failed: ["rule-broken", "close-sent"],
  ended: ["end-received"],
};

const phases = Object.keys(phaseTable) as Phase[];
const phaseEvents = Object.keys(causes) as PhaseEvent[];

/**
 * A Close that is due is sent by its time-out, which is no time-out of the
 * closing itself.
 */
const answerOverdue: Partial<Record<Phase, Phase>> = {
  answering: "closed",
  failing: "failed",
};

for (const role of roles) {
  for (const phase of phases) {
    for (const event of phaseEvents) {
      const wanted = phaseTable[phase][event] ??
        (event === "time-out" ? answerOverdue[phase] : undefined) ?? phase;

      Deno.test(`phaseTable: ${event} leads a ${role} from ${phase} to ${wanted}`, () => {
        const driven = drive(role, { closeTimeoutMs, idleTimeoutMs: 10_000 });
        for (const cause of ways[phase]) causes[cause](driven);
        assertEquals(driven.session().phase, phase);
        const before = driven.session();
        const { events, lines } = driven;
        const counts = [events.length, lines.length];
        causes[event](driven);
        assertEquals(driven.session().phase, wanted);
        if (wanted !== phase) return;
        assertEquals([events.length, lines.length], counts, "said nothing");
        assertEquals(driven.session().closeReceived, before.closeReceived);
        assertEquals(driven.session().error, before.error);
      });
    }
  }
}

Deno.test("phaseTable leads from every phase but the last to the end, and nowhere back", () => {
  const order: readonly Phase[] = [
    "open",
    "closing",
    "answering",
    "failing",
    "closed",
    "failed",
    "ended",
  ];
  assertEquals([...phases].sort(), [...order].sort());
  for (const phase of phases) {
    const next = Object.values(phaseTable[phase]);
    assertEquals(next.length > 0, phase !== "ended", phase);
    for (const to of next) {
      assertEquals(order.indexOf(to) > order.indexOf(phase), true, phase);
    }
  }
});

const sendings = Object.keys(sendingTable) as Sending[];
const sendEvents: readonly SendEvent[] = [
  "text",
  "text-last",
  "binary",
  "binary-last",
];

for (const role of roles) {
  for (const sending of sendings) {
    for (const event of sendEvents) {
      const wanted = sendingTable[sending][event];

      Deno.test(`sendingTable: ${event} inside ${sending} ${wanted === undefined ? "throws" : `leads to ${wanted}`}, for a ${role}`, () => {
        const driven = drive(role);
        if (sending !== "nothing") sendFragment(driven, sending);
        assertEquals(driven.session().sending, sending);
        if (wanted !== undefined) {
          sendFragment(driven, event);
          return assertEquals(driven.session().sending, wanted);
        }
        assertThrows(
          () => sendFragment(driven, event),
          TypeError,
          "wanted its next fragment (RFC 6455 §5.4)",
        );
        assertEquals(driven.session().sending, sending);
        sendFragment(driven, sending === "text" ? "text-last" : "binary-last");
        assertEquals(driven.session().sending, "nothing", "still usable");
      });
    }
  }
}

function sendFragment(driven: Driven, event: SendEvent): void {
  const message = event.startsWith("text")
    ? { type: "text", data: "a" } as const
    : { type: "binary", data: Uint8Array.of(1) } as const;
  const last = event.endsWith("-last");
  driven.step({ type: "send-fragment", message, last });
}
