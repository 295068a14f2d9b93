import { describe } from "vitest";
import { checkRows } from "../test/rows.ts";

describe("a licence plate is found behind a word for it", () => {
  checkRows("LICENCE_PLATE", [
    { text: "Kennzeichen: B-AB 123", finds: ["B-AB 123"] },
    { text: "das Kennzeichen M AB 1234E, Kfz-Kennzeichen HH-XY-99", finds: ["M AB 1234E", "HH-XY-99"] },
    { text: "immatriculation AB-123-CD", finds: ["AB-123-CD"] },
    { text: "targa AB 123 CD, targato AB123CE", finds: ["AB 123 CD", "AB123CE"] },
    { text: "matrícula 1234 BCD", finds: ["1234 BCD"] },
    { text: "number plate AB12 CDE and registration number: AB12CDF", finds: ["AB12 CDE", "AB12CDF"] },
    { text: "kenteken 12-ABC-3, kenteken: XX-99-99", finds: ["12-ABC-3", "XX-99-99"] },
    { text: "numer rejestracyjny WA 12345", finds: ["WA 12345"] },
    { text: "plaque 1-ABC-123", finds: ["1-ABC-123"] },
    { text: "Kennzeichen W-12345 A, Kontrollschild ZH 123456", finds: ["W-12345 A", "ZH 123456"] },
    { text: "regnr ABC 123, rekisteritunnus ABC-123", finds: ["ABC 123", "ABC-123"] },
    { text: "SPZ: 1A2 3456, rendszám AA BB-123", finds: ["1A2 3456", "AA BB-123"] },
    { text: "număr de înmatriculare B 123 ABC; registarska oznaka ZG 1234-AB", finds: ["B 123 ABC", "ZG 1234-AB"] },
    { text: '{"licensePlate":"AB-123-CD","plate_number": "B AB 123"}', finds: ["AB-123-CD", "B AB 123"] },
    { text: "Kennzeichen B-AB 123 und M-XY 4567", finds: ["B-AB 123", "M-XY 4567"] },
    { text: "αριθμός κυκλοφορίας ΥΒΚ 6525, πινακίδα ΙΚΧ-1234", finds: ["ΥΒΚ 6525", "ΙΚΧ-1234"] },
    { text: "рег. № СА 1564 ВХ, регистрационен номер В1234АК", finds: ["СА 1564 ВХ", "В1234АК"] },
    { text: '{"plateNumber":"СА 1564 ВХ"}', finds: ["СА 1564 ВХ"] },
    { text: "Kennzeichen KÖ-XK 14, registarska oznaka ČK 123-AB", finds: ["KÖ-XK 14", "ČK 123-AB"] },
    { text: "nr rej. PO 5AK02", finds: ["PO 5AK02"] },
    { text: "reg. št. LJ XN-360; reg.nr: VHM 14X; auto numurs RG 311", finds: ["LJ XN-360", "VHM 14X", "RG 311"] },
  ]);
});

describe("codes of other things have the same shapes", () => {
  checkRows("LICENCE_PLATE", [
    { text: "SKU AB-12-CD, part AB-123-CD, flight LH 1234, error B-AB 123", finds: [] },
    { text: "EU 2016/679, ISO 13616-1, RFC 5321, IN 2024 THE 12 MONKEYS", finds: [] },
    { text: "template 1234, contemplate AB12, boilerplate AB12CDE", finds: [] },
    { text: "πινακίδα ΔΕΗ 6525; регистрационен номер ЩЖ 1234 ЮЯ", finds: [] },
    { text: "plates: 12 forks: 34, plate 1234", finds: [] },
  ]);
});
