/** What people write every day: mail addresses, telephone numbers, birthdays, handles, and the numbers that shops give them. */
import examples from "libphonenumber-js/examples.mobile.json";
import { type CountryCode, getExampleNumber, parsePhoneNumberFromString } from "libphonenumber-js/min";
import { ALNUM, type Choices, LETTERS } from "../random.ts";
import { remainder } from "./check-digits.ts";
import { birthday, grouped, type Kind, table, two, until, type Value } from "./kind.ts";

const GIVEN: readonly string[] =
  "anna john jürgen marie-claire josé giulia sanne zofia inês björn søren eleni petra mihai katarzyna liam aoife tamás jonas kristiina dimitra ivan lars noor".split(
    " ",
  );
const FAMILY: readonly string[] =
  "smith müller dubois garcia rossi jansen kowalska silva lindqvist jensen novak papadopoulos ionescu murphy kiss virtanen petrov horvat ozols tamm hansen de.vries".split(
    " ",
  );
const HOSTS: readonly string[] =
  "example.com mail.example.org firma.example.de société.fr empresa.com.pt bolag.se x.io uni-köln.de post.example.gr web.example.nl kancelaria.com.pl sub.mail.example.co.uk ministerstvo.gov.cz klinik.health".split(
    " ",
  );

function emailOf(random: Choices): string {
  const [first, last] = [random.pick(GIVEN), random.pick(FAMILY)];
  const local = random.pick([
    `${first}.${last}`,
    `${first[0]}${last}`,
    `${first}_${random.int(1, 99)}`,
    `${last}+${random.chars(LETTERS, 4)}`,
    `${first}${random.int(1950, 2010)}`,
    `${random.chars(LETTERS, 1)}.${last}-${random.chars(LETTERS, 3)}`,
    random.pick(["info", "praxis", "sekretariat"]) + random.chars(LETTERS, 3),
  ]);
  const address = `${local}@${random.pick(HOSTS)}`;
  return random.int(0, 9) === 0 ? address.toUpperCase() : address;
}

/** Written so that machines do not see it: "anna (at) example (dot) com". */
function hiddenEmail(random: Choices): string {
  const at = random.pick([" (at) ", " [at] ", "(at)", " AT "]);
  const dot = random.pick([".", at.includes("[") ? " [dot] " : " (dot) "]);
  const host = random
    .pick(["example.com", "example.org", "firma.de", "bolag.se"])
    .replace(".", at === " AT " ? " DOT " : dot);
  return `${random.pick(["anna", "john", "sanne", "lars"])}.${random.pick(["smith", "jansen", "novak"])}${at}${host}`;
}

/** Country → digits of a fixed-line number behind the calling code, and how many follow at random. */
const FIXED: Readonly<Record<string, readonly [prefix: string, random: number]>> = {
  AT: ["1", 7],
  BE: ["2", 7],
  BG: ["2", 7],
  CH: ["44", 7],
  CY: ["22", 6],
  CZ: ["2", 8],
  DE: ["30", 8],
  DK: ["33", 6],
  EE: ["6", 6],
  ES: ["91", 7],
  FI: ["9", 7],
  FR: ["1", 8],
  GB: ["20", 8],
  GR: ["21", 8],
  HR: ["1", 7],
  HU: ["1", 7],
  IE: ["1", 7],
  IS: ["5", 6],
  IT: ["06", 8],
  LI: ["23", 5],
  LT: ["5", 7],
  LU: ["26", 6],
  LV: ["6", 7],
  MT: ["21", 6],
  NL: ["20", 7],
  NO: ["22", 6],
  PL: ["22", 7],
  PT: ["21", 7],
  RO: ["21", 7],
  SE: ["8", 8],
  SI: ["1", 7],
  SK: ["2", 8],
  US: ["212", 7],
};
const CALLING = table(
  "AT 43|BE 32|BG 359|CH 41|CY 357|CZ 420|DE 49|DK 45|EE 372|ES 34|FI 358|FR 33|GB 44|GR 30|HR 385|HU 36|IE 353|IS 354|IT 39|LI 423|LT 370|LU 352|LV 371|MT 356|NL 31|NO 47|PL 48|PT 351|RO 40|SE 46|SI 386|SK 421|US 1",
);

/** A number that the plan of the country has, as libphonenumber knows it. */
export function phoneOf(random: Choices, country: string): { international: string[]; national: string } {
  return until(() => {
    const example = getExampleNumber(country as CountryCode, examples)?.number;
    const [prefix, length] = FIXED[country] ?? ["", 0];
    const drawn =
      example === undefined || random.int(0, 1) === 0
        ? `+${CALLING[country]}${prefix}${random.digits(length)}`
        : example.slice(0, -4) + random.digits(4);
    const number = parsePhoneNumberFromString(drawn);
    if (number?.isValid() !== true) return undefined;
    const spaced = number.formatInternational();
    return {
      international: [number.number, spaced, spaced, spaced.replaceAll(" ", "-")],
      national: number.formatNational(),
    };
  });
}

const PHONE_LANGUAGES = table(
  "AT de|BE nl fr|BG bg|CH de fr it|CY el|CZ cs|DE de|DK da|EE et|ES es|FI fi|FR fr|GB en|GR el|HR hr|HU hu|IE en|IS is|IT it|LI de|LT lt|LU fr de|LV lv|MT en|NL nl|NO nb|PL pl|PT pt|RO ro|SE sv|SI sl|SK sk|US en",
);

