import { describe, expect, it } from "vitest";
import { LOOKBACK_CHARS } from "./context.ts";
import { compileLabels, LabelWords } from "./labels.ts";

const PESEL = 1;
const NIR = 2;
const TAX = 3;
const ORDER = 4;
const RC = 5;
const EGN = 6;
const AFM = 7;
const NIF = 8;
const CARD = 9;
const HEALTH_CARD = 10;

const ROWS = [
  { id: PESEL, phrases: ["pesel"] },
  { id: NIR, phrases: ["numéro de sécurité sociale", "nir"] },
  { id: TAX, phrases: ["tax id", "Steuer-ID", "steuerliche identifikationsnummer", "tax identification number"] },
  { id: ORDER, phrases: ["order", "order number"] },
  { id: RC, phrases: ["rodné číslo", "r.č.", "r. č."] },
  { id: EGN, phrases: ["ЕГН", "единен граждански номер"] },
  { id: AFM, phrases: ["ΑΦΜ", "αριθμός φορολογικού μητρώου"] },
  { id: NIF, phrases: ["nif", "número de identificação fiscal"] },
  { id: CARD, phrases: ["card number"] },
  { id: HEALTH_CARD, phrases: ["health insurance card number"] },
];
const words = new LabelWords();
const labels = compileLabels(ROWS, words);
const fresh = compileLabels(ROWS);

/** The value is what stands behind the last "|". */
function hit(marked: string): { direct: readonly number[]; near: readonly number[] } {
  const at = marked.lastIndexOf("|");
  const { direct, near } = labels.before(marked.slice(0, at) + marked.slice(at + 1), at);
  return { direct: [...direct], near: [...near] };
}

it("my number is one word in Hungarian and Finnish", () => {
  const own = compileLabels([{ id: 1, phrases: ["adószám", "személyi azonosító", "henkilötunnus"] }]);
  for (const label of ["adószám", "adószámom", "Az ADÓSZÁMOM:", "személyi azonosítóm", "henkilötunnukseni on"])
    expect(own.before(`${label} 1`, label.length + 1).direct, label).toEqual([1]);
});

it("what stands before the name of a field is the label of another", () => {
  expect(hit("<pesel>1</pesel><nir>|2").direct).toEqual([NIR]);
  expect(hit('{"pesel": null, "nir": "|2"').direct).toEqual([NIR]);
  expect(hit("PESEL / NIR: |2").direct).toEqual([NIR, PESEL]);
});

describe("a phrase directly before the value", () => {
  it.each([
    ["PESEL |44051401359", PESEL],
    ["PESEL: |44051401359", PESEL],
    ["(PESEL=|44051401359)", PESEL],
    ['{"pesel":"|44051401359"}', PESEL],
    ['{\\"pesel\\": \\"|44051401359', PESEL],
    ["pesel_number=|44051401359", PESEL],
    ["customerPesel: |44051401359", PESEL],
    ["PESELNumber: |44051401359", PESEL],
    ["PESEL-u |44051401359", PESEL],
    ["numer PESEL nr |44051401359", PESEL],
    ["<td>PESEL</td><td>|44051401359", PESEL],
    ["<pesel>|44051401359", PESEL],
    ["| PESEL | |44051401359", PESEL],
    ["- **PESEL**: |44051401359", PESEL],
    ["PESEL\n|44051401359", PESEL],
    ["<dt>PESEL</dt>\n  <dd>|44051401359", PESEL],
    ["pesel;|44051401359", PESEL],
    ['pesel;"|44051401359', PESEL],
    ["n° de sécu; pesel n° |44051401359", PESEL],
    ["PESEL:\r\n  |44051401359", PESEL],
    ["x\\nPESEL: |44051401359", PESEL],
    ["x\\npesel: |44051401359", PESEL],
    ["pesel2: |44051401359", PESEL],
    ["Numéro de sécurité sociale : |1", NIR],
    ["NUMÉRO DE SÉCURITÉ SOCIALE |1", NIR],
    ["Numéro de sécurité sociale : |1".normalize("NFD"), NIR],
    ["numero de securite sociale no. |1", NIR],
    ["numeroDeSecuriteSociale |1", NIR],
    ["numerodesecuritesociale |1", NIR],
    ["taxId: |1", TAX],
    ["tax_id=|1", TAX],
    ["TAXID |1", TAX],
    ["tax-id is |1", TAX],
    ["Steuer-ID lautet |1", TAX],
    ["SteuerID |1", TAX],
    ["Meine steuerliche Identifikationsnummer ist |1", TAX],
    ["Rodné číslo: |1", RC],
    ["r. č.: |1", RC],
    ["R.Č. |1", RC],
    ["ЕГН |1", EGN],
    ["егн: |1", EGN],
    ["ЕГН|1", EGN],
    ["Единен граждански номер |1", EGN],
    ["Α.Φ.Μ.: |1", AFM],
    ["αφμ|1", AFM],
    ["ΑΡΙΘΜΟΣ ΦΟΡΟΛΟΓΙΚΟΥ ΜΗΤΡΩΟΥ |1", AFM],
    ["N.I.F. |1", NIF],
    ["número de identificação fiscal |1", NIF],
  ])("%j", (text, id) => {
    expect(hit(text)).toEqual({ direct: [id], near: [] });
  });

  it("several phrases in a row all count, the nearest first", () => {
    expect(hit("PESEL / NIF: |1").direct).toEqual([NIF, PESEL]);
  });

  it('a longer phrase counts before a shorter one that takes the "no." behind it', () => {
    const two = compileLabels([
      { id: 1, phrases: ["id no"] },
      { id: 2, phrases: ["insured person id"] },
    ]);
    const text = "insured person id no. ";
    expect([...two.before(text, text.length).direct]).toEqual([2]);
    expect([...two.before("id no. ", 7).direct]).toEqual([1]);
  });

  it("of two phrases of which one holds the other, the longer counts", () => {
    expect(hit("health insurance card number |1").direct).toEqual([HEALTH_CARD]);
    expect(hit("card number |1").direct).toEqual([CARD]);
  });
});

