import fc from "fast-check";
import { expect, test } from "vitest";
import { nearest } from "./nearest.ts";
import { byteCount, durationMs } from "./units.ts";

test.each([
  ["500ms", 500],
  ["30s", 30_000],
  ["1.5 h", 5_400_000],
  ["5m", 300_000],
  ["5min", 300_000],
  ["7d", 604_800_000],
  ["P30D", 2_592_000_000],
  ["P2W", 1_209_600_000],
  ["PT1H30M", 5_400_000],
  ["P1DT12H", 129_600_000],
  ["PT0.5S", 500],
  [2, 2_000],
] as const)("the duration %s is %d ms", (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});

test.each(["", "P", "PT", "P1DT", "P1M", "P1Y", "30", "30 seconds", "-1s", "1e3s", "P1W2D", " 30s", "30s\n"])(
  "%j is no duration: months and years have no fixed length, a text needs its unit",
  (text) => {
    expect(durationMs(text)).toBeUndefined();
  },
);

test.each([
  ["512B", 512],
  ["10MiB", 10_485_760],
  ["1 KiB", 1_024],
  ["1kB", 1_000],
  ["1.5GB", 1_500_000_000],
  [7, 7],
] as const)("the size %s is %d bytes", (text, bytes) => {
  expect(byteCount(text)).toBe(bytes);
});

test.each(["", "10", "10M", "10mib", "-1B", "99999999999GiB"])("%j is no size", (text) => {
  expect(byteCount(text)).toBeUndefined();
});

test("whatever the text, reading it takes no time to speak of and gives whole numbers or nothing", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("P", "T", "1", "9", ".", "D", "H", "S", "m", "s", " ", "M", "i", "B") }),
      (text) => {
        for (const value of [durationMs(text), byteCount(text)])
          expect(value === undefined || Number.isSafeInteger(value)).toBe(true);
      },
    ),
  );
});

test("a suggestion is made for a slip, and none for another word", () => {
  const keys = ["url", "credential", "recipient", "models"];
  expect(nearest("urll", keys)).toBe("url");
  expect(nearest("URL", keys)).toBe("url");
  expect(nearest("credentail", keys)).toBe("credential");
  expect(nearest("recipients", keys)).toBe("recipient");
  expect(nearest("xyz", keys)).toBeUndefined();
  expect(nearest("foo", [])).toBeUndefined();
});