const PHONES: readonly Kind[] = Object.entries(PHONE_LANGUAGES).flatMap(([country, languages]): Kind[] => [
  {
    name: `${country} phone, international`,
    type: "PHONE",
    languages: languages.split(" "),
    keys: ["phone", "tel", "mobile", "phoneNumber"],
    bare: true,
    make: (random) => random.pick(phoneOf(random, country).international),
  },
  {
    name: `${country} phone, national`,
    type: "PHONE",
    languages: languages.split(" "),
    keys: ["phone", "telephone", "mobile"],
    bare: false,
    make: (random) => phoneOf(random, country).national,
  },
]);

/** With month names in the language that the text is in, as ICU has them; a dot or word behind the year is anybody's. */
export function birthDate(random: Choices, language: string): Value {
  const { year, month, day, mm, dd } = birthday(random, 1930, 2012);
  const written = new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "UTC" }).format(
    new Date(Date.UTC(year, month - 1, day)),
  );
  const numeric = ["en", "fr", "it", "es", "pt", "el"].includes(language)
    ? [`${dd}/${mm}/${year}`, `${dd}-${mm}-${year}`]
    : [`${dd}.${mm}.${year}`, `${day}.${month}.${year}`];
  const text = random.pick([...numeric, `${year}-${mm}-${dd}`, written]);
  const tail = /\s?(?:г|d|r|gads?)?\.$/.exec(text)?.[0].length ?? 0;
  return tail === 0
    ? text
    : {
        text,
        spans: [
          [0, text.length],
          [0, text.length - tail],
          [0, text.length - tail + (text.at(-tail) === " " ? 0 : 1)],
        ],
      };
}

/** Their customs differ by country, so that labels can only be right in one language. */
const ACCOUNTS: readonly Kind[] = [
  {
    name: "account number",
    type: "ACCOUNT_NUMBER",
    keys: ["accountNumber", "account_no"],
    bare: false,
    make: (random) => `${random.int(1, 9)}${random.digits(random.int(6, 10))}`,
  },
  {
    name: "CZ číslo účtu",
    type: "ACCOUNT_NUMBER",
    languages: ["cs", "sk"],
    keys: ["cislo_uctu"],
    bare: false,
    make: (random) =>
      random.pick(["", `${random.int(10, 99)}-`]) +
      `${random.int(1, 9)}${random.digits(8)}/${random.pick(["0800", "0100", "2010", "0300", "5500"])}`,
  },
  {
    name: "PL numer rachunku",
    type: "ACCOUNT_NUMBER",
    languages: ["pl"],
    keys: ["numer_konta", "nrb"],
    bare: false,
    make: (random) => {
      const bban = `1${random.digits(23)}`;
      const number = two(98 - remainder(`${bban}252100`, 97)) + bban;
      return random.pick([number, grouped(number, [2, 4, 4, 4, 4, 4])]);
    },
  },
  {
    name: "HU számlaszám",
    type: "ACCOUNT_NUMBER",
    languages: ["hu"],
    keys: ["szamlaszam", "bankszamlaszam"],
    bare: false,
    make: (random) => `1${random.digits(7)}-${random.digits(8)}${random.pick(["", `-${random.digits(8)}`])}`,
  },
  {
    name: "NO kontonummer",
    type: "ACCOUNT_NUMBER",
    languages: ["nb"],
    keys: ["kontonummer"],
    bare: false,
    make: (random) => grouped(`${random.int(1, 9)}${random.digits(10)}`, [4, 2], "."),
  },
];

export const EVERYDAY: readonly Kind[] = [
  { name: "e-mail", type: "EMAIL", keys: ["email", "mail", "emailAddress"], bare: true, make: emailOf },
  { name: "e-mail, disguised", type: "EMAIL", keys: ["contact"], bare: true, make: hiddenEmail },
  ...PHONES,
  ...ACCOUNTS,
  {
    name: "order number",
    type: "ORDER_NUMBER",
    keys: ["orderId", "order_number", "orderNo"],
    bare: false,
    make: (random) =>
      random.pick([
        `${random.int(10_000, 99_999_999)}`,
        `${random.int(2019, 2026)}-${random.digits(5)}`,
        `A-${random.digits(6)}`,
        `${random.pick(["DE", "SO", "W"])}${random.digits(7)}`,
      ]),
  },
  {
    name: "customer number",
    type: "CUSTOMER_NUMBER",
    keys: ["customerNumber", "customer_id", "clientNo"],
    bare: false,
    make: (random) =>
      random.pick([`${random.int(10_000, 9_999_999)}`, `K${random.digits(6)}`, `C-${random.digits(5)}`]),
  },
  {
    name: "user name",
    type: "USER_HANDLE",
    keys: ["username", "user_name", "login"],
    bare: false,
    make: (random) =>
      random.pick([
        `${random.pick(["jdoe", "anna", "mkowal", "lars"])}${random.int(10, 99)}`,
        `${random.pick(["john", "sanne", "petra"])}_${random.pick(["smith", "k", "novak"])}${random.int(1, 9)}`,
        `${random.pick(["zofia", "liam", "inez"])}.${random.pick(["murphy", "silva"])}`,
      ]),
  },
  {
    name: "handle",
    type: "USER_HANDLE",
    labels: ["Instagram", "Twitter", "Mastodon", "Telegram", "GitHub", "TikTok"],
    keys: ["twitter", "instagram", "telegram"],
    bare: false,
    make: (random) => {
      const text = `@${random.pick(["john_doe", "sanne.k", "petra", "the_real_lars", "novakova", "ines_s"])}${random.int(1, 999)}`;
      return {
        text,
        spans: [
          [0, text.length],
          [1, text.length],
        ],
      };
    },
  },
  {
    name: "password",
    type: "SECRET",
    keys: ["password", "passwd", "db_password"],
    bare: false,
    make: (random) => random.chars(ALNUM, random.int(6, 9)) + random.digits(2) + random.pick(["!", "#", "", "$x"]),
  },
];
