import { expect, it } from "vitest";
import { Quotas } from "./quotas.ts";

const HOUR = 3_600_000;
const TWO_AN_HOUR = { policy: "night", requests: 2, perMs: HOUR };
const limited = expect.objectContaining({ code: "rate_limited" }) as Error;

it("counts a principal's requests under one policy, and says when the next may come", () => {
  const quotas = new Quotas();
  quotas.take("mara", TWO_AN_HOUR, 0);
  quotas.take("mara", TWO_AN_HOUR, 0);
  expect(() => quotas.take("mara", TWO_AN_HOUR, 0)).toThrow(limited);
  expect(() => quotas.take("mara", TWO_AN_HOUR, 0)).toThrow(
    expect.objectContaining({ retryAfterSeconds: 1_800 }) as Error,
  );
  quotas.take("mara", TWO_AN_HOUR, HOUR / 2);
  expect(() => quotas.take("mara", TWO_AN_HOUR, HOUR / 2)).toThrow(limited);
});

it("keeps principals and policies apart, and survives a clock that jumps back", () => {
  const quotas = new Quotas();
  const one = { ...TWO_AN_HOUR, requests: 1 };
  quotas.take("mara", one, HOUR);
  quotas.take("john", one, HOUR);
  quotas.take("mara", { ...one, policy: "day" }, HOUR);
  expect(() => quotas.take("mara", one, 0)).toThrow(limited);
});
