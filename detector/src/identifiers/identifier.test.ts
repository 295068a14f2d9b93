import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { detect } from "../detect.ts";
import { detectStream } from "../stream.ts";
import { HARD_NEGATIVES } from "../test/impersonal.ts";
import { choices } from "../test/random.ts";
import type { Finding } from "../types.ts";
import { IDENTIFIERS } from "./countries/all.ts";
import { formsOf, valueOf } from "./test/generate.ts";

const TYPES = ["NATIONAL_ID", "TAX_ID", "SOCIAL_SECURITY_NUMBER", "HEALTH_ID", "ID_CARD_NUMBER"];

/** "type value" of everything that is found of these types, in order. */
function found(text: string, types: readonly string[] = TYPES): string[] {
  return detect(text, { types }).map(({ type, start, end }) => `${type} ${text.slice(start, end)}`);
}

function recognized(text: string): string[] {
  return detect(text, { types: TYPES }).map(({ recognizer, start, end }) => `${recognizer} ${text.slice(start, end)}`);
}

describe("what people write", () => {
  it.each([
    ["Meine Steuer-ID lautet 26 954 371 827.", "de-idnr 26 954 371 827"],
    ["Steuerliche Identifikationsnummer (IdNr.): 26954371827", "de-idnr 26954371827"],
    ["RV-Nr. 15 070649 C 103", "de-rvnr 15 070649 C 103"],
    ["Krankenversichertennummer A123456780", "de-kvnr A123456780"],
    ["Personalausweis-Nr.: L01X00T471", "de-personalausweis L01X00T471"],
    ["St.-Nr.: 181/815/08155", "de-steuernummer 181/815/08155"],
    ["SVNR 1237 010180", "at-svnr 1237 010180"],
    ["AHV-Nr. 756.9217.0769.85", "ch-ahv 756.9217.0769.85"],
    ["N° de sécurité sociale : 2 55 08 14 168 025 38", "fr-nir 2 55 08 14 168 025 38"],
    ["NIR : 253072B07300470", "fr-nir 253072B07300470"],
    ["numéro fiscal 30 23 217 600 053", "fr-spi 30 23 217 600 053"],
    ["Rijksregisternummer: 85.07.30-033.28", "be-rrn 85.07.30-033.28"],
    ["mijn BSN is 111222333", "nl-bsn 111222333"],
    ["codice fiscale: RSSMRA85T10A562S", "it-cf RSSMRA85T10A562S"],
    ["C.F. RSS MRA 85T10 A562S", "it-cf RSS MRA 85T10 A562S"],
    ["con DNI 12345678-Z", "es-dni 12345678-Z"],
    ["NIE: X-1234567-L", "es-nie X-1234567-L"],
    ["Nº Seguridad Social 28/12345678/40", "es-nuss 28/12345678/40"],
    ["NIF 123 456 789", "pt-nif 123 456 789"],
    ["Cartão de Cidadão nº 00000000 0 ZZ4", "pt-cc 00000000 0 ZZ4"],
    ["numer PESEL 44051401359", "pl-pesel 44051401359"],
    ["NIP: 856-734-62-15", "pl-nip 856-734-62-15"],
    ["seria i numer dowodu osobistego ABA 300000", "pl-dowod ABA 300000"],
    ["rodné číslo 710319/2745", "cz-rc 710319/2745"],
    ["r. č.: 710319/2745", "cz-rc 710319/2745"],
    ["adóazonosító jele: 8071592153", "hu-adoazonosito 8071592153"],
    ["TAJ-szám: 037 687 210", "hu-taj 037 687 210"],
    ["CNP 1800101221144", "ro-cnp 1800101221144"],
    ["ЕГН: 7523169263", "bg-egn 7523169263"],
    ["егн7523169263", "bg-egn 7523169263"],
    ["ΑΦΜ: 094259216", "gr-afm 094259216"],
    ["Α.Φ.Μ. 094259216", "gr-afm 094259216"],
    ["ΑΦΜ094259216", "gr-afm 094259216"],
    ["ΑΔΤ ΑΒ 123456", "gr-adt ΑΒ 123456"],
    ["ΑΜΚΑ 01013099997", "gr-amka 01013099997"],
    ["OIB-om 33392005961", "hr-oib 33392005961"],
    ["EMŠO: 0101006500006", "si-emso 0101006500006"],
    ["davčna številka 15012557", "si-davcna 15012557"],
    ["cpr-nr. 131052-3080", "dk-cpr 131052-3080"],
    ["personnummer 880320-0016", "se-pnr 880320-0016"],
    ["fødselsnummer: 151086 95088", "no-fnr 151086 95088"],
    ["henkilötunnus 131052-308T", "fi-hetu 131052-308T"],
    ["kennitala 120174-3399", "is-kennitala 120174-3399"],
    ["isikukood 37605030299", "ee-ik 37605030299"],
    ["asmens kodas 33309240064", "lt-ak 33309240064"],
    ["personas kods 161175-19997", "lv-pk 161175-19997"],
    ["matricule 1893 12 01 057 32", "lu-matricule 1893 12 01 057 32"],
    ["PPS No. 1234567TW", "ie-ppsn 1234567TW"],
    ["NI number: AB 12 34 56 C", "gb-nino AB 12 34 56 C"],
    ["NHS No 943 476 5919", "gb-nhs 943 476 5919"],
    ["UTR 19558 39661", "gb-utr 19558 39661"],
    ["ΑΦΤ 00123123T", "cy-tic 00123123T"],
    ["I.D. Card No. 1234567A", "mt-id 1234567A"],
    ["PEID: 123456789", "li-peid 123456789"],
    ["EHIC 80756000080000000010", "eu-ehic 80756000080000000010"],
  ])("%s", (text, expected) => {
    expect(recognized(text)).toEqual([expected]);
  });

  it.each([
    ['{"pesel":"44051401359"}', "NATIONAL_ID 44051401359"],
    ['{\\"taxId\\": \\"26954371827\\"}', "TAX_ID 26954371827"],
    ["social_security_number=1237010180&x=1", "SOCIAL_SECURITY_NUMBER 1237010180"],
    ["<nhsNumber>9434765919</nhsNumber>", "HEALTH_ID 9434765919"],
    ["<td>BSN</td><td>111222333</td>", "NATIONAL_ID 111222333"],
    ["PESEL:\n44051401359", "NATIONAL_ID 44051401359"],
    ["| PESEL | 44051401359 |", "NATIONAL_ID 44051401359"],
    ["https://example.com/?pesel=44051401359", "NATIONAL_ID 44051401359"],
    ["Kunde\\nPESEL: 44051401359\\nDatum", "NATIONAL_ID 44051401359"],
  ])("as a field: %s", (text, expected) => {
    expect(found(text)).toEqual([expected]);
  });
});

