/**
 * National, tax, social security and health numbers of Germany, Austria, Switzerland, Liechtenstein, France, Belgium, the Netherlands,
 * Luxembourg, Ireland and the United Kingdom, computed from their official definitions (linked at each row).
 */
import type { Choices } from "../random.ts";
import { crossSum, icao, luhn, mod1110, remainder, verhoeff, weighted } from "./check-digits.ts";
import { birthday, grouped, type Kind, shuffled, two, until, UPPER } from "./kind.ts";

/** ICAO letters without vowels and without letters that look like digits: what German documents are numbered with. */
const GERMAN_SERIAL = "0123456789CFGHJKLMNPRTVWXYZ";

/** § 139b AO and BZSt: one digit twice, the others at most once, ISO 7064 MOD 11,10. */
function germanTaxId(random: Choices): string {
  const digits = until(() => {
    const order = shuffled(random, [..."0123456789"]);
    // The last one goes, another takes its place and stands there twice.
    const number = shuffled(random, [...order.slice(0, 9), order[0] ?? ""]).join("");
    return number.startsWith("0") ? undefined : number;
  });
  const number = digits + mod1110(digits);
  return random.pick([number, grouped(number, [2, 3, 3])]);
}

/** § 147 SGB VI and VKVV § 4: area, date of birth, initial, serial, check over the letter's two digits. */
function germanPension(random: Choices): string {
  const { dd, mm, yy } = birthday(random);
  const area = random.pick([
    "02",
    "04",
    "09",
    "10",
    "12",
    "13",
    "14",
    "15",
    "17",
    "18",
    "20",
    "24",
    "25",
    "38",
    "52",
    "65",
  ]);
  const letter = random.pick([...UPPER]);
  const serial = random.digits(2);
  const numeric = area + dd + mm + yy + two(letter.charCodeAt(0) - 64) + serial;
  const weights = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1];
  const check = weights.reduce((sum, weight, at) => sum + crossSum(weight * Number(numeric[at])), 0) % 10;
  return random.pick([
    `${area}${dd}${mm}${yy}${letter}${serial}${check}`,
    `${area} ${dd}${mm}${yy} ${letter} ${serial}${check}`,
  ]);
}

/** GKV-Spitzenverband, KVNR: a letter, eight digits, check by weights 1 and 2 over the letter's two digits. */
function germanHealth(random: Choices): string {
  const letter = random.pick([...UPPER]);
  const digits = random.digits(8);
  const numeric = two(letter.charCodeAt(0) - 64) + digits;
  const sum = [...numeric].reduce((total, digit, at) => total + crossSum(Number(digit) * (at % 2 === 0 ? 1 : 2)), 0);
  return `${letter}${digits}${sum % 10}`;
}

/** Serial of the identity card: nine characters, to which the machine-readable line adds a tenth. */
function germanCard(random: Choices): string {
  const serial = random.pick([..."LMNPRTVWXY"]) + random.chars(GERMAN_SERIAL, 8);
  return random.pick([serial, serial + icao(serial)]);
}

/** ASVG § 31: serial, check with weights 3 7 9 5 8 4 2 1 6 mod 11, date of birth. */
function austrianInsurance(random: Choices): string {
  return until(() => {
    const { dd, mm, yy } = birthday(random);
    const serial = String(random.int(100, 999));
    const check = weighted(serial + dd + mm + yy, [3, 7, 9, 5, 8, 4, 2, 1, 6]) % 11;
    return check === 10 ? undefined : `${serial}${check}${random.pick(["", " "])}${dd}${mm}${yy}`;
  });
}

/** Office, six digits and a Luhn check: https://www.oecd.org/tax/automatic-exchange (Austria). */
function austrianTax(random: Choices): string {
  const number =
    random.pick(["03", "07", "09", "10", "16", "22", "46", "54", "59", "68", "91", "98"]) + random.digits(6);
  const whole = number + luhn(number);
  return random.pick([whole, `${whole.slice(0, 2)}-${whole.slice(2, 5)}/${whole.slice(5)}`, grouped(whole, [2, 3])]);
}

