import { assertEquals, assertThrows } from "@std/assert";
import type { Role } from "../../lib/frame/frame.ts";
import {
  requireSettings,
  type SessionOptions,
} from "../../lib/session/options.ts";
import { assertPure } from "../support/purity.ts";

const role: Role = "server";

Deno.test("requireSettings() turns every limit on by default (R76)", () => {
  assertEquals(requireSettings({ role }), {
    role,
    delivery: "messages",
    accepts: "any",
    maxFrameBytes: 16 * 1024 * 1024,
    maxMessageBytes: 16 * 1024 * 1024,
    maxFragments: 128 * 1024,
    allowedRsv: 0,
    maxUnwrittenBytes: 64 * 1024,
    idleTimeoutMs: 120_000,
    closeTimeoutMs: 5_000,
    heartbeat: { intervalMs: 30_000, timeoutMs: 20_000 },
    frames: { role, maxPayloadBytes: 16 * 1024 * 1024, allowedRsv: 0 },
    messages: {
      maxMessageBytes: 16 * 1024 * 1024,
      maxFragments: 128 * 1024,
      maxTextBytes: 2 ** 29 - 24,
    },
  });
});

Deno.test("requireSettings() has no limits of messages when they come in pieces", () => {
  const { maxFrameBytes, maxMessageBytes, maxFragments, ...rest } =
    requireSettings({ role, delivery: "pieces" });
  assertEquals(
    { maxFrameBytes, maxMessageBytes, maxFragments },
    {
      maxFrameBytes: Infinity,
      maxMessageBytes: Infinity,
      maxFragments: Infinity,
    },
  );
  assertEquals(rest.maxUnwrittenBytes, 64 * 1024);
});

const all: Required<SessionOptions> = {
  role: "client",
  delivery: "pieces",
  accepts: "text",
  maxFrameBytes: 1,
  maxMessageBytes: 2,
  maxFragments: 3,
  allowedRsv: 0x40,
  maxUnwrittenBytes: 4,
  idleTimeoutMs: 5,
  closeTimeoutMs: 6,
  heartbeat: { intervalMs: 7, timeoutMs: 8 },
};

Deno.test("requireSettings() takes what it is given", () => {
  const { frames, messages, ...rest } = assertPure(
    "requireSettings",
    requireSettings,
    all,
  );
  assertEquals(rest, all);
  assertEquals(frames, {
    role: "client",
    maxPayloadBytes: 1,
    allowedRsv: 0x40,
  });
  assertEquals(messages, {
    maxMessageBytes: 2,
    maxFragments: 3,
    maxTextBytes: Infinity,
  });
});

Deno.test("requireSettings() takes no heartbeat, and no limit at all", () => {
  const unlimited: Required<SessionOptions> = {
    role,
    delivery: "messages",
    accepts: "any",
    maxFrameBytes: Infinity,
    maxMessageBytes: Infinity,
    maxFragments: Infinity,
    allowedRsv: 0x70,
    maxUnwrittenBytes: Infinity,
    idleTimeoutMs: Infinity,
    closeTimeoutMs: Infinity,
    heartbeat: false,
  };
  const { frames: _, messages: _2, ...rest } = requireSettings(unlimited);
  assertEquals(rest, unlimited);
});

const numbers = [
  "maxFrameBytes",
  "maxMessageBytes",
  "maxFragments",
  "maxUnwrittenBytes",
  "idleTimeoutMs",
  "closeTimeoutMs",
] as const;

for (const name of numbers) {
  Deno.test(`requireSettings() refuses a ${name} that is no number of anything`, () => {
    for (const wrong of [-1, 0.5, NaN, -Infinity]) {
      assertThrows(
        () => requireSettings({ role, [name]: wrong }),
        RangeError,
        `Cannot open session: found ${name} = `,
        `${wrong}`,
      );
    }
  });
}

Deno.test("requireSettings() refuses a limit that is no number at all", () => {
  for (const name of numbers) {
    assertThrows(
      () => requireSettings({ role, [name]: "many" as unknown as number }),
      RangeError,
      name,
    );
  }
});

for (const name of ["intervalMs", "timeoutMs"] as const) {
  Deno.test(`requireSettings() refuses a heartbeat whose ${name} is not at least 1`, () => {
    for (const wrong of [0, -1, 0.5, NaN, Infinity]) {
      const heartbeat = { intervalMs: 1, timeoutMs: 1, [name]: wrong };
      assertThrows(
        () => requireSettings({ role, heartbeat }),
        RangeError,
        `heartbeat.${name}`,
        `${wrong}`,
      );
    }
  });
}

Deno.test("requireSettings() refuses a role that is none", () => {
  for (const wrong of ["peer", "", null, 1]) {
    assertThrows(
      () => requireSettings({ role: wrong as Role }),
      TypeError,
      'wanted "client" or "server"',
      `${wrong}`,
    );
  }
});

Deno.test("requireSettings() refuses to be without a role", () => {
  assertThrows(
    () => requireSettings({} as SessionOptions),
    TypeError,
    'wanted "client" or "server"',
  );
});