describe("labels decide", () => {
  const score = (text: string): number => detect(text, { types: TYPES, scoreMin: 0 })[0]?.score ?? 0;

  it("a label directly before a valid number is surer than one further away, and both than none", () => {
    expect(score("PESEL 44051401359")).toBeGreaterThanOrEqual(0.99);
    expect(score("PESEL of the patient: 44051401359")).toBe(0.9);
    expect(score("the patient 44051401359")).toBe(0);
  });

  it("a number with wrong check digits behind its label is found, with less certainty", () => {
    expect(score("PESEL 44051401358")).toBe(0.6);
    expect(score("PESEL of the patient: 44051401358")).toBe(0);
  });

  it("a label that names no country does for every number of its type, and for no number of another", () => {
    expect(found("Tax identification number: 26954371827")).toEqual(["TAX_ID 26954371827"]);
    expect(found("National ID: 44051401359")).toEqual(["NATIONAL_ID 44051401359"]);
    expect(found("identity card number 611737218")).toEqual(["ID_CARD_NUMBER 611737218"]);
  });

  it("what no form knows is believed when the label is plain", () => {
    expect(found("SSN: 123-45-6789")).toEqual(["SOCIAL_SECURITY_NUMBER 123-45-6789"]);
    expect(found("tax id 12-3456789 of")).toEqual(["TAX_ID 12-3456789"]);
    expect(found("identification number 12-3456789")).toEqual([]);
    expect(found("social security since 2024-05-01")).toEqual([]);
  });

  it("a word for another kind of number directly before it makes it that", () => {
    for (const word of [
      "Bestellnummer",
      "invoice",
      "tracking number",
      "tel.",
      "ISBN",
      "objednávka",
      "faktura nr",
      "τηλ.",
    ]) {
      expect(found(`${word} 15108695088`), word).toEqual([]);
      expect(found(`PESEL, ${word}: 44051401359`), word).toEqual([]);
    }
    expect(found("order of PESEL 44051401359")).toEqual(["NATIONAL_ID 44051401359"]);
  });

  it("of two countries with the same number the caller's region names it", () => {
    const of = (region: string): string | undefined =>
      detect("AHV-Nr. 756.9217.0769.85", { defaultRegion: region })[0]?.recognizer;
    expect([of("CH"), of("LI"), of("FR")]).toEqual(["ch-ahv", "li-ahv", "ch-ahv"]);
  });

  it("a type that was left out hides nothing", () => {
    expect(found("personal number 15108695088", ["TAX_ID"])).toEqual([]);
    expect(found("personal number 15108695088", ["NATIONAL_ID"])).toEqual(["NATIONAL_ID 15108695088"]);
  });
});

