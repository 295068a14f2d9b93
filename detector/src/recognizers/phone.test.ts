import fc from "fast-check";
import { type CountryCode, getCountries, getExampleNumber } from "libphonenumber-js/min";
import examples from "libphonenumber-js/examples.mobile.json";
import { describe, expect, it } from "vitest";
import { checkRows, valuesOf } from "../test/rows.ts";

describe("an international number is found as people write it", () => {
  checkRows("PHONE", [
    { text: "+49 30 1234567", finds: ["+49 30 1234567"] },
    { text: "call +49 (0)30 1234567 now", finds: ["+49 (0)30 1234567"] },
    { text: "+44 20 7946 0958, +33 1 70 18 99 00", finds: ["+44 20 7946 0958", "+33 1 70 18 99 00"] },
    {
      text: "+1 (415) 555-2671 and +1-415-555-2671 and +14155552671.",
      finds: ["+1 (415) 555-2671", "+1-415-555-2671", "+14155552671"],
    },
    { text: "tel:+4930901820;x=1", finds: ["+4930901820"] },
    { text: "+48 22 123 45 67 / +48 601 234 567", finds: ["+48 22 123 45 67", "+48 601 234 567"] },
    { text: "+45 32 12 34 56", finds: ["+45 32 12 34 56"] },
    { text: '{"phone":"+351912345678"}', finds: ["+351912345678"] },
    { text: "us (+49 30 901820) or (+49) 30 901821", finds: ["+49 30 901820", "(+49) 30 901821"] },
    { text: "+39 06 1234 5678", finds: ["+39 06 1234 5678"] },
    { text: "+31.20.123.4567", finds: ["+31.20.123.4567"] },
    { text: "0049 30 901820", finds: ["0049 30 901820"] },
    { text: "+49 30 901820 2024-05-01", finds: ["+49 30 901820"] },
    { text: "+46\u00a08\u00a0123\u00a0456\u00a078", finds: ["+46\u00a08\u00a0123\u00a0456\u00a078"] },
  ]);
});

describe("a national number is found behind a word for a phone", () => {
  checkRows("PHONE", [
    {
      text: "T: 030 1234567 · M: 0171 2345678 | F. 030 1234568",
      finds: ["030 1234567", "0171 2345678", "030 1234568"],
    },
    { text: "parcel PH674238385DE ref 51 01 11 933", finds: [] },
    { text: "t: 1718350246, t: 0.123456789, at: 0123, T: 2024-05-12", finds: [] },
    { text: "Telefón\n09 9247865\n", finds: ["09 9247865"] },
    { text: "<dt>Puhelin</dt>\n  <dd>09 9247865</dd>", finds: ["09 9247865"] },
    { text: "erä 008-2696532, référence 006-3268870", finds: [] },
    { text: "Tel.: 030/123 45 67", finds: ["030/123 45 67"] },
    { text: "call me (phone 030 1234567) or (Tel. (030) 1234567)", finds: ["030 1234567", "(030) 1234567"] },
    { text: "Telefon 030 1234567", finds: ["030 1234567"] },
    { text: "Handynummer: 0171-1234567", finds: ["0171-1234567"] },
    { text: "My phone number is (212) 555-0123.", finds: ["(212) 555-0123"] },
    { text: "call me at 212-555-0123 please", finds: ["212-555-0123"] },
    { text: "reach me on 07700 900123", finds: ["07700 900123"] },
    { text: "téléphone : 01 70 18 99 00", finds: ["01 70 18 99 00"] },
    { text: "Tél. 01.70.18.99.00", finds: ["01.70.18.99.00"] },
    { text: "teléfono 612 345 678, móvil 612345679", finds: ["612 345 678"] },
    { text: "telefono: 06 1234 5678", finds: ["06 1234 5678"] },
    { text: "telefoonnummer 06-12345678", finds: ["06-12345678"] },
    { text: "numer telefonu: 22 123 45 67", finds: ["22 123 45 67"] },
    { text: "telemóvel: 912 345 678", finds: ["912 345 678"] },
    { text: "ring 08-123 456 78", finds: ["08-123 456 78"] },
    { text: "tlf. 32 12 34 56", finds: ["32 12 34 56"] },
    { text: '"phone": "5551234567"', finds: ["5551234567"] },
    { text: "PHONE: 5551234567 FAX: 5551234568", finds: ["5551234567", "5551234568"] },
    { text: "my number is 212-555-0123", finds: ["212-555-0123"] },
    { text: "Mon numéro est le 06 12 34 56 78", finds: ["06 12 34 56 78"] },
    { text: "mój numer to 601 234 567", finds: ["601 234 567"] },
    { text: "Telefon 030 1234567 / 0171 7654321", finds: ["030 1234567", "0171 7654321"] },
  ]);
});

describe("a national number is found in its own region without any word", () => {
  checkRows("PHONE", [
    { text: "unter 030 1234567 erreichbar", finds: ["030 1234567"], options: { defaultRegion: "DE" } },
    { text: "es el 612 345 678", finds: ["612 345 678"], options: { defaultRegion: "es" } },
    { text: "c'est le 01 70 18 99 00", finds: ["01 70 18 99 00"], options: { defaultRegion: "FR" } },
    { text: "it is (212) 555-0123", finds: ["(212) 555-0123"], options: { defaultRegion: "US" } },
    { text: "id 2125550123", finds: [], options: { defaultRegion: "US" } },
    { text: "it is (212) 555-0123", finds: [] },
    { text: "030 1234567", finds: [], options: { defaultRegion: "ZZ" } },
    { text: "2024-05-01 10:30 and 12.05.2024", finds: [], options: { defaultRegion: "DE" } },
  ]);
});

describe("other numbers are no phone numbers", () => {
  checkRows("PHONE", [
    { text: "phone log 1607635102.00 -0.96", finds: [] },
    { text: "call id 550e8400-e29b-41d4-a716-446655440000", finds: [] },
    { text: "call on 2024-05-01 at 10:30:00 or 12.05.2024, 05/12/2024", finds: [] },
    { text: "phone call 2017-2018", finds: [] },
    { text: "phone price 1299.00 EUR, 1.299,00", finds: [] },
    { text: "call 112 or 911", finds: [] },
    { text: "telephone order number 1234567", finds: [] },
    { text: "phone imei 490154203237518", finds: [] },
    { text: "commit +1607635102 lines", finds: [] },
    { text: "+0123456789 a+4930901820 ++4930901820", finds: [] },
    { text: "@@ -12345,1234567 +12345,1234567 @@", finds: [] },
    { text: "+1 1 1 1 1 1", finds: [] },
    { text: "my passport number is 123-456-789", finds: [] },
    { text: "public 1234567 and republication 7654321", finds: [] },
    { text: "https://example.com/call/5551234567", finds: [] },
    { text: "1234567890 0301234567", finds: [] },
    { text: "SN 978-3-16-148410-0 call", finds: [] },
    { text: "phone [PHONE_1] or [PHONE_2]", finds: [] },
  ]);
});

describe("every country's example number", () => {
  it("is found in international form, with and without spaces", () => {
    const numbers = getCountries().flatMap((country: CountryCode) => getExampleNumber(country, examples) ?? []);
    expect(numbers.length).toBeGreaterThan(200);
    fc.assert(
      fc.property(fc.constantFrom(...numbers), fc.boolean(), (number, spaced) => {
        const written = spaced ? number.formatInternational() : number.number;
        expect(valuesOf("PHONE", `it is ${written}.`)).toEqual([written]);
      }),
      { numRuns: 500 },
    );
  });
});
