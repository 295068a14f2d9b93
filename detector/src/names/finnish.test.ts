import { describe, expect, it } from "vitest";
import { lookUpFinnish } from "./finnish.ts";
import { LOWER_FORM } from "./letters.ts";
import { buildLexicon, LAST } from "./lexicon.ts";
import { hashOn, WORD_HASH } from "./tokens.ts";

const hash = (word: string): number => Array.from(word, (letter) => letter.charCodeAt(0)).reduce(hashOn, WORD_HASH);
const KNOWN =
  "Halonen Iglesias Simonides Pekka Matti Kauppi Niemi Järvi Lahti Ranta Lampi Kulta Virta Kaupunki Apaja Kivimäki Alajoki Rundman";
const table = buildLexicon(new Map(KNOWN.split(" ").map((word) => [hash(word), LAST])), 1024);
const bits = (word: string): number => lookUpFinnish(table, `x ${word} x`, 2, 2 + word.length, LOWER_FORM);

describe("a form of a known word", () => {
  it.each([
    ["Halonen", "Halosen Haloselle Haloselta Halosesta Halosta Halosena Haloseksi HALOSEN"],
    ["Iglesias", "Iglesiaksen Iglesiakselle"],
    ["Simonides", "Simonideen Simonideelle"],
    ["Pekka, Matti, Kauppi: doubled behind a short syllable", "Pekan Pekalle Matin Matilta Kaupin"],
    ["Niemi, Järvi: an e in the stem", "Niemen Niemelle Järven Järvestä"],
    ["Lahti, Ranta, Lampi, Kulta, Virta, Kaupunki: the strong grade", "Lahden Rannan Lammen Kullan Virran Kaupungin"],
    ["Kivimäki, Alajoki: a k that is gone", "Kivimäen Kivimäelle Alajoen Alajoelta"],
    ["Rundman: an i between", "Rundmanille Rundmanilta"],
  ])("of %s is found", (_, forms) => {
    for (const form of forms.split(" ")) expect([form, bits(form)]).toEqual([form, LAST]);
  });
});

it("a word that is a form of no known word is not found", () => {
  for (const word of "Larsen Halo Hansen Peka Simone Madison Garden Iglesi n llä Tallinn Lahdenxx".split(" "))
    expect([word, bits(word)]).toEqual([word, 0]);
  expect(bits("k".repeat(500) + "sen")).toBe(0);
});
