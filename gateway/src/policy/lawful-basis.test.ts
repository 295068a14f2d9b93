import { describe, expect, it } from "vitest";
import type { Connection, Purpose, Recipient } from "../core/connection.ts";
import type { Denied } from "../core/decision.ts";
import type { Transfer } from "../core/register.ts";
import { connectionFor } from "../core/test/connection.ts";
import { ADEQUACY } from "./adequacy.ts";
import { missingAfter, missingBefore, type Planned, type Processed } from "./lawful-basis.ts";
import { EU, MONDAY, US } from "./test/setup.ts";

const purpose = (change: Partial<Purpose> = {}): Purpose => ({
  id: "p",
  dpv: "dpv:CustomerCare",
  basis: "eu-gdpr:A6-1-b",
  retention: "P30D",
  ...change,
});

const before = (change: Partial<Planned> = {}): Denied | undefined =>
  missingBefore({
    action: "infer",
    purpose: purpose(),
    connection: connectionFor({ recipient: EU }),
    hasSubject: false,
    now: MONDAY,
    ...change,
  });

const after = (change: Partial<Processed> = {}): Denied | undefined =>
  missingAfter({ purpose: purpose(), hasSubject: false, special: {}, ...change });

const sentTo = (recipient: Partial<Recipient>, change: Partial<Connection> = {}): Connection =>
  connectionFor({ recipient: { ...EU, ...recipient }, ...change });

describe("a lawful basis (GDPR Art. 6)", () => {
  it("that is a contract, a duty, a vital interest or a public task needs nothing more", () => {
    for (const basis of ["eu-gdpr:A6-1-b", "eu-gdpr:A6-1-c", "eu-gdpr:A6-1-d", "eu-gdpr:A6-1-e"]) {
      expect(before({ purpose: purpose({ basis }) })).toBeUndefined();
    }
  });

  it.each(["eu-gdpr:A6-1-f", "eu-gdpr:A6-1-f-third-party"])("%s needs an assessment on file", (basis) => {
    expect(before({ purpose: purpose({ basis }) })).toMatchObject({
      code: "assessment_missing",
      message: expect.stringContaining("purposes.p.assessment in sluice.yaml") as unknown,
    });
    expect(before({ purpose: purpose({ basis, assessment: "LIA-7" }) })).toBeUndefined();
  });

  describe.each(["eu-gdpr:A6-1-a", "eu-gdpr:A6-1-a-explicit-consent"])("%s, consent,", (basis) => {
    const asked = purpose({ basis });

    it("needs to know whose", () => {
      expect(before({ purpose: asked })).toMatchObject({ code: "subject_missing" });
      expect(before({ purpose: asked, hasSubject: true })).toBeUndefined();
      expect(after({ purpose: asked })).toMatchObject({ code: "subject_missing" });
    });

    it("needs to be given", () => {
      const consented = (consent: Processed["consent"]): unknown =>
        after({ purpose: asked, hasSubject: true, consent })?.code;
      expect(consented({ state: "given", optedOut: false })).toBeUndefined();
      expect(consented({ state: "none", optedOut: false })).toBe("consent_missing");
      expect(consented(undefined)).toBe("consent_missing");
      expect(consented({ state: "withdrawn", optedOut: false })).toBe("consent_withdrawn");
    });
  });

  it("is of no use for a person who has opted out, whatever it is", () => {
    for (const basis of ["eu-gdpr:A6-1-a", "eu-gdpr:A6-1-b", "eu-gdpr:A6-1-f"]) {
      const consent = { state: "given", optedOut: true } as const;
      expect(after({ purpose: purpose({ basis }), hasSubject: true, consent })).toMatchObject({
        code: "subject_opted_out",
      });
    }
  });
});

