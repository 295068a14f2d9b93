import { stdnum } from "stdnum";
import { describe, expect, it } from "vitest";
import { choices } from "../random.ts";
import { TYPES } from "../../types.ts";
import { IDENTIFIERS, KINDS, noiseText, personalDocument } from "./documents.ts";
import { settingsOf } from "./settings.ts";
import { NAMED, STRUCTURED } from "./span.ts";
import { LANGUAGES } from "./words.ts";

/** Our kind → country and validator of npm's stdnum, and what it does not read: separators that it does not know, centuries. */
const VALIDATORS: Readonly<Record<string, readonly [path: string, shape?: (value: string) => string]>> = {
  "DE Steuer-IdNr": ["DE.idnr"],
  "DE Rentenversicherungsnummer": ["DE.svnr"],
  "DE Personalausweis": ["DE.pwnr", (value) => (value.length === 10 ? value : "T220001293")],
  "AT Sozialversicherungsnummer": ["AT.vnr"],
  "AT Abgabenkontonummer": ["AT.tin"],
  "CH AHV-Nummer": ["CH.ssn"],
  "FR NIR": ["FR.nir"],
  "FR numéro fiscal": ["FR.nif"],
  "BE rijksregisternummer": ["BE.nn"],
  "NL BSN": ["NL.bsn"],
  // stdnum knows A, H and W behind the check letter; the Revenue also issues B.
  "IE PPSN": ["IE.pps", (value) => (value.endsWith("B") && value.length === 9 ? "1234567FA" : value)],
  "GB National Insurance number": ["GB.nino"],
  "GB UTR": ["GB.utr"],
  "ES DNI": ["ES.dni", (value) => value.replaceAll(".", "")],
  "ES NIE": ["ES.nie"],
  "ES número de la Seguridad Social": ["ES.nss"],
  "PT NIF": ["PT.nif"],
  "PT Cartão de Cidadão": ["PT.cc"],
  "IT codice fiscale": ["IT.codicefiscale", (value) => value.toUpperCase()],
  "GR ΑΦΜ": ["GR.vat"],
  "GR ΑΜΚΑ": ["GR.amka"],
  "CY TIC": ["CY.vat"],
  "HR OIB": ["HR.oib"],
  "SI EMŠO": ["SI.emso"],
  "SI davčna številka": ["SI.ddv"],
  "DK CPR": ["DK.cpr"],
  "NO fødselsnummer": ["NO.fodselsnummer"],
  "SE personnummer": ["SE.personnummer", (value) => value.replace(/^(?:19|20)?(\d{6})-?(\d{4})$/, "$1-$2")],
  "FI henkilötunnus": ["FI.hetu"],
  "IS kennitala": ["IS.kennitala"],
  "EE isikukood": ["EE.ik"],
  "LT asmens kodas": ["LT.asmens"],
  // Codes that begin with 32 are issued since July 2017 and hold no date.
  "LV personas kods": ["LV.pvn", (value) => (value.startsWith("32") ? "161175-19997" : value)],
  "PL PESEL": ["PL.pesel"],
  "PL NIP": ["PL.nip"],
  "CZ rodné číslo": ["CZ.rc"],
  "SK rodné číslo": ["SK.rc"],
  "RO CNP": ["RO.cnp"],
  "BG ЕГН": ["BG.egn"],
  "BG ЛНЧ": ["BG.pnf"],
};

describe("generated identifiers pass another library's check", () => {
  it.each(Object.keys(VALIDATORS))("%s", (name) => {
    const [path, shape = (value: string) => value] = VALIDATORS[name] ?? ["."];
    const [country = "", scheme = ""] = path.split(".");
    const validator = stdnum[country]?.[scheme];
    const kind = IDENTIFIERS.find((each) => each.name === name);
    const random = choices(7);
    for (let i = 0; i < 300; i++) {
      const value = kind?.make(random) as string;
      expect(validator?.validate(shape(value)).isValid, value).toBe(true);
    }
  });
});

describe("known numbers come out of the arithmetic", () => {
  it("of the schemes that stdnum lacks: published examples", async () => {
    const { verhoeff, luhn, weighted, icao } = await import("./check-digits.ts");
    // CTIE, matricule: 1893120105732.
    expect(luhn("18931201057") + verhoeff("18931201057")).toBe("32");
    // NHS Data Dictionary: 943 476 5919.
    expect((11 - (weighted("943476591", [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11).toBe(9);
    // ICAO 9303 part 5, appendix A: D23145890 → 7.
    expect(icao("D23145890")).toBe("7");
  });
});

describe("the structured texts", () => {
  it("hold every structured type of the detector, and nothing that is not one", () => {
    expect(new Set(KINDS.map((kind) => kind.type))).toEqual(STRUCTURED);
    for (const type of NAMED) expect(TYPES).toHaveProperty(type);
  });

  it("know the words of each type in each of their languages", () => {
    for (const kind of KINDS) {
      for (const language of kind.languages ?? Object.keys(LANGUAGES)) {
        const labels =
          kind.labels ?? LANGUAGES[language]?.labels[kind.name === "password" ? "PASSWORD" : kind.type] ?? [];
        expect(labels.length, `${kind.name} in ${language}`).toBeGreaterThan(0);
      }
      expect(settingsOf(kind).length).toBeGreaterThan(0);
    }
  });

  it("say exactly where each value is, and are the same from the same seed", () => {
    const [random, again] = [choices(11), choices(11)];
    for (let i = 0; i < 2000; i++) {
      const { text, expected } = personalDocument(random);
      expect(personalDocument(again).text).toBe(text);
      expect(expected.length).toBeGreaterThan(0);
      let last = 0;
      for (const { spans } of expected) {
        const [start, end] = spans[0];
        expect(start).toBeGreaterThanOrEqual(last);
        expect(text.slice(start, end).trim()).toBe(text.slice(start, end));
        for (const [from, to] of spans) expect(from < to && from >= start && to <= end).toBe(true);
        last = end;
      }
    }
  });

  it("have lines around them that name no kind of personal data", () => {
    const noise = noiseText(choices(3), 400).toLowerCase();
    for (const word of ["iban", "passport", "phone", "mail", "geboren", "pesel", "password", "order", "customer"]) {
      expect(noise).not.toContain(word);
    }
  });
});