describe("a phrase elsewhere on the line is near", () => {
  it.each([
    ["PESEL of the patient from yesterday: |44051401359", PESEL],
    ["PESEL was sent! |44051401359", PESEL],
    ["the PESEL 44051401350 or |44051401359", PESEL],
  ])("%j", (text, id) => {
    expect(hit(text)).toEqual({ direct: [], near: [id] });
  });

  it("up to eight words away", () => {
    expect(hit("PESEL b c d e f g h |1").near).toEqual([PESEL]);
    expect(hit("PESEL a b c d e f g h |1").near).toEqual([]);
  });
});

describe("what is no label", () => {
  it.each([
    ["peselx |1"],
    ["xpesel |1"],
    ["preorder |1"],
    ["PESEL was here\n|1"],
    ["PESEL\n\n|1"],
    ["your PESEL\n|1"],
    ["PESEL\nfoo |1"],
    ["numéro, de sécurité sociale |1"],
    ["|1"],
    ["12 |1"],
    ["tax |1"],
  ])("%j", (text) => {
    expect(hit(text)).toEqual({ direct: [], near: [] });
  });
});

it("nothing further left than the look-back is read", () => {
  const at = (spaces: number): readonly number[] => hit(`xx PESEL${" ".repeat(spaces)}|1`).direct;
  expect(at(LOOKBACK_CHARS - 6)).toEqual([PESEL]);
  expect(at(LOOKBACK_CHARS - 5)).toEqual([]);
  expect(at(LOOKBACK_CHARS)).toEqual([]);
  const line = (before: string, spaces: number): readonly number[] =>
    hit(`${before}PESEL\n${" ".repeat(spaces)}|1`).direct;
  for (let spaces = LOOKBACK_CHARS - 12; spaces < LOOKBACK_CHARS + 4; spaces++)
    expect(line("\n".repeat(LOOKBACK_CHARS), spaces)).toEqual(spaces < LOOKBACK_CHARS - 6 ? [PESEL] : []);
});

it("asked again further right, it says what it says when asked anew", () => {
  const unit = "PESEL: <td>tax-id</td> rodné-a číslo 12 r.č. N.I.F.\\nNIR\nαφμ 123456789 order no. ABC ";
  const text = unit.repeat(12);
  for (const step of [1, 2, 3, 5, 7, 11, 40, 200]) {
    words.release();
    for (let at = step; at < text.length; at += step) {
      // As the recognizers do: at the beginning of a word, in front of a digit.
      if (!/\d/.test(text[at] ?? "") || /[\d\p{L}]/u.test(text[at - 1] ?? "")) continue;
      const said = structuredClone(labels.before(text, at));
      expect(fresh.before(text, at), `${at}`).toEqual(said);
    }
  }
});

it("compiling costs nothing before the first question, and then milliseconds for 1,500 phrases", () => {
  const rows = Array.from({ length: 300 }, (_, id) => ({
    id,
    phrases: Array.from({ length: 5 }, (_, n) => `numéro de chose${id} w${n} x`),
  }));
  const times = Array.from({ length: 7 }, () => {
    const before = process.cpuUsage();
    compileLabels(rows).before("numéro de chose7 w2 x ", 22);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  // Measured 2 to 3 ms of CPU time, 8 ms the first time; the slack is for machines that do other things.
  expect(Math.min(...times)).toBeLessThan(20);
});

it("a text that was cut off at the look-back gives the same answer", () => {
  const unit = "PESEL: <td>tax-id</td> rodné-a číslo 12 r.č. \\nNIR\n";
  const text = unit.repeat(20);
  for (let at = LOOKBACK_CHARS; at < LOOKBACK_CHARS + 3 * unit.length; at++) {
    const whole = structuredClone(labels.before(text, at));
    expect(labels.before(text.slice(at - LOOKBACK_CHARS), LOOKBACK_CHARS)).toEqual(whole);
  }
});

it("any text is read without a throw, at any place", () => {
  const text = '\ud83d\ude00 a.b.c._\\n"PESEL"\u0301:\u0000 <td>É</td>\r\n# 1.2.3';
  for (let at = 0; at <= text.length; at++) expect(() => labels.before(text, at)).not.toThrow();
});
