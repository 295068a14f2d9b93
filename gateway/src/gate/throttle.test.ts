import { describe, expect, it } from "vitest";
import { principalFor } from "../core/test/connection.ts";
import { RefusalBudget } from "./refusals.ts";
import { Throttle } from "./throttle.ts";

const limited = (requestsPerMinute: number, concurrentStreams: number) =>
  principalFor({ limits: { requestsPerMinute, concurrentStreams } });

describe("Throttle", () => {
  it("lets the budget through, then says when to come back", () => {
    const throttle = new Throttle();
    const principal = limited(2, 10);
    throttle.enter(principal, 0);
    throttle.enter(principal, 0);
    expect(() => throttle.enter(principal, 0)).toThrow(
      expect.objectContaining({ code: "rate_limited", retryAfterSeconds: 30 }),
    );
    throttle.enter(principal, 30_000);
  });

  it("counts exchanges that are open at once", () => {
    const throttle = new Throttle();
    const principal = limited(1000, 1);
    throttle.enter(principal, 0);
    expect(() => throttle.enter(principal, 0)).toThrow(expect.objectContaining({ code: "streams_limited" }));
    throttle.leave(principal);
    throttle.enter(principal, 0);
  });

  it("keeps principals apart and survives a clock that jumps back", () => {
    const throttle = new Throttle();
    throttle.enter(limited(1, 5), 1_000_000);
    throttle.enter({ ...limited(1, 5), id: "service:other" }, 1_000_000);
    expect(() => throttle.enter(limited(1, 5), 0)).toThrow(expect.objectContaining({ code: "rate_limited" }));
  });
});

describe("RefusalBudget", () => {
  it("records a burst, counts the flood, and reports the count with the next record", () => {
    const budget = new RefusalBudget();
    let recorded = 0;
    for (let each = 0; each < 500; each++) if (budget.take("", 0) !== undefined) recorded += 1;
    expect(recorded).toBe(50);
    expect(budget.take("", 1000)).toBe(450);
    expect(budget.take("other", 0)).toBe(0);
  });
});
