/**
 * National, tax, social security and health numbers of Spain, Portugal, Italy, Greece, Cyprus, Malta, Croatia and Slovenia, computed
 * from their official definitions.
 */
import type { Choices } from "../random.ts";
import { luhn, mod1110, remainder, weighted } from "./check-digits.ts";
import { birthday, grouped, type Kind, two, until, UPPER } from "./kind.ts";

const SPANISH_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE";

/** Real Decreto 1553/2005: number mod 23 names the letter; X, Y, Z of a foreigner's number count as 0, 1, 2. */
function spanishIdentity(random: Choices): string {
  const body = random.digits(8);
  const letter = SPANISH_LETTERS[remainder(body, 23)];
  return random.pick([`${body}${letter}`, `${body}-${letter}`, `${grouped(body, [2, 3], ".")}-${letter}`]);
}

function spanishForeigner(random: Choices): string {
  const first = random.int(0, 2);
  const body = random.digits(7);
  const letter = SPANISH_LETTERS[remainder(`${first}${body}`, 23)];
  return random.pick([`${"XYZ"[first]}${body}${letter}`, `${"XYZ"[first]}-${body}-${letter}`]);
}

/** Tesorería General: province, eight digits, number mod 97. */
function spanishInsurance(random: Choices): string {
  const [province, serial] = [two(random.int(1, 50)), String(random.int(10_000_000, 99_999_999))];
  const check = two(remainder(province + serial, 97));
  return random.pick([
    `${province}${serial}${check}`,
    `${province}/${serial}/${check}`,
    `${province} ${serial} ${check}`,
  ]);
}

/** Weights 9…2, 11 − s mod 11, ten and eleven become 0. Natural persons begin with 1, 2 or 3. */
function portugueseTax(random: Choices): string {
  const body = random.pick(["1", "2", "3"]) + random.digits(7);
  const check = 11 - (weighted(body, [9, 8, 7, 6, 5, 4, 3, 2]) % 11);
  const number = body + String(check > 9 ? 0 : check);
  return random.pick([number, grouped(number, [3, 3])]);
}

/** Cartão de Cidadão: civil number with its check, version, check of the whole (Luhn over letters and digits). */
function portugueseCard(random: Choices): string {
  const civil = `1${random.digits(7)}`;
  const civilCheck = 11 - (weighted(civil, [9, 8, 7, 6, 5, 4, 3, 2]) % 11);
  const body = `${civil}${civilCheck > 9 ? 0 : civilCheck}Z${random.pick([..."XYZ"])}`;
  let sum = 0;
  for (const [at, char] of [...body].entries()) {
    const value = Number.parseInt(char, 36) * (at % 2 === 0 ? 2 : 1);
    // The scheme takes 9 off what doubling makes larger than 9, letters included.
    sum += at % 2 === 0 && value > 9 ? value - 9 : value;
  }
  const number = body + String((10 - (sum % 10)) % 10);
  return random.pick([number, grouped(number, [8, 1])]);
}

/** Segurança Social: primes as weights, 9 − s mod 10. */
function portugueseInsurance(random: Choices): string {
  const body = random.pick(["11", "12"]) + random.digits(8);
  return body + String(9 - (weighted(body, [29, 23, 19, 17, 13, 11, 7, 5, 3, 2]) % 10));
}

const ITALIAN_ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
const CONSONANTS = "BCDFGLMNPRSTVZ";

/** D.M. 23 December 1976: six letters of the name, birth, municipality, check letter. */
function italianTax(random: Choices): string {
  const { yy, month, day } = birthday(random);
  const woman = random.int(0, 1) === 1;
  const body =
    random.chars(CONSONANTS, 6) +
    yy +
    "ABCDEHLMPRST"[month - 1] +
    two(day + (woman ? 40 : 0)) +
    random.pick(["H501", "F205", "L219", "F839", "A944", "D612", "G273", "Z112", "Z404"]);
  const sum = [...body].reduce((total, char, at) => {
    const value = /\d/.test(char) ? Number(char) : char.charCodeAt(0) - 65;
    return total + (at % 2 === 0 ? (ITALIAN_ODD[value] ?? 0) : value);
  }, 0);
  const code = `${body}${UPPER[sum % 26]}`;
  return random.pick([code, code, code.toLowerCase(), grouped(code, [3, 3, 5])]);
}

/** Powers of two, mod 11 mod 10. */
function greekTax(random: Choices): string {
  const body = random.pick(["0", "1"]) + random.digits(7);
  return body + String((weighted(body, [256, 128, 64, 32, 16, 8, 4, 2]) % 11) % 10);
}

