import { describe, expect, it } from "vitest";
import type { RecordingSettings } from "../core/recording.ts";
import { ruleOf } from "./rules.ts";
import { SETTINGS } from "./test/room.ts";

const settings = (change: Partial<RecordingSettings>): RecordingSettings => ({ ...SETTINGS, mode: "none", ...change });

describe("what is recorded", () => {
  it("is nothing unless the configuration says so", () => {
    expect(ruleOf(settings({}), "main", "support")).toBeUndefined();
    expect(ruleOf(settings({ mode: "scrubbed" }), "main", "support")).toEqual({ mode: "scrubbed", shared: "all-of" });
  });

  it("is as much as the rule says that keeps most of those that fit, in whatever order they stand", () => {
    const rules = [
      { connection: "main", mode: "none" },
      { purpose: "support", mode: "sealed" },
      { connection: "main", purpose: "support", mode: "scrubbed" },
    ] as const;
    for (const each of [rules, rules.toReversed()]) {
      const { mode } = ruleOf(settings({ rules: each }), "main", "support") ?? {};
      expect(mode).toBe("sealed");
      expect(ruleOf(settings({ rules: each, mode: "sealed" }), "main", "research")).toBeUndefined();
      expect(ruleOf(settings({ rules: each }), "other", "research")).toBeUndefined();
    }
  });

  it("is forgotten with anybody where one of these rules says so", () => {
    const rules = [
      { purpose: "support", mode: "sealed", shared: "any-of" },
      { connection: "main", mode: "sealed" },
    ] as const;
    expect(ruleOf(settings({ rules }), "main", "support")?.shared).toBe("all-of");
    expect(ruleOf(settings({ rules }), "other", "support")?.shared).toBe("any-of");
  });
});
