/** What users of other detectors complained about, each as a test of its own. Numbers are issues of Presidio. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { detect } from "../detect.ts";
import { readNames } from "../names/model.ts";
import { OperatorKeys } from "../operators/keys.ts";
import { restore, scrub } from "../scrub.ts";
import { checkRows, valuesOf } from "../test/rows.ts";

const names = readNames(readFileSync(new URL("../../model/names.bin", import.meta.url)));
const typesIn = (text: string): string[] => detect(text).map(({ type }) => type);
const namesIn = (text: string): string[] =>
  detect(text, { names, types: ["PERSON"] }).map(({ start, end }) => text.slice(start, end));

describe("part of a guid is no phone number (#71)", () => {
  checkRows("PHONE", [
    { text: "guid 550e8400-e29b-41d4-a716-446655440000", finds: [] },
    { text: "call {3F2504E0-4F89-11D3-9A0C-0305E82C3301} phone", finds: [] },
    { text: "phone id 12345678-1234-1234-1234-123456789012", finds: [] },
  ]);
});

it("a date with a time is neither a place, a phone nor a birth (#819)", () => {
  for (const text of [
    "2020-12-10 21:05:02",
    "2020-12-10T21:05:02.123Z",
    "10.12.2020 21:05",
    "12/10/2020 9:05 PM",
    "20201210T210502Z",
  ])
    expect(typesIn(`on ${text} it ended`)).toEqual([]);
});

it("a card is found once (#47)", () => {
  for (const card of ["4111 1111 1111 1111", "4111111111111111", "4111-1111-1111-1111"])
    expect(typesIn(`card ${card}, exp 12/27`)).toEqual(["CARD"]);
});

describe("the region of the United Kingdom is GB and is understood (#1425)", () => {
  checkRows("PHONE", [
    { text: "ask on 020 7946 0958", finds: ["020 7946 0958"], options: { defaultRegion: "GB" } },
    { text: "ask on 07400 123456", finds: ["07400 123456"], options: { defaultRegion: "gb" } },
    { text: "ask on +44 20 7946 0958", finds: ["+44 20 7946 0958"], options: { defaultRegion: "DE" } },
  ]);
});

describe("French numbers are found (#2008)", () => {
  checkRows("PHONE", [
    { text: "c'est le 06 12 34 56 78", finds: ["06 12 34 56 78"], options: { defaultRegion: "FR" } },
    { text: "c'est le 0612345678", finds: ["0612345678"], options: { defaultRegion: "FR" } },
    { text: "c'est le 06.12.34.56.78", finds: ["06.12.34.56.78"], options: { defaultRegion: "FR" } },
    { text: "au +33 6 12 34 56 78 ou 0033612345678", finds: ["+33 6 12 34 56 78", "0033612345678"] },
  ]);
});

describe("numbers without spaces are found (#1301)", () => {
  checkRows("PHONE", [
    { text: "it is +4915123456789", finds: ["+4915123456789"] },
    { text: "phone:4155552671", finds: ["4155552671"] },
    { text: "phone=+14155552671;", finds: ["+14155552671"] },
    { text: "电话+8613800138000。", finds: ["+8613800138000"] },
    { text: "unter 004915123456789 erreichbar", finds: ["004915123456789"] },
  ]);
});

it("a log of ordinary lines holds no phone numbers (#944)", () => {
  const lines = Array.from(
    { length: 50 },
    (_, i) =>
      `2020-12-10 21:05:${String(i).padStart(2, "0")},${String(100 + i)} INFO [main-${i}] 0x7f${i}a3 - took ${i * 37} ms, ` +
      `heap ${1_073_741_824 + i} bytes, thread 140${String(735_423_000_000 + i)}, offset ${1_607_635_102 + i}.00 -0.96`,
  );
  expect(detect(lines.join("\n"))).toEqual([]);
});

describe("lic in public and duplicate says nothing of a driving licence (gram #3172)", () => {
  checkRows("DRIVING_LICENCE_NUMBER", [
    { text: "public 12345678, duplicate 12345678, republic AB123456, policy D1234567", finds: [] },
    { text: "the public licence 12345678", finds: [] },
  ]);
});

it("numbers such as 1607635102.00 are nothing (#786)", () => {
  for (const text of ["1607635102.00 -0.96", "duration 1607635102.00", "96c", "phone log 1607635102.00"])
    expect(detect(text)).toEqual([]);
});

describe("a number next to a letter of another script is found", () => {
  it.each([
    ["PHONE", "+4930901820"],
    ["CARD", "4111111111111111"],
    ["IBAN", "DE89370400440532013000"],
    ["IP_ADDRESS", "203.0.113.7"],
  ])("%s", (type, value) => {
    for (const [before, after] of [
      ["电话", "谢谢"],
      ["тел", "й"],
      ["هاتف", "شكرا"],
      ["τηλ", "ς"],
      ["טלפון", "תודה"],
      ["โทร", "ครับ"],
      ["電話は", "です"],
      ["전화", "입니다"],
    ] as const) {
      expect(valuesOf(type, before + value + after), before).toEqual([value]);
    }
    for (const [before, after] of [
      ["x", ""],
      ["", "x"],
      ["é", ""],
      ["", "_"],
    ] as const) {
      expect(valuesOf(type, before + value + after), before + after).toEqual([]);
    }
  });
});

describe("an extension belongs to its number", () => {
  checkRows("PHONE", [
    { text: "call +1 415-555-2671 x123 now", finds: ["+1 415-555-2671 x123"] },
    {
      text: "call +1-415-555-2671x123, phone (212) 555-0123 ext. 45",
      finds: ["+1-415-555-2671x123", "(212) 555-0123 ext. 45"],
    },
    { text: "Tel. +49 30 901820 Durchwahl 12", finds: ["+49 30 901820 Durchwahl 12"] },
    { text: "image 1920x1080, +49 30 901820 extra", finds: ["+49 30 901820"] },
  ]);
});

describe("a round quantity is no order number", () => {
  checkRows("ORDER_NUMBER", [
    { text: "order 10000 units, order 250000 pieces, order 12500 screws", finds: [] },
    { text: "order 10001, order #10000, order number 20000", finds: ["10001", "#10000", "20000"] },
  ]);
});

it("numbers, codes and lines of logs are no persons (#786, #1173, #1352, #944)", () => {
  for (const text of [
    "1607635102.00 -0.96",
    "96c",
    "sizes 96c, 4XL and R2",
    "error code 0x7f, retries 3, rc=12",
    "2020-12-10 21:05:02,123 INFO [main-7] Worker started in 37 ms",
    "GET /api/v1/items?page=2 HTTP/1.1 200 512",
    "commit 9f86d081 v1.2.3-beta.4 (tag: v1.2.3)",
    "kubelet[1042]: E1210 21:05:02.123456 pod_workers.go:191] Error syncing pod",
    "order 12345 v1.2.3 96c 4K",
  ])
    expect(namesIn(text), text).toEqual([]);
});

it("names in capitals and in small letters are found (#1354)", () => {
  expect(namesIn("JOHN SMITH called from London")).toEqual(["JOHN SMITH"]);
  expect(namesIn("my name is john smith")).toEqual(["john smith"]);
  expect(namesIn("MARIA KELLER hat angerufen")).toEqual(["MARIA KELLER"]);
  expect(namesIn("bitte rufen sie maria keller an")).toEqual(["maria keller"]);
});

describe("eight digits, or a letter and seven, are nothing without a whole word that says what they are (#1063)", () => {
  it.each([
    "12345678 and D1234567 and 123456789",
    "accountable 12345678, accounting 123456789",
    "the bank opened 12345678 times",
    "licensed 12345678, silicone 12345678, publication D1234567",
  ])("%s", (text) => {
    expect(detect(text)).toEqual([]);
  });
});

describe("every language works without being named, its context words too (#373, #1475, #1606, #1343, #1058)", () => {
  it.each([
    ["NATIONAL_ID", "Mój PESEL to 44051401458.", "44051401458"],
    ["TAX_ID", "Meine Steuer-Identifikationsnummer lautet 86095742719.", "86095742719"],
    ["PHONE", "Sie erreichen mich telefonisch unter der Nummer 030 901820.", "030 901820"],
    ["SOCIAL_SECURITY_NUMBER", "Mon numéro de sécurité sociale est 1 84 12 76 451 089 46.", "1 84 12 76 451 089 46"],
    ["ORDER_NUMBER", "Moje číslo objednávky je 4711082.", "4711082"],
    ["CUSTOMER_NUMBER", "Ο κωδικός πελάτη μου είναι 4711082.", "4711082"],
    ["DATE_OF_BIRTH", "Роден на 12.03.1990 г. в София", "12.03.1990"],
    ["LICENCE_PLATE", "Rekisteritunnus ABC-123 on minun.", "ABC-123"],
    ["PASSPORT_NUMBER", "Az útlevélszámom: BA1234567.", "BA1234567"],
  ])("%s: %s", (type, text, value) => {
    expect(valuesOf(type, text)).toEqual([value]);
  });
});

it("many texts are one call, and answered in their order (#1045)", () => {
  const texts = ["a@example.org", "nothing", "4111 1111 1111 1111", ""];
  expect(detect(texts)).toEqual(texts.map((text) => detect(text)));
});

it("a long URL costs as much as it is long (#2063), and so does any long text (#1461, #898)", () => {
  const seconds = (text: string): number => {
    let best = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 3; run++) {
      const { user, system } = process.cpuUsage();
      detect(text);
      const after = process.cpuUsage();
      best = Math.min(best, after.user - user + (after.system - system));
    }
    return best / 1e6;
  };
  for (const part of ["a.", "a-", "%20", "/x", "&a=b", "a@", "1.2."]) {
    const url = (chars: number): string => `see http://example.org/${part.repeat(chars / part.length)} there`;
    seconds(url(10_000));
    // Sixteen times the text, where a quadratic search would take two hundred and fifty times as long.
    expect(seconds(url(160_000)), part).toBeLessThan(Math.max(seconds(url(10_000)), 0.002) * 100);
  }
});

describe("pseudonyms", () => {
  const text = "Mail a@example.org, b@example.org, then A@example.org again";
  const keys = (byte: number): OperatorKeys =>
    new OperatorKeys({ master: new Uint8Array(32).fill(byte), keyId: "k1", purpose: "tests", epoch: "1" });
  const pseudonyms = (key: OperatorKeys): string[] =>
    [
      ...scrub(text, { defaultOperator: "pseudonym", settings: { keys: key } }).scrubbed.matchAll(/\[EMAIL:(\w+)\]/g),
    ].map(([, name]) => name ?? "");

  it("are the same for the same value, here and in the next text (#1102, #1246)", () => {
    const [first, second, third] = pseudonyms(keys(1));
    expect(first).toBe(third);
    expect(first).not.toBe(second);
    expect(pseudonyms(keys(1))).toEqual([first, second, third]);
  });

  it("are another under another key, so that trying all values tells nothing (#1845)", () => {
    const [mine, theirs] = [pseudonyms(keys(1)), pseudonyms(keys(2))];
    for (const name of mine) expect(theirs).not.toContain(name);
  });

  it("can be taken back by whoever has what was replaced (#1246)", () => {
    const { scrubbed, entities } = scrub(text);
    expect(scrubbed).not.toContain("@");
    expect(restore(scrubbed, entities).toLowerCase()).toBe(text.toLowerCase());
  });
});
