import { assertEquals, assertThrows } from "@std/assert";
import {
  captureLimits,
  type CaptureReaderOptions,
} from "../../lib/capture/capture_limits.ts";

const defaults = {
  maxConnections: 65536,
  maxHeldBytes: 1048576,
  maxTotalHeldBytes: 67108864,
  maxReorderedPackets: 16,
  maxPacketBytes: 16777216,
};

Deno.test("captureLimits() fills up what is not given", () => {
  assertEquals(captureLimits({}, "Cannot"), defaults);
  assertEquals(captureLimits({ maxHeldBytes: 5 }, "Cannot"), {
    ...defaults,
    maxHeldBytes: 5,
  });
  const options = {
    maxHeldBytes: undefined,
  } as unknown as CaptureReaderOptions;
  assertEquals(captureLimits(options, "Cannot"), defaults);
});

Deno.test("captureLimits() takes Infinity where there may be no limit", () => {
  const options = {
    maxConnections: Infinity,
    maxHeldBytes: Infinity,
    maxTotalHeldBytes: Infinity,
    maxPacketBytes: Infinity,
  };
  assertEquals(captureLimits(options, "Cannot"), { ...defaults, ...options });
});

const wrong: readonly CaptureReaderOptions[] = [
  { maxConnections: 0 },
  { maxConnections: 1.5 },
  { maxHeldBytes: -1 },
  { maxTotalHeldBytes: NaN },
  { maxReorderedPackets: Infinity },
  { maxPacketBytes: 0 },
];

for (const options of wrong) {
  const [[name, value]] = Object.entries(options) as [[string, number]];
  Deno.test(`captureLimits() does not take ${name} = ${value}`, () => {
    assertThrows(
      () => captureLimits(options, "Cannot create capture reader"),
      RangeError,
      `Cannot create capture reader: found ${name} = ${value}, wanted`,
    );
  });
}