/** AHVN13: 756, nine digits, EAN-13 check. https://www.zas.admin.ch */
function swissInsurance(random: Choices): string {
  const body = `756${random.digits(9)}`;
  const sum = [...body].reduce((total, digit, at) => total + Number(digit) * (at % 2 === 0 ? 1 : 3), 0);
  return grouped(body + String((10 - (sum % 10)) % 10), [3, 4, 4], ".");
}

/** INSEE, NIR: sex, year, month, department, commune, order, key 97 − n mod 97; Corsica counts as 19 and 18. */
function frenchInsurance(random: Choices): string {
  const { yy, mm } = birthday(random);
  const department = random.pick(["75", "69", "13", "33", "59", "44", "06", "2A", "2B", "31", "99"]);
  const number = `${random.int(1, 2)}${yy}${mm}${department}${String(random.int(1, 990)).padStart(3, "0")}${String(random.int(1, 999)).padStart(3, "0")}`;
  const key = two(97 - remainder(number.replace("2A", "19").replace("2B", "18"), 97));
  return random.pick([number + key, `${grouped(number, [1, 2, 2, 2, 3])} ${key}`, `${number} ${key}`]);
}

/** DGFiP, SPI: thirteen digits, the last three are the first ten mod 511. */
function frenchTax(random: Choices): string {
  const body = `${random.int(0, 3)}${random.digits(9)}`;
  const number = body + String(remainder(body, 511)).padStart(3, "0");
  return random.pick([number, grouped(number, [2, 2, 3, 3])]);
}

/** Royal decree of 3 April 1984: date, serial, 97 − n mod 97, from 2000 on with a 2 before. */
function belgianRegister(random: Choices): string {
  const { year, yy, mm, dd } = birthday(random);
  const serial = String(random.int(1, 997)).padStart(3, "0");
  const check = two(97 - remainder((year < 2000 ? "" : "2") + yy + mm + dd + serial, 97));
  return `${yy}.${mm}.${dd}-${serial}.${check}`;
}

function belgianCard(random: Choices): string {
  const body = `59${random.digits(8)}`;
  return `${body.slice(0, 3)}-${body.slice(3)}-${two(remainder(body, 97) || 97)}`;
}

