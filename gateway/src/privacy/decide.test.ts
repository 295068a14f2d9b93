/** What is found is told before anything is replaced, and the answer is what is done. */
import type { Finding } from "@sluice/detector";
import { describe, expect, it } from "vitest";
import type { FoundFacts } from "../core/decision.ts";
import { SluiceError } from "../core/errors.ts";
import { type Decide, type Detection, ownDetection } from "./index.ts";
import { CONTEXT, rules, segment, testScrubber, testVault, texts } from "./test/setup.ts";

const JANE = "jane.doe@example.org";
const ASKED = { ...CONTEXT, signals: true };

/** Notes the facts it is asked with. */
function noting(decide: Decide): { facts: FoundFacts[]; decide: Decide } {
  const facts: FoundFacts[] = [];
  return { facts, decide: (each) => (facts.push(each), decide(each)) };
}

describe("the decision between finding and replacing", () => {
  it.each([
    ["at once", ""],
    ["in slices", "words about nobody ".repeat(2_000)],
  ])("is asked once with types, categories and signals, %s", async (_, long) => {
    const { facts, decide } = noting(rules());
    const text = `My mother has asthma. ${long} Mail ${JANE}, or DE89 3704 0044 0532 0130 00.`;
    const { special } = await testScrubber().scrub([segment(text)], decide, ASKED);
    expect(facts).toEqual([
      { found: { EMAIL: 1, IBAN: 1 }, categories: { contact: 1, financial: 1 }, special: { health: 1 } },
    ]);
    expect(special).toEqual({ health: 1 });
  });

  it("says by which rules the text is written", async () => {
    const decide: Decide = ({ categories }) =>
      rules({ default: (categories["contact"] ?? 0) > 1 ? "redact" : "placeholder" })({
        found: {},
        categories: {},
        special: {},
      });
    const one = await testScrubber().scrub([segment(JANE)], decide, CONTEXT);
    const two = await testScrubber().scrub([segment(`${JANE} joe@example.net`)], decide, CONTEXT);
    expect(texts([...one.segments, ...two.segments])).toEqual(["[EMAIL_1]", "[EMAIL] [EMAIL]"]);
  });

  it("may refuse: its error is the scrub's, and nothing stays in the session", async () => {
    const vault = testVault();
    const refusing: Decide = () => {
      throw new SluiceError("purpose_not_allowed", "no");
    };
    for (const text of [JANE, `${JANE} `.repeat(2_000)]) {
      const refused = testScrubber({ vault }).scrub([segment(text)], refusing, { ...CONTEXT, session: "s" });
      await expect(refused).rejects.toMatchObject({ code: "purpose_not_allowed" });
    }
    expect(vault.conversations).toBe(0);
  });

  it("gets no signals where nobody asks for them", async () => {
    const { facts, decide } = noting(rules());
    await testScrubber().scrub([segment("My mother has asthma.")], decide, CONTEXT);
    expect(facts[0]?.special).toEqual({});
  });

  it("a signal counts once wherever the text is cut, with the name that stands before it", async () => {
    const named = (text: string): Finding[] => {
      const start = text.indexOf("Suzanne");
      return start < 0 ? [] : [{ ...PERSON, start, end: start + "Suzanne Miller".length }];
    };
    const detection: Detection = {
      ...ownDetection({}),
      *detectSteps(found) {
        yield;
        return found.map(named);
      },
    };
    const sentence = "Suzanne Miller has been treated for asthma since May. ";
    for (const before of [0, 4_050, 4_060, 4_070, 4_085, 4_096, 4_100, 8_180]) {
      const text = `${"q".repeat(before)} ${sentence}${"qq ".repeat(6_000)}`;
      const { special } = await testScrubber({ detection: () => detection }).scrub([segment(text)], rules(), ASKED);
      expect([before, special]).toEqual([before, { health: 1 }]);
    }
  });
});

const PERSON: Finding = {
  type: "PERSON",
  category: "direct-identifier",
  dpv: "pd:Name",
  start: 0,
  end: 0,
  score: 1,
  recognizer: "names",
  why: "a name",
};
