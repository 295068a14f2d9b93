import { describe } from "vitest";
import { checkRows } from "../test/rows.ts";

describe("a passport's number is found behind a word for it", () => {
  checkRows("PASSPORT_NUMBER", [
    { text: "Passport no. C01X00T47", finds: ["C01X00T47"] },
    { text: "passport number: 123456789", finds: ["123456789"] },
    { text: "Reisepassnummer C01X0006H, Reisepass Nr. CFGHJKLM9", finds: ["C01X0006H", "CFGHJKLM9"] },
    { text: "Seria i numer: pașaport nr. 05 1234567", finds: ["05 1234567"] },
    { text: "cestovní pas č. 12345678, pas nr. 12345678, pas AB1234567", finds: ["12345678", "12345678", "AB1234567"] },
    { text: "Minu pass nr on KE0450491, mein Pass Nr. ist C01X00T47", finds: ["KE0450491", "C01X00T47"] },
    { text: "passeport n° 12AB34567", finds: ["12AB34567"] },
    { text: "número de pasaporte: AAB123456", finds: ["AAB123456"] },
    { text: "passaporto YA1234567, paspoort NWE123456", finds: ["YA1234567", "NWE123456"] },
    { text: "nr paszportu: AB 1234567", finds: ["AB 1234567"] },
    { text: "číslo pasu 12345678; útlevél: BH1234567", finds: ["12345678", "BH1234567"] },
    { text: "αριθμός διαβατηρίου: AE1234567, паспорт № 123456789", finds: ["AE1234567", "123456789"] },
    { text: '{"passportNumber":"C01X00T47","passport_no": "X1234567"}', finds: ["C01X00T47", "X1234567"] },
    { text: "the passport of my wife is AB1234567", finds: ["AB1234567"] },
  ]);
});

describe("machine-readable lines are found whole", () => {
  const name = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<";
  const number = "L898902C36UTO7408122F1204159ZE184226B<<<<<10";
  checkRows("PASSPORT_NUMBER", [
    { text: `${name}\n${number}`, finds: [name, number] },
    { text: `scan: ${name} ${number}.`, finds: [name, number] },
    { text: "C01X00T478D<<6408125F2702283<<<<<<<<<<<<<<<4", finds: ["C01X00T478D<<6408125F2702283<<<<<<<<<<<<<<<4"] },
    { text: "L898902C37UTO7408122F1204159ZE184226B<<<<<10", finds: [] },
    { text: "<TABLE><TR><TD>ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQR</TD>", finds: [] },
  ]);
  checkRows("ID_CARD_NUMBER", [
    {
      text: "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<",
      finds: ["I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"],
    },
    { text: "<<<<<<< HEAD\nA<B<C x<<EOF 1<2", finds: [] },
  ]);
});

describe("other numbers are no passports", () => {
  checkRows("PASSPORT_NUMBER", [
    { text: "C01X00T47, 123456789, AB1234567", finds: [] },
    { text: "passport.js 1.2.3, passport@0.7.0, passport strategy oauth20", finds: [] },
    { text: "passport valid until 12.05.2030, passport issued 2020", finds: [] },
    { text: "passport: [PASSPORT_NUMBER_1], the passport costs 81000 EUR", finds: [] },
  ]);
});
