/**
 * National, tax, social security and identity card numbers of Poland, Czechia, Slovakia, Hungary, Romania and Bulgaria, computed from
 * their official definitions.
 */
import type { Choices } from "../random.ts";
import { remainder, weighted } from "./check-digits.ts";
import { birthday, grouped, type Kind, two, until, UPPER } from "./kind.ts";

/** Ustawa o ewidencji ludności: weights 1 3 7 9, months of the 2000s plus 20. */
function polishRegister(random: Choices): string {
  const { yy, month, dd, year } = birthday(random);
  const body = yy + two(month + (year < 2000 ? 0 : 20)) + dd + random.digits(4);
  return body + String((10 - (weighted(body, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)) % 10);
}

function polishTax(random: Choices): string {
  return until(() => {
    const body = `${random.int(1, 9)}${random.int(1, 9)}${random.int(1, 9)}${random.digits(6)}`;
    const check = weighted(body, [6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11;
    if (check === 10) return undefined;
    const number = body + String(check);
    return random.pick([number, grouped(number, [3, 3, 2], "-"), grouped(number, [3, 2, 2], "-")]);
  });
}

/** Three letters, check digit, five digits: weights 7 3 1 · 7 3 1 7 3 and 9 for the check, sum divisible by 10. */
function polishCard(random: Choices): string {
  const [letters, digits] = [
    `${random.pick([..."ABCD"])}${random.chars("ABCDEFGHIJKLMNPRSTUVWXYZ", 2)}`,
    random.digits(5),
  ];
  const values = [...letters].map((letter) => letter.charCodeAt(0) - 55);
  const sum =
    values.reduce((total, value, at) => total + value * ([7, 3, 1][at] ?? 0), 0) + weighted(digits, [7, 3, 1, 7, 3]);
  // 9 · check ≡ −sum (mod 10), and 9 ≡ −1.
  const number = `${letters}${sum % 10}${digits}`;
  return random.pick([number, grouped(number, [3])]);
}

/** Zákon 133/2000 Sb. § 13: the ten digits are divisible by 11; a woman's month is 50 more. */
function czechBirth(random: Choices): string {
  return until(() => {
    const { yy, month, dd } = birthday(random, 1955, 2024);
    const body = yy + two(month + (random.int(0, 1) === 0 ? 0 : 50)) + dd + random.digits(3);
    const check = remainder(body, 11);
    if (check === 10) return undefined;
    return `${body.slice(0, 6)}${random.pick(["/", "/", ""])}${body.slice(6)}${check}`;
  });
}

/** 1996. évi XX. törvény: sex and century, date, serial; weights 1…10, for the born after 1996 10…1. */
function hungarianPersonal(random: Choices): string {
  return until(() => {
    const { yy, mm, dd, year } = birthday(random);
    const body = `${(year < 2000 ? 1 : 3) + random.int(0, 1)}${yy}${mm}${dd}${random.digits(3)}`;
    const rising = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    const check = weighted(body, year < 1997 ? rising : rising.toReversed()) % 11;
    if (check === 10) return undefined;
    return random.pick([
      `${grouped(body, [1, 6], "-")}${check}`,
      `${grouped(body, [1, 6])}${check}`,
      `${body}${check}`,
    ]);
  });
}

/** Weights 1…9, mod 11: 8, days since 1867-01-01, serial. */
function hungarianTax(random: Choices): string {
  return until(() => {
    const { year, month, day } = birthday(random);
    const days = Math.round((Date.UTC(year, month - 1, day) - Date.UTC(1867, 0, 1)) / 86_400_000);
    const body = `8${days}${random.digits(3)}`;
    const check = weighted(body, [1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11;
    return check === 10 ? undefined : body + String(check);
  });
}

function hungarianInsurance(random: Choices): string {
  const body = random.digits(8);
  const number = body + String(weighted(body, [3, 7, 3, 7, 3, 7, 3, 7]) % 10);
  return random.pick([number, grouped(number, [3, 3]), grouped(number, [3, 3], "-")]);
}

/** Weights 2 7 9 1 4 6 3 5 8 2 7 9, mod 11, ten becomes 1. */
function romanianPersonal(random: Choices): string {
  const { yy, mm, dd, year } = birthday(random);
  const county = two(random.pick([1, 3, 5, 8, 12, 13, 16, 22, 26, 29, 32, 35, 40, 41, 43, 46]));
  const body = `${(year < 2000 ? 1 : 5) + random.int(0, 1)}${yy}${mm}${dd}${county}${String(random.int(1, 999)).padStart(3, "0")}`;
  const check = weighted(body, [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
  return body + String(check === 10 ? 1 : check);
}

/** Months of the 2000s plus 40; weights 2 4 8 5 10 9 7 3 6, mod 11 mod 10. */
function bulgarianCivil(random: Choices): string {
  const { yy, month, dd, year } = birthday(random);
  const body = yy + two(month + (year < 2000 ? 0 : 40)) + dd + random.digits(3);
  return body + String((weighted(body, [2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11) % 10);
}

function bulgarianForeigner(random: Choices): string {
  const body = `${random.int(1, 9)}${random.digits(8)}`;
  return body + String(weighted(body, [21, 19, 17, 13, 11, 9, 7, 3, 1]) % 10);
}

export const EAST: readonly Kind[] = [
  {
    name: "PL PESEL",
    type: "NATIONAL_ID",
    also: ["SOCIAL_SECURITY_NUMBER", "TAX_ID", "HEALTH_ID"],
    languages: ["pl"],
    labels: ["PESEL", "numer PESEL", "nr PESEL", "Pesel"],
    keys: ["pesel"],
    bare: false,
    make: polishRegister,
  },
  {
    name: "PL NIP",
    type: "TAX_ID",
    languages: ["pl"],
    labels: ["NIP", "numer NIP", "nr NIP", "numer identyfikacji podatkowej"],
    keys: ["nip"],
    bare: false,
    make: polishTax,
  },
  {
    name: "PL dowód osobisty",
    type: "ID_CARD_NUMBER",
    languages: ["pl"],
    labels: ["numer dowodu osobistego", "nr dowodu", "dowód osobisty", "seria i numer dowodu osobistego"],
    keys: ["dowod_osobisty", "nrDowodu"],
    bare: false,
    make: polishCard,
  },
  {
    name: "CZ rodné číslo",
    type: "NATIONAL_ID",
    also: ["SOCIAL_SECURITY_NUMBER", "TAX_ID", "HEALTH_ID"],
    languages: ["cs"],
    labels: ["rodné číslo", "r. č.", "rč", "RČ", "rodné č."],
    keys: ["rodne_cislo", "rodneCislo"],
    bare: false,
    make: czechBirth,
  },
  {
    name: "CZ občanský průkaz",
    type: "ID_CARD_NUMBER",
    languages: ["cs"],
    labels: ["číslo občanského průkazu", "č. OP", "občanský průkaz č.", "číslo OP"],
    keys: ["cislo_op", "obcansky_prukaz"],
    bare: false,
    make: (random) => `2${random.digits(8)}`,
  },
  {
    name: "SK rodné číslo",
    type: "NATIONAL_ID",
    also: ["SOCIAL_SECURITY_NUMBER", "TAX_ID", "HEALTH_ID"],
    languages: ["sk"],
    labels: ["rodné číslo", "r. č.", "RČ", "rodné č."],
    keys: ["rodne_cislo", "rodneCislo"],
    bare: false,
    make: czechBirth,
  },
  {
    name: "SK občiansky preukaz",
    type: "ID_CARD_NUMBER",
    languages: ["sk"],
    labels: ["číslo občianskeho preukazu", "č. OP", "občiansky preukaz č.", "číslo OP"],
    keys: ["cislo_op", "obciansky_preukaz"],
    bare: false,
    make: (random) => random.chars(UPPER, 2) + random.digits(6),
  },
  {
    name: "HU személyi azonosító",
    type: "NATIONAL_ID",
    languages: ["hu"],
    labels: ["személyi azonosító", "személyi szám", "személyazonosító jel"],
    keys: ["szemelyi_azonosito", "szemelyiSzam"],
    bare: false,
    make: hungarianPersonal,
  },
  {
    name: "HU adóazonosító jel",
    type: "TAX_ID",
    languages: ["hu"],
    labels: ["adóazonosító jel", "adóazonosító", "adóazonosító jele"],
    keys: ["adoazonosito", "adoazonosito_jel"],
    bare: false,
    make: hungarianTax,
  },
  {
    name: "HU TAJ",
    type: "SOCIAL_SECURITY_NUMBER",
    also: ["HEALTH_ID"],
    languages: ["hu"],
    labels: ["TAJ szám", "TAJ-szám", "TAJ", "társadalombiztosítási azonosító jel"],
    keys: ["taj", "tajSzam"],
    bare: false,
    make: hungarianInsurance,
  },
  {
    name: "HU személyi igazolvány",
    type: "ID_CARD_NUMBER",
    languages: ["hu"],
    labels: ["személyi igazolvány száma", "személyi igazolvány szám", "szig. szám", "személyi igazolvány"],
    keys: ["szemelyi_igazolvany", "szigszam"],
    bare: false,
    make: (random) => random.digits(6) + random.chars(UPPER, 2),
  },
  {
    name: "RO CNP",
    type: "NATIONAL_ID",
    also: ["TAX_ID", "SOCIAL_SECURITY_NUMBER"],
    languages: ["ro"],
    labels: ["CNP", "cod numeric personal", "C.N.P.", "CNP-ul"],
    keys: ["cnp"],
    bare: false,
    make: romanianPersonal,
  },
  {
    name: "RO carte de identitate",
    type: "ID_CARD_NUMBER",
    languages: ["ro"],
    labels: ["CI seria", "carte de identitate seria", "buletin seria", "seria și numărul CI"],
    keys: ["carte_identitate", "ciNumber"],
    bare: false,
    make: (random) => {
      const [series, digits] = [random.pick(["RX", "RT", "MX", "KX", "CJ", "XB", "TZ"]), random.digits(6)];
      return random.pick([`${series} ${digits}`, `${series}${digits}`]);
    },
  },
  {
    name: "BG ЕГН",
    type: "NATIONAL_ID",
    also: ["TAX_ID", "SOCIAL_SECURITY_NUMBER", "HEALTH_ID"],
    languages: ["bg"],
    labels: ["ЕГН", "единен граждански номер", "Е.Г.Н."],
    keys: ["egn", "ЕГН"],
    bare: false,
    make: bulgarianCivil,
  },
  {
    name: "BG ЛНЧ",
    type: "NATIONAL_ID",
    languages: ["bg"],
    labels: ["ЛНЧ", "личен номер на чужденец"],
    keys: ["lnch", "ЛНЧ"],
    bare: false,
    make: bulgarianForeigner,
  },
  {
    name: "BG лична карта",
    type: "ID_CARD_NUMBER",
    languages: ["bg"],
    labels: ["лична карта №", "номер на лична карта", "л.к. №"],
    keys: ["lichna_karta", "idCard"],
    bare: false,
    make: (random) => `6${random.digits(8)}`,
  },
];