/** Elfproef: weights 9…2 and −1. */
function dutchService(random: Choices): string {
  return until(() => {
    const body = random.pick(["1", "2"]) + random.digits(7);
    const check = weighted(body, [9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    if (check === 10) return undefined;
    const number = body + String(check);
    return random.pick([number, number, grouped(number, [4, 2]), grouped(number, [3, 3])]);
  });
}

/** Law of 19 June 2013: date of birth, three digits, Luhn check and Verhoeff check, both over the first eleven. */
function luxembourgRegister(random: Choices): string {
  const { year, mm, dd } = birthday(random);
  const body = `${year}${mm}${dd}${random.digits(3)}`;
  const number = body + luhn(body) + verhoeff(body);
  return random.pick([number, grouped(number, [8])]);
}

/** S.I. 2011: weights 8…2, a second letter counts nine times, mod 23. */
function irishService(random: Choices): string {
  const body = random.digits(7);
  const second = random.pick(["", "", "A", "B", "H"]);
  const sum = weighted(body, [8, 7, 6, 5, 4, 3, 2]) + (second === "" ? 0 : (second.charCodeAt(0) - 64) * 9);
  return `${body}${"WABCDEFGHIJKLMNOPQRSTUV"[sum % 23]}${second}`;
}

/** NHS Data Dictionary: weights 10…2, 11 − s mod 11. The first digits 4, 6 and 7 are England's. */
function britishHealth(random: Choices): string {
  return until(() => {
    const body = random.pick(["4", "6", "7"]) + random.digits(8);
    const check = 11 - (weighted(body, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11);
    if (check === 10) return undefined;
    const number = body + String(check % 11);
    return random.pick([number, grouped(number, [3, 3]), grouped(number, [3, 3], "-")]);
  });
}

/** NIM39110: two letters of a table, six digits, a suffix A–D. */
function britishInsurance(random: Choices): string {
  const letters = until(() => {
    const pair = random.chars("ABCEGHJKLMNOPRSTWXYZ", 1) + random.chars("ABCEGHJKLMNPRSTWXYZ", 1);
    return ["BG", "GB", "KN", "NK", "NT", "TN", "ZZ"].includes(pair) ? undefined : pair;
  });
  const [digits, suffix] = [random.digits(6), random.pick([..."ABCD"])];
  return random.pick([`${letters}${digits}${suffix}`, `${letters} ${grouped(digits, [2, 2])} ${suffix}`]);
}

/** HMRC: the first digit checks the other nine. */
function britishTax(random: Choices): string {
  const body = random.digits(9);
  const number = `${"21987654321"[weighted(body, [6, 7, 8, 9, 10, 5, 4, 3, 2]) % 11]}${body}`;
  return random.pick([number, grouped(number, [5])]);
}

export const WEST: readonly Kind[] = [
  {
    name: "DE Steuer-IdNr",
    type: "TAX_ID",
    languages: ["de"],
    labels: ["Steuer-ID", "Steueridentifikationsnummer", "IdNr.", "Steuer-IdNr.", "steuerliche Identifikationsnummer"],
    keys: ["steuer_id", "steuerId", "taxId"],
    bare: false,
    make: germanTaxId,
  },
  {
    name: "DE Steuernummer",
    type: "TAX_ID",
    languages: ["de"],
    labels: ["Steuernummer", "St.-Nr.", "Steuer-Nr."],
    keys: ["steuernummer"],
    bare: false,
    make: (random) =>
      random.pick([
        `${random.int(10, 99)}/${random.digits(3)}/${random.digits(5)}`,
        `${random.digits(3)}/${random.digits(3)}/${random.digits(5)}`,
        `${random.digits(3)}/${random.digits(4)}/${random.digits(4)}`,
      ]),
  },
  {
    name: "DE Rentenversicherungsnummer",
    type: "SOCIAL_SECURITY_NUMBER",
    languages: ["de"],
    labels: ["Rentenversicherungsnummer", "Sozialversicherungsnummer", "SV-Nummer", "RVNR", "Versicherungsnummer"],
    keys: ["svnr", "sozialversicherungsnummer", "rvnr"],
    bare: true,
    make: germanPension,
  },
  {
    name: "DE Krankenversichertennummer",
    type: "HEALTH_ID",
    languages: ["de"],
    labels: ["Krankenversichertennummer", "KVNR", "Krankenversicherungsnummer", "Versichertennummer"],
    keys: ["kvnr", "versichertennummer"],
    bare: false,
    make: germanHealth,
  },
  {
    name: "DE Personalausweis",
    type: "ID_CARD_NUMBER",
    languages: ["de"],
    labels: ["Personalausweisnummer", "Personalausweis-Nr.", "Ausweisnummer", "Personalausweis"],
    keys: ["personalausweisnummer", "ausweisnummer"],
    bare: false,
    make: germanCard,
  },
  {
    name: "AT Sozialversicherungsnummer",
    type: "SOCIAL_SECURITY_NUMBER",
    also: ["HEALTH_ID", "NATIONAL_ID"],
    languages: ["de"],
    labels: ["Sozialversicherungsnummer", "SVNR", "SV-Nummer", "Versicherungsnummer"],
    keys: ["svnr", "sozialversicherungsnummer"],
    bare: false,
    make: austrianInsurance,
  },
  {
    name: "AT Abgabenkontonummer",
    type: "TAX_ID",
    languages: ["de"],
    labels: ["Abgabenkontonummer", "Steuernummer", "St.Nr."],
    keys: ["abgabenkontonummer", "steuernummer"],
    bare: false,
    make: austrianTax,
  },
  {
    name: "CH AHV-Nummer",
    type: "SOCIAL_SECURITY_NUMBER",
    also: ["NATIONAL_ID"],
    languages: ["de", "fr", "it"],
    labels: ["AHV-Nummer", "AHV-Nr.", "AHVN13", "numéro AVS", "No AVS", "numero AVS"],
    keys: ["ahv", "ahvNumber", "avs"],
    bare: true,
    make: swissInsurance,
  },
  {
    name: "FR NIR",
    type: "SOCIAL_SECURITY_NUMBER",
    also: ["NATIONAL_ID", "HEALTH_ID"],
    languages: ["fr"],
    labels: ["numéro de sécurité sociale", "n° de sécurité sociale", "NIR", "N° SS", "numéro de sécu"],
    keys: ["nir", "numero_securite_sociale", "numSecu"],
    bare: true,
    make: frenchInsurance,
  },
  {
    name: "FR numéro fiscal",
    type: "TAX_ID",
    languages: ["fr"],
    labels: ["numéro fiscal", "n° fiscal", "numéro fiscal de référence", "SPI"],
    keys: ["numero_fiscal", "spi"],
    bare: false,
    make: frenchTax,
  },
  {
    name: "FR carte d’identité",
    type: "ID_CARD_NUMBER",
    languages: ["fr"],
    labels: ["carte d'identité n°", "n° de CNI", "numéro de carte d'identité", "CNI"],
    keys: ["cni", "numero_carte_identite"],
    bare: false,
    make: (random) =>
      random.pick([
        `${two(random.int(4, 14))}${two(random.int(1, 12))}${random.pick(["75", "69", "13", "59"])}${random.digits(6)}`,
        random.pick([..."XDTR"]) + random.int(0, 9) + random.chars("0123456789BCDFGHJKLMNPRSTVWXYZ", 7),
      ]),
  },
  {
    name: "BE rijksregisternummer",
    type: "NATIONAL_ID",
    also: ["SOCIAL_SECURITY_NUMBER", "TAX_ID"],
    languages: ["nl", "fr"],
    labels: ["rijksregisternummer", "INSZ", "numéro national", "numéro de registre national", "NISS"],
    keys: ["rijksregisternummer", "insz", "niss"],
    bare: true,
    make: belgianRegister,
  },
  {
    name: "BE identiteitskaart",
    type: "ID_CARD_NUMBER",
    languages: ["nl", "fr"],
    labels: ["identiteitskaartnummer", "nummer identiteitskaart", "numéro de carte d'identité", "carte d'identité n°"],
    keys: ["identiteitskaart", "eid_number"],
    bare: false,
    make: belgianCard,
  },
  {
    name: "NL BSN",
    type: "NATIONAL_ID",
    also: ["SOCIAL_SECURITY_NUMBER", "TAX_ID"],
    languages: ["nl"],
    labels: ["BSN", "burgerservicenummer", "BSN-nummer", "sofinummer"],
    keys: ["bsn", "burgerservicenummer"],
    bare: false,
    make: dutchService,
  },
  {
    name: "LU matricule",
    type: "NATIONAL_ID",
    also: ["SOCIAL_SECURITY_NUMBER", "TAX_ID"],
    languages: ["fr", "de"],
    labels: ["matricule", "numéro de matricule", "matricule nationale", "Matrikelnummer CNS"],
    keys: ["matricule", "matricule_nationale"],
    bare: false,
    make: luxembourgRegister,
  },
  {
    name: "IE PPSN",
    type: "SOCIAL_SECURITY_NUMBER",
    also: ["NATIONAL_ID", "TAX_ID"],
    languages: ["en"],
    labels: ["PPSN", "PPS number", "PPS No.", "personal public service number"],
    keys: ["ppsn", "pps_number"],
    bare: false,
    make: irishService,
  },
  {
    name: "GB NHS number",
    type: "HEALTH_ID",
    languages: ["en"],
    labels: ["NHS number", "NHS No.", "NHS no", "patient's NHS number"],
    keys: ["nhs_number", "nhsNumber"],
    bare: false,
    make: britishHealth,
  },
  {
    name: "GB National Insurance number",
    type: "SOCIAL_SECURITY_NUMBER",
    languages: ["en"],
    labels: ["National Insurance number", "NI number", "NINO", "NI No."],
    keys: ["nino", "ni_number", "nationalInsuranceNumber"],
    bare: false,
    make: britishInsurance,
  },
  {
    name: "GB UTR",
    type: "TAX_ID",
    languages: ["en"],
    labels: ["UTR", "unique taxpayer reference", "UTR number", "Self Assessment UTR"],
    keys: ["utr", "unique_taxpayer_reference"],
    bare: false,
    make: britishTax,
  },
];
