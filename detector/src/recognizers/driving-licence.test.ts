import { describe } from "vitest";
import { checkRows } from "../test/rows.ts";

describe("a driving licence is found behind a word for it, Great Britain's by itself", () => {
  checkRows("DRIVING_LICENCE_NUMBER", [
    { text: "MORGA657054SM9IJ", finds: ["MORGA657054SM9IJ"] },
    { text: "licence MORGA 657054 SM9IJ 35", finds: ["MORGA 657054 SM9IJ"] },
    { text: "FOX99812159J99AB and FOX99 812159 J99AB", finds: ["FOX99812159J99AB", "FOX99 812159 J99AB"] },
    { text: "Führerscheinnummer: B072RRE2I55", finds: ["B072RRE2I55"] },
    { text: "permis de conduire n° 123456789012", finds: ["123456789012"] },
    { text: "patente di guida U1K123456X", finds: ["U1K123456X"] },
    { text: "prawo jazdy nr 12345/12/1234", finds: ["12345/12/1234"] },
    { text: "driver's license number D1234567", finds: ["D1234567"] },
    { text: '{"drivingLicence":"AB123456"}', finds: ["AB123456"] },
    { text: "číslo řidičského průkazu EL 640191, č. ŘP: ED 197095", finds: ["EL 640191", "ED 197095"] },
    { text: "pas č. 12345678, řidičák EA 123456", finds: ["EA 123456"] },
    { text: "førerkort nr. 38 22 194645 9", finds: ["38 22 194645 9"] },
    { text: "αριθμός άδειας οδήγησης 150184352, n° de permis 1134941617", finds: ["150184352", "1134941617"] },
    { text: "körkortsnummer 123456-7890; vezetői engedély száma: AB123456", finds: ["123456-7890", "AB123456"] },
  ]);
});

describe("other codes are no driving licences", () => {
  checkRows("DRIVING_LICENCE_NUMBER", [
    { text: "the public licence 12345678 is duplicated, software licence AB123456", finds: [] },
    { text: "MORGA687054SM9IJ MORGA613054SM9IJ MORGAN57054SM9IJ MORGA657054SM9IJ1", finds: [] },
    { text: "Führerschein seit 12.05.2010, driving licence since 2010-05-12", finds: [] },
    { text: "B072RRE2I55", finds: [] },
    { text: "driving licence 38221 2024 12 31", finds: ["38221"] },
  ]);
});