describe("without a label", () => {
  it.each([
    ["she is 756.9217.0769.85 there", "SOCIAL_SECURITY_NUMBER 756.9217.0769.85"],
    ["RSSMRA85T10A562S,Rossi,Mario", "TAX_ID RSSMRA85T10A562S"],
    ["rssmra85t10a562s", "TAX_ID rssmra85t10a562s"],
    ["Anna, 131052-308T, Turku", "NATIONAL_ID 131052-308T"],
    ["voilà 2 55 08 14 168 025 38.", "SOCIAL_SECURITY_NUMBER 2 55 08 14 168 025 38"],
    ["(85.07.30-033.28)", "NATIONAL_ID 85.07.30-033.28"],
    ["Ola;15108695088;Oslo", "NATIONAL_ID 15108695088"],
    ["AB 12 34 56 C", "SOCIAL_SECURITY_NUMBER AB 12 34 56 C"],
    ["15 070649 C 103", "SOCIAL_SECURITY_NUMBER 15 070649 C 103"],
    ["号码15108695088。", "NATIONAL_ID 15108695088"],
    ["номер15108695088и", "NATIONAL_ID 15108695088"],
    ["رقم15108695088", "NATIONAL_ID 15108695088"],
  ])("particular ones stand: %s", (text, expected) => {
    expect(found(text)).toEqual([expected]);
  });

  it.each([
    ["the number 44051401359 alone"],
    ["a list with 111222333 in it"],
    ["12345678Z"],
    ["710319/2745"],
    ["880320-0016"],
    // Parts of something else.
    ["x15108695088"],
    ["é15108695088"],
    ["15108695088x"],
    ["0.15108695088"],
    ["15108695088.5"],
    ["15108695088%"],
    ["€15108695088"],
    ["+15108695088"],
    ["15108695088@example.com"],
    ["/users/15108695088/posts"],
    ["https://example.com/15108695088"],
    ["img_15108695088.png"],
    ["a-15108695088-b"],
    ["12:15108695088"],
    ["12 2 55 08 14 168 025 38 44"],
    ["00000000000 11111111111 756.5555.5555.55"],
  ])("others do not: %s", (text) => {
    expect(found(text)).toEqual([]);
  });
});

/** What logs, code and tables are full of. */
const NEGATIVES: readonly string[] = [
  "ts=1700000000 epoch 1717171717 at 1764768000",
  '{"ts":1717171717171,"created_at":1760105123456,"exp":1701101234567}',
  "2024-05-01T14:30:00.123Z 20240501143000 20240501-1430 200512312359 19991231-2359",
  "550e8400-e29b-41d4-a716-446655440000 12345678-1234-1234-1234-123456789012",
  "ISBN 978-3-16-148410-0 9783161484100 ISBN-10 3-16-148410-X",
  "EAN 4006381333931 GTIN 00012345600012 UPC 036000291452",
  "tracking 1Z999AA10123456784 RR123456785DE 00340434161094042557 JJD000390007826",
  "commit 9fceb02d0ae598e95dc970b74767f19372d61af8 1a2b3c4 0123456 e3b0c44298fc1c14",
  "EUR 1.234.567,89 USD 12,345,678.90 price 1234567890",
  "v1.2.3 10.11.12.13 build 20240501.1 node@26.10.0 1.23.456.7890",
  "192.168.100.200:8080 2001:db8::1 00:1a:2b:3c:4d:5e",
  "IBAN DE89 3704 0044 0532 0130 00 and card 4111 1111 1111 1111",
  "+49 30 901820, (212) 555-0123, 030/12345678, 0171 1234567",
  "pages 1-1000000, rows 123456789 of 987654321, id 1234567890",
  "Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0.6099.129 Safari/537.36",
  "SKU AB123456C part 7J0-927-753 serial C02XK1ABCDEF",
  "A12 AB 12 CD 34 EF 56 SECTION 12 34 56 C",
  "order 12345678 Z. Then 1234567 A and 12345678 B came",
  "0x15108695088 15108695088n 1510869508_8 15108695088e5",
  "chr7:140453136-140453137 rs113488022 ENST00000288602",
  "lat 52.520008 lon 13.404954, 48.8566, 2.3522",
  "In 1951 086 950 people, 15 108 695 088 stars",
  "123456/7890 19/12345 3 O 123/22 BT-Drs. 19/12345",
  'const a = [15, 10, 86, 95, 88]; sum(1234567890123, "9876543210987")',
  "ABCDEF12G34H567I is a code, MRSRSS85T10A562S another",
];

