import fc from "fast-check";
import { expect, it } from "vitest";
import { civil, dayNumber, daysIn, DAYS, FIRST_DAY, readDate, writeDate } from "./calendar.ts";

it("counts days as the platform does", () => {
  fc.assert(
    fc.property(fc.integer({ min: FIRST_DAY, max: FIRST_DAY + DAYS - 1 }), (number) => {
      const { year, month, day } = civil(number);
      expect(dayNumber(year, month, day)).toBe(number);
      expect(new Date(number * 86_400_000).toISOString().slice(0, 10)).toBe(
        `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`,
      );
      expect(daysIn(year, month)).toBe(new Date(Date.UTC(year, month, 0)).getUTCDate());
    }),
  );
  expect([civil(FIRST_DAY), civil(FIRST_DAY + DAYS - 1)]).toEqual([
    { year: 1000, month: 1, day: 1 },
    { year: 9999, month: 12, day: 31 },
  ]);
});

it("writes what it has read", () => {
  for (const text of [
    "1985-03-14",
    "1985-3-4",
    "19850314",
    "14.03.1985",
    "4.3.1985",
    "03/14/1985",
    "14/03/1985",
    "4. 3. 1985",
    "4 3 1985",
  ])
    for (const monthFirst of [false, true]) {
      const date = readDate(text, monthFirst);
      expect(date && writeDate(date.style, date)).toBe(text);
    }
});

it("reads no date in what is none", () => {
  for (const text of [
    "1985-03/14",
    "1985314",
    "32.01.1985",
    "29.02.1985",
    "00.01.1985",
    "01.13.13",
    "0999-01-01",
    "1.02.1985",
    "2024-1-01",
  ])
    expect(readDate(text, false)).toBeUndefined();
});
