/** The same stamps before two judges. 200 mutations here; `npm run interop` compares more, and docs/timestamps.md says with what result. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Opinion, STRICTER, hasOpenssl } from "./test/openssl.ts";

const MUTATIONS = 200;
const SEED = 20_261_122;

// Debian: apt-get install openssl
describe.skipIf(!hasOpenssl())("openssl ts -verify", () => {
  let opinion: Opinion;
  beforeAll(() => {
    opinion = new Opinion();
  });
  afterAll(() => {
    opinion.close();
  });

  test("accepts the stamps of `openssl ts -reply` as we do, by RSA and by EC", async () => {
    const cases = opinion
      .real()
      .map(({ kind, response, time }) => ({ label: kind, response, roots: "real" as const, time }));
    const { accepted, wrong } = await opinion.compare(cases);
    expect({ accepted, wrong }).toEqual({ accepted: 2, wrong: [] });
  });

  test("has no word on RSA-PSS, of which `openssl cms` thinks what we do", async () => {
    const { right, changed, ours } = opinion.byCms();
    expect({ right, changed, ours: await opinion.ours(ours) }).toEqual({
      right: true,
      changed: false,
      ours: undefined,
    });
  });

  test("never refuses what we accept, and what it alone accepts a rule of the list refuses", async () => {
    const { cases, accepted, wrong, stricter } = await opinion.compare(opinion.structural());
    expect(wrong).toEqual([]);
    expect(cases).toBeGreaterThan(50);
    expect(accepted).toBeGreaterThan(5);
    expect(stricter.size).toBeGreaterThan(4);
  });

  test(`agrees on ${MUTATIONS} mutated stamps, by the same rule`, async () => {
    const tally = await opinion.compare(opinion.mutated(MUTATIONS, SEED));
    expect(tally.wrong).toEqual([]);
    expect(tally.accepted + tally.refused + [...tally.stricter.values()].reduce((sum, n) => sum + n, 0)).toBe(
      MUTATIONS,
    );
    expect(STRICTER.length).toBeGreaterThan(5);
  });
});