describe("what is none", () => {
  it.each([...NEGATIVES, ...HARD_NEGATIVES].map((text) => [text]))("%j", (text) => {
    expect(found(text)).toEqual([]);
  });
});

const SENTENCES: readonly ((label: string, value: string) => string)[] = [
  (label, value) => `Please note: ${label} ${value}, thank you.`,
  (label, value) => `(${label}: ${value})`,
  (label, value) => `"${label}": "${value}",`,
  (label, value) => `x;${label}=${value};y`,
  (label, value) => `Form\n${label}\n${value}\nNext`,
  (label, value) => `${label} nr. ${value}.`,
];

describe("in every printed form, of every row, the span is exact", () => {
  it.each(IDENTIFIERS.map((row) => [row.id, row] as const))("%s", (_, row) => {
    const random = choices(97);
    const labels = row.labels.filter((label) => label.length > 3);
    for (let i = 0; i < 6; i++) {
      for (const { text: value } of formsOf(row, valueOf(row, random))) {
        if (row.leads !== undefined && !/[A-Z]/.test(value)) continue;
        const sentence = random.pick(SENTENCES)(random.pick(labels), value);
        const start = sentence.lastIndexOf(value);
        const finding = detect(sentence, { defaultRegion: row.country, types: TYPES }).find(
          (one) => one.start === start,
        );
        expect([finding?.type, finding?.end], sentence).toEqual([row.type, start + value.length]);
      }
    }
  });

  it("and the explanation holds no part of the value", () => {
    const random = choices(98);
    for (const row of IDENTIFIERS) {
      const value = valueOf(row, random);
      for (const { why } of detect(`${row.labels[0]} ${value}`)) expect(why).not.toContain(value.slice(0, 4));
    }
  });
});

describe("however the text is cut, the same is found", () => {
  const together = (pieces: readonly string[]): Finding[] => {
    const stream = detectStream();
    let at = 0;
    const findings: Finding[] = [];
    for (const settled of [...pieces.map((piece) => stream.push(piece)), stream.end()]) {
      for (const one of settled.findings) findings.push({ ...one, start: one.start + at, end: one.end + at });
      at += settled.text.length;
    }
    return findings;
  };
  const random = choices(99);
  const values = IDENTIFIERS.flatMap((row) =>
    formsOf(row, valueOf(row, random)).map(({ text }) => `${random.pick(row.labels)} ${text}`),
  );

  it("with every form, in characters and in two pieces", () => {
    const text = values.join(" and ");
    const whole = detect(text);
    expect(together([...text])).toEqual(whole);
    for (let cut = 1; cut < text.length; cut += 61)
      expect(together([text.slice(0, cut), text.slice(cut)])).toEqual(whole);
  });

  it("with forms put together at random", () => {
    const parts = fc.constantFrom(
      ...values,
      "AB ",
      "12 ",
      "34 C ",
      "Β ",
      "ΑΔΤ ",
      "\n",
      "nr. ",
      ": ",
      "C 1",
      " 99",
      "QQ 12 34 ",
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 6 }), (pieces, cuts) => {
        const text = pieces.join("");
        const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
        const cut = [...places, text.length].map((place, index) => text.slice(places[index - 1] ?? 0, place));
        expect(together(cut)).toEqual(detect(text));
      }),
      { numRuns: 400 },
    );
  });
});