describe("special categories (GDPR Art. 9)", () => {
  it("need a condition", () => {
    expect(after({ special: { health: 1, religion: 1 } })).toMatchObject({
      code: "condition_missing",
      message: expect.stringContaining("(health, religion)") as unknown,
    });
    expect(after({ special: { health: 1 }, purpose: purpose({ condition: "eu-gdpr:A9-2-h" }) })).toBeUndefined();
  });

  it("under the condition of explicit consent need the consent", () => {
    const asked = purpose({ condition: "eu-gdpr:A9-2-a" });
    expect(after({ purpose: asked })).toBeUndefined();
    expect(after({ purpose: asked, special: { health: 1 } })).toMatchObject({ code: "subject_missing" });
    expect(after({ purpose: asked, special: { health: 1 }, hasSubject: true })).toMatchObject({
      code: "consent_missing",
    });
    const consent = { state: "given", optedOut: false } as const;
    expect(after({ purpose: asked, special: { health: 1 }, hasSubject: true, consent })).toBeUndefined();
  });

  it("with consent as the basis alone still need a condition", () => {
    const consent = { state: "given", optedOut: false } as const;
    const asked = purpose({ basis: "eu-gdpr:A6-1-a" });
    expect(after({ purpose: asked, special: { health: 1 }, hasSubject: true, consent })).toMatchObject({
      code: "condition_missing",
    });
  });
});

describe("a processor (GDPR Art. 28)", () => {
  const { dpa: _, ...without } = EU;

  it("needs an agreement on file", () => {
    expect(before({ connection: connectionFor({ recipient: without }) })).toMatchObject({
      code: "agreement_missing",
      message: expect.stringContaining("recipients.eu.dpa in sluice.yaml") as unknown,
    });
  });

  it("is not asked for one when nothing is sent to it", () => {
    expect(before({ connection: connectionFor({ recipient: without }), action: "scrub" })).toBeUndefined();
    expect(before({ connection: connectionFor({ recipient: without, rehearsal: true }) })).toBeUndefined();
  });

  it("is another thing than a controller", () => {
    expect(before({ connection: connectionFor({ recipient: { ...without, role: "controller" } }) })).toBeUndefined();
  });
});

describe("a recipient outside the EEA (GDPR Chapter V)", () => {
  const to = (country: string, transfer?: Partial<Transfer>, change: Partial<Planned> = {}): Denied | undefined => {
    const { transfer: _, ...rest } = US;
    const registered =
      transfer === undefined ? {} : { transfer: { mechanism: "scc", reference: "R", ...transfer } as Transfer };
    return before({ connection: connectionFor({ recipient: { ...rest, country, ...registered } }), ...change });
  };

  it("needs a footing, and is told where there is one", () => {
    expect(to("US")).toMatchObject({
      code: "transfer_missing",
      message: expect.stringContaining("recipients.us.transfer") as unknown,
    });
    expect(to("CH")?.message).toContain("adequacy decision 2000/518/EC");
  });

  it("by adequacy needs a decision of the Commission for its country", () => {
    for (const country of Object.keys(ADEQUACY)) expect(to(country, { mechanism: "adequacy" })).toBeUndefined();
    expect(to("IN", { mechanism: "adequacy" })).toMatchObject({ code: "transfer_missing" });
    expect(to("US", { mechanism: "adequacy" })?.message).toContain("dpf");
  });

  it("by adequacy is refused once the decision has ended", () => {
    expect(to("GB", { mechanism: "adequacy" }, { now: Date.UTC(2031, 11, 27, 12) })).toBeUndefined();
    expect(to("GB", { mechanism: "adequacy" }, { now: Date.UTC(2031, 11, 28) })).toMatchObject({
      code: "transfer_missing",
    });
  });

  it("by dpf must be in the United States", () => {
    expect(to("US", { mechanism: "dpf" })).toBeUndefined();
    expect(to("CA", { mechanism: "dpf" })).toMatchObject({ code: "transfer_missing" });
  });

  it.each(["scc", "bcr"] as const)("by %s needs a transfer impact assessment on file", (mechanism) => {
    expect(to("IN", { mechanism })?.message).toContain("recipients.us.transfer.assessment");
    expect(to("IN", { mechanism, assessment: "TIA-1" })).toBeUndefined();
  });

  it("by derogation is a judgement of people, on file", () => {
    expect(to("IN", { mechanism: "derogation" })).toBeUndefined();
  });

  it("is asked for none when nothing is sent to it", () => {
    expect(to("IN", undefined, { action: "restore" })).toBeUndefined();
    expect(before({ connection: sentTo({ country: "ZZ", role: "controller" }) })).toBeUndefined();
  });

  it.each(["DE", "IS", "LI", "NO", "RE", "AX"])("is not in %s", (country) => {
    expect(to(country)).toBeUndefined();
  });
});