function greekInsurance(random: Choices): string {
  const { dd, mm, yy } = birthday(random);
  const body = dd + mm + yy + random.digits(4);
  return body + luhn(body);
}

/** Tax Department of Cyprus: even places count as they are, odd places by a table; sum mod 26 names the letter. */
function cypriotTax(random: Choices): string {
  const body = `0${random.digits(7)}`;
  const table = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
  const sum = [...body].reduce(
    (total, digit, at) => total + (at % 2 === 0 ? (table[Number(digit)] ?? 0) : Number(digit)),
    0,
  );
  return `${body}${UPPER[sum % 26]}`;
}

function croatianIdentity(random: Choices): string {
  const body = random.digits(10);
  return body + mod1110(body);
}

/** Uradni list 8/1999: date of birth with three digits of the year, region 50, serial, weights 7…2 twice. */
function slovenianIdentity(random: Choices): string {
  return until(() => {
    const { dd, mm, year } = birthday(random);
    const body = `${dd}${mm}${String(year).slice(1)}50${random.digits(3)}`;
    const check = 11 - (weighted(body, [7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11);
    return check === 10 ? undefined : body + String(check % 11);
  });
}

function slovenianTax(random: Choices): string {
  return until(() => {
    const body = String(random.int(1_000_000, 9_999_999));
    const check = 11 - (weighted(body, [8, 7, 6, 5, 4, 3, 2]) % 11);
    return check === 11 ? undefined : body + String(check % 10);
  });
}

export const SOUTH: readonly Kind[] = [
  {
    name: "ES DNI",
    type: "NATIONAL_ID",
    also: ["TAX_ID", "ID_CARD_NUMBER"],
    languages: ["es"],
    labels: ["DNI", "NIF", "DNI/NIF", "número de DNI", "D.N.I."],
    keys: ["dni", "nif"],
    bare: false,
    make: spanishIdentity,
  },
  {
    name: "ES NIE",
    type: "NATIONAL_ID",
    also: ["TAX_ID", "ID_CARD_NUMBER"],
    languages: ["es"],
    labels: ["NIE", "número de NIE", "N.I.E.", "número de identidad de extranjero"],
    keys: ["nie"],
    bare: false,
    make: spanishForeigner,
  },
  {
    name: "ES número de la Seguridad Social",
    type: "SOCIAL_SECURITY_NUMBER",
    languages: ["es"],
    labels: [
      "número de la Seguridad Social",
      "NUSS",
      "n.º de afiliación a la Seguridad Social",
      "número de afiliación",
      "NSS",
    ],
    keys: ["nuss", "numero_seguridad_social"],
    bare: false,
    make: spanishInsurance,
  },
  {
    name: "PT NIF",
    type: "TAX_ID",
    also: ["NATIONAL_ID"],
    languages: ["pt"],
    labels: ["NIF", "número de contribuinte", "contribuinte n.º", "número de identificação fiscal"],
    keys: ["nif", "contribuinte"],
    bare: false,
    make: portugueseTax,
  },
  {
    name: "PT Cartão de Cidadão",
    type: "ID_CARD_NUMBER",
    also: ["NATIONAL_ID"],
    languages: ["pt"],
    labels: ["Cartão de Cidadão", "cartão de cidadão n.º", "número do cartão de cidadão", "CC n.º"],
    keys: ["cartao_cidadao", "numeroCartaoCidadao"],
    bare: false,
    make: portugueseCard,
  },
  {
    name: "PT NISS",
    type: "SOCIAL_SECURITY_NUMBER",
    languages: ["pt"],
    labels: ["NISS", "número de segurança social", "n.º de beneficiário da Segurança Social"],
    keys: ["niss"],
    bare: false,
    make: portugueseInsurance,
  },
  {
    name: "PT número de utente",
    type: "HEALTH_ID",
    languages: ["pt"],
    labels: ["número de utente", "n.º de utente", "utente n.º", "número SNS"],
    keys: ["numero_utente", "utente"],
    bare: false,
    make: (random) => {
      const number = random.pick(["1", "2", "3"]) + random.digits(8);
      return random.pick([number, grouped(number, [3, 3])]);
    },
  },
  {
    name: "IT codice fiscale",
    type: "TAX_ID",
    also: ["NATIONAL_ID", "HEALTH_ID"],
    languages: ["it"],
    labels: ["codice fiscale", "C.F.", "cod. fisc.", "CF"],
    keys: ["codice_fiscale", "codiceFiscale", "cf"],
    bare: true,
    make: italianTax,
  },
  {
    name: "IT carta d’identità",
    type: "ID_CARD_NUMBER",
    languages: ["it"],
    labels: ["carta d'identità n.", "numero della carta d'identità", "carta d'identità", "C.I. n."],
    keys: ["carta_identita", "numeroCartaIdentita"],
    bare: false,
    make: (random) =>
      random.pick([`CA${random.digits(5)}${random.chars(UPPER, 2)}`, `${random.chars(UPPER, 2)}${random.digits(7)}`]),
  },
  {
    name: "GR ΑΦΜ",
    type: "TAX_ID",
    languages: ["el"],
    labels: ["ΑΦΜ", "Α.Φ.Μ.", "αριθμός φορολογικού μητρώου"],
    keys: ["afm", "ΑΦΜ"],
    bare: false,
    make: greekTax,
  },
  {
    name: "GR ΑΜΚΑ",
    type: "SOCIAL_SECURITY_NUMBER",
    also: ["HEALTH_ID", "NATIONAL_ID"],
    languages: ["el"],
    labels: ["ΑΜΚΑ", "Α.Μ.Κ.Α.", "αριθμός κοινωνικής ασφάλισης"],
    keys: ["amka", "ΑΜΚΑ"],
    bare: false,
    make: greekInsurance,
  },
  {
    name: "GR ταυτότητα",
    type: "ID_CARD_NUMBER",
    languages: ["el"],
    labels: ["ΑΔΤ", "αριθμός δελτίου ταυτότητας", "αριθμός ταυτότητας", "Α.Δ.Τ."],
    keys: ["adt", "arithmos_taftotitas"],
    bare: false,
    make: (random) => random.chars("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", 2) + random.pick([" ", "", "-"]) + random.digits(6),
  },
  {
    name: "CY TIC",
    type: "TAX_ID",
    languages: ["el", "en"],
    labels: ["ΑΦΤ", "TIC", "tax identification code", "tax ID"],
    keys: ["tic", "taxIdentificationCode"],
    bare: false,
    make: cypriotTax,
  },
  {
    name: "MT identity card",
    type: "ID_CARD_NUMBER",
    also: ["NATIONAL_ID", "TAX_ID"],
    languages: ["en"],
    labels: ["ID card number", "identity card number", "ID card no.", "identity card no"],
    keys: ["idCardNumber", "id_card"],
    bare: false,
    make: (random) => random.digits(7) + random.pick([..."MGAPLHBZ"]),
  },
  {
    name: "HR OIB",
    type: "NATIONAL_ID",
    also: ["TAX_ID"],
    languages: ["hr"],
    labels: ["OIB", "osobni identifikacijski broj", "OIB broj"],
    keys: ["oib"],
    bare: false,
    make: croatianIdentity,
  },
  {
    name: "HR MBO",
    type: "HEALTH_ID",
    languages: ["hr"],
    labels: ["MBO", "matični broj osiguranika", "broj zdravstvene iskaznice"],
    keys: ["mbo"],
    bare: false,
    make: (random) => String(random.int(100_000_000, 999_999_999)),
  },
  {
    name: "HR osobna iskaznica",
    type: "ID_CARD_NUMBER",
    languages: ["hr"],
    labels: ["broj osobne iskaznice", "osobna iskaznica br.", "osobna iskaznica"],
    keys: ["osobna_iskaznica"],
    bare: false,
    make: (random) => `1${random.digits(8)}`,
  },
  {
    name: "SI EMŠO",
    type: "NATIONAL_ID",
    languages: ["sl"],
    labels: ["EMŠO", "enotna matična številka občana", "EMŠO številka"],
    keys: ["emso"],
    bare: false,
    make: slovenianIdentity,
  },
  {
    name: "SI davčna številka",
    type: "TAX_ID",
    languages: ["sl"],
    labels: ["davčna številka", "davčna št.", "davčna"],
    keys: ["davcna_stevilka", "davcna"],
    bare: false,
    make: slovenianTax,
  },
  {
    name: "SI ZZZS",
    type: "HEALTH_ID",
    languages: ["sl"],
    labels: ["številka zdravstvenega zavarovanja", "ZZZS številka", "številka kartice zdravstvenega zavarovanja"],
    keys: ["zzzs"],
    bare: false,
    make: (random) => `0${random.digits(8)}`,
  },
];
