import { hkdfSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type OperatorKeyOptions, OperatorKeys } from "./keys.ts";

const options: OperatorKeyOptions = {
  master: new Uint8Array(32).fill(9),
  keyId: "2026-11",
  purpose: "support",
  epoch: "1",
};

describe("OperatorKeys", () => {
  it("derives with HKDF-SHA-256, and OpenSSL does the same", () => {
    const info = Buffer.from("\0" + "18:sluice operators 19:pseudonym7:support1:15:EMAIL");
    const expected = Buffer.from(hkdfSync("sha256", options.master, "", info, 32));
    expect(Buffer.from(new OperatorKeys(options).derive("pseudonym", "EMAIL"))).toEqual(expected);
  });

  it("gives another key for another use, type, purpose, epoch or master, and the same for the same", () => {
    const derived = [
      new OperatorKeys(options).derive("pseudonym", "EMAIL"),
      new OperatorKeys(options).derive("surrogate", "EMAIL"),
      new OperatorKeys(options).derive("pseudonym", "PERSON"),
      new OperatorKeys({ ...options, purpose: "billing" }).derive("pseudonym", "EMAIL"),
      new OperatorKeys({ ...options, epoch: "2" }).derive("pseudonym", "EMAIL"),
      new OperatorKeys({ ...options, master: new Uint8Array(32) }).derive("pseudonym", "EMAIL"),
      // Not the same characters split elsewhere.
      new OperatorKeys({ ...options, purpose: "suppor", epoch: "t1" }).derive("pseudonym", "EMAIL"),
    ].map((key) => Buffer.from(key).toString("hex"));
    expect(new Set(derived).size).toBe(derived.length);
    const again = new OperatorKeys({ ...options, keyId: "other" });
    expect(Buffer.from(again.derive("pseudonym", "EMAIL")).toString("hex")).toBe(derived[0]);
    expect(again.derive("pseudonym", "EMAIL")).toBe(again.derive("pseudonym", "EMAIL"));
  });

  it("keeps a copy of the master key, and shows it to nobody", () => {
    const master = new Uint8Array(32).fill(9);
    const keys = new OperatorKeys({ ...options, master });
    master.fill(0);
    expect(keys.derive("pseudonym", "EMAIL")).toEqual(new OperatorKeys(options).derive("pseudonym", "EMAIL"));
    expect(JSON.stringify(keys)).toBe('{"keyId":"2026-11","purpose":"support","epoch":"1"}');
  });

  it("keeps its memory bounded when there are many types", () => {
    const keys = new OperatorKeys(options);
    const first = Buffer.from(keys.derive("surrogate", "T0"));
    for (let type = 1; type < 600; type++) keys.derive("surrogate", `T${type}`);
    expect(Buffer.from(keys.derive("surrogate", "T0"))).toEqual(first);
  });

  it.each([
    ["options.master", { master: new Uint8Array(31) }],
    ["options.master", { master: "secret" }],
    ["options.keyId", { keyId: "" }],
    ["options.keyId", { keyId: "a b" }],
    ["options.keyId", { keyId: "x".repeat(33) }],
    ["options.purpose", { purpose: "" }],
    ["options.epoch", { epoch: 1 }],
  ])("refuses a wrong %s with a TypeError that names it", (argument, change) => {
    const make = () => new OperatorKeys({ ...options, ...change } as OperatorKeyOptions);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(argument);
  });
});
