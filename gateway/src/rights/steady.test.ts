import { expect, test } from "vitest";
import { steady } from "./steady.ts";

const HOUR_MS = 3_600_000;

test("a clock for what cannot be undone follows no jump ahead, follows one back, and is right again when the other one is", () => {
  let [wall, elapsed] = [1_000_000, 0];
  const pass = (ms: number): void => {
    wall += ms;
    elapsed += ms;
  };
  const clock = steady(
    () => wall,
    () => elapsed,
  );
  pass(HOUR_MS);
  expect(clock()).toBe(wall);
  wall += 1_000 * HOUR_MS;
  pass(60_000);
  expect(clock()).toBe(wall - 1_000 * HOUR_MS + 60_000);
  wall -= 1_000 * HOUR_MS;
  expect(clock()).toBe(wall);
  // A sleep that the other clock did not see.
  wall += 3 * HOUR_MS;
  expect(clock()).toBe(wall - 3 * HOUR_MS);
  pass(HOUR_MS);
  expect(clock()).toBe(wall - 2 * HOUR_MS);
  pass(3 * HOUR_MS);
  expect(clock()).toBe(wall);
  wall -= HOUR_MS;
  expect(clock()).toBe(wall);
});
