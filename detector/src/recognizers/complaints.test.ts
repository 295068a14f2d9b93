/** What users of other detectors complained about, each as a test of its own. Numbers are issues of Presidio. */
import { describe, expect, it } from "vitest";
import { detect } from "../detect.ts";
import { checkRows, valuesOf } from "../test/rows.ts";

const typesIn = (text: string): string[] => detect(text).map(({ type }) => type);

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
