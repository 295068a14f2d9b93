/** Generated values of every structured type, and sentences in ten languages that people put them in. */
import { type CountryCode, getExampleNumber, parsePhoneNumberFromString } from "libphonenumber-js/min";
import examples from "libphonenumber-js/examples.mobile.json";
import { IBAN_LENGTHS } from "../recognizers/iban.ts";
import { ALNUM, type Choices, HEX, LETTERS } from "./random.ts";

export interface Expected {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

export interface Labelled {
  readonly text: string;
  readonly expected: readonly Expected[];
}

const FIRST = [
  "anna",
  "john",
  "jürgen",
  "marie-claire",
  "josé",
  "giulia",
  "sanne",
  "zofia",
  "inês",
  "björn",
  "søren",
  "o'neill",
];
const LAST = ["smith", "müller", "dubois", "garcia", "rossi", "jansen", "kowalska", "silva", "lindqvist", "jensen"];
const HOSTS = [
  "example.com",
  "mail.example.org",
  "firma.de",
  "société.fr",
  "empresa.com.pt",
  "bolag.se",
  "x.io",
  "uni-köln.de",
];
const COUNTRIES: readonly CountryCode[] = [
  "DE",
  "FR",
  "ES",
  "IT",
  "NL",
  "PL",
  "PT",
  "SE",
  "DK",
  "GB",
  "US",
  "AT",
  "CH",
  "BE",
  "IE",
];

function mod97(rearranged: string): number {
  let remainder = 0;
  for (const char of rearranged) {
    const value = Number.parseInt(char, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder;
}

function luhn(digits: string): string {
  let sum = 0;
  for (const [index, digit] of [...digits].reverse().entries()) {
    const weighted = Number(digit) * (index % 2 === 0 ? 2 : 1);
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return digits + String((10 - (sum % 10)) % 10);
}

function phoneOf(random: Choices): string {
  for (;;) {
    const example = getExampleNumber(random.pick(COUNTRIES), examples);
    if (example === undefined) continue;
    const varied = example.number.slice(0, -4) + random.digits(4);
    const number = parsePhoneNumberFromString(varied);
    if (number?.isValid() !== true) continue;
    return random.pick([
      number.number,
      number.formatInternational(),
      number.formatInternational().replaceAll(" ", "-"),
    ]);
  }
}

const VALUES: Readonly<Record<string, (random: Choices) => string>> = {
  EMAIL: (random) => {
    const [first, last] = [random.pick(FIRST), random.pick(LAST)];
    const local = random.pick([
      `${first}.${last}`,
      `${first[0]}${last}`,
      `${first}_${random.int(1, 99)}`,
      `${last}+${random.chars(LETTERS, 4)}`,
    ]);
    return `${local}@${random.pick(HOSTS)}`;
  },
  PHONE: phoneOf,
  NATIONAL: (random) =>
    random.pick([
      `0${random.int(30, 89)}${random.pick([" ", "/", "-"])}${random.int(1, 9)}${random.digits(6)}`,
      `01${random.int(50, 79)} ${random.int(1, 9)}${random.digits(6)}`,
      `0${random.int(1, 9)} ${random.digits(2)} ${random.digits(2)} ${random.digits(2)} ${random.digits(2)}`,
      `(${random.int(201, 989)}) ${random.int(200, 999)}-${random.digits(4)}`,
      `${random.int(600, 699)} ${random.digits(3)} ${random.digits(3)}`,
      `0${random.int(600_000_000, 799_999_999)}`,
    ]),
  IBAN: (random) => {
    const [country, length] = random.pick([...IBAN_LENGTHS]);
    const bank = random.pick([random.chars("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 4), random.digits(4)]);
    const bban = bank + random.digits(length - 8);
    const iban = country + String(98 - mod97(`${bban}${country}00`)).padStart(2, "0") + bban;
    return random.pick([iban, iban.replaceAll(/(.{4})(?=.)/g, "$1 "), iban.toLowerCase()]);
  },
  CARD: (random) => {
    const prefix = random.pick(["4", "51", "55", "2221", "6011", "65", "3528", "62"]);
    const card = luhn(prefix + random.digits(15 - prefix.length));
    return random.pick([card, card.replaceAll(/(.{4})(?=.)/g, "$1 "), card.replaceAll(/(.{4})(?=.)/g, "$1-")]);
  },
  IP_ADDRESS: (random) =>
    random.pick([
      `${random.int(11, 126)}.${random.int(0, 255)}.${random.int(0, 255)}.${random.int(1, 254)}`,
      `192.168.${random.int(0, 255)}.${random.int(1, 254)}`,
      `2001:db8:${random.int(1, 9)}${random.chars(HEX, 3)}::${random.int(1, 9)}${random.chars(HEX, 2)}`,
      `2a02:${Array.from({ length: 7 }, () => random.int(1, 9) + random.chars(HEX, 3)).join(":")}`,
    ]),
  URL: (random) =>
    random.pick([
      `https://shop.example/p?user=${random.chars(LETTERS, 6)}&page=2`,
      `https://example.com/reset?token=${random.chars(ALNUM, 8)}`,
      `http://app.example/u?customerId=${random.digits(5)}`,
      `https://${random.chars(LETTERS, 5)}@intranet/files`,
    ]),
  ORDER_NUMBER: (random) =>
    random.pick([
      `${random.int(10_000, 99_999_999)}`,
      `${random.int(2019, 2026)}-${random.digits(5)}`,
      `A-${random.digits(6)}`,
    ]),
  SIGNED: (random) => `#${random.int(100, 9_999_999)}`,
  CUSTOMER_NUMBER: (random) => random.pick([`${random.int(10_000, 9_999_999)}`, `K${random.digits(6)}`]),
  ACCOUNT_NUMBER: (random) => `${random.int(1, 9)}${random.digits(random.int(6, 10))}`,
  TOKEN: (random) =>
    random.pick(["sk-" + "ant-api03-", "gh" + "p_", "gl" + "pat-", "sk_" + "live_", "np" + "m_"]) +
    random.chars(ALNUM, 36),
  PASSWORD: (random) => random.chars(ALNUM, random.int(6, 9)) + random.digits(2) + random.pick(["!", "#", "", "$x"]),
};
/** Kinds of values that are written differently but are one type. */
const TYPE_OF: Readonly<Record<string, string>> = {
  NATIONAL: "PHONE",
  SIGNED: "ORDER_NUMBER",
  TOKEN: "SECRET",
  PASSWORD: "SECRET",
};

const SENTENCES = [
  "Please contact me at {EMAIL} or {PHONE}.",
  "My name is Jane, e-mail {EMAIL}, phone: {NATIONAL}",
  "Where is order {SIGNED}? I paid with {CARD}, exp 12/27.",
  "Refund orders {SIGNED} and {SIGNED} to {IBAN} please!",
  "order number {ORDER_NUMBER} was placed on 2026-03-14 for 129.90 EUR",
  "login from {IP_ADDRESS} at 2026-03-14T10:22:33Z, session closed",
  "see {URL} and tell me, thanks",
  "the account number {ACCOUNT_NUMBER} belongs to customer no. {CUSTOMER_NUMBER}",
  "export API_KEY={TOKEN}\ncurl https://api.example.com/v1/models",
  "my password is {PASSWORD} and the user is admin",
  '{"email":"{EMAIL}","phone":"{PHONE}","orderId":"{ORDER_NUMBER}"}',
  "name;mail;iban\nMiller;{EMAIL};{IBAN}",
  "| {EMAIL} | {IP_ADDRESS} | 200 | 0.12 ms |",
  "DB_PASSWORD='{PASSWORD}' node server.js --port 8080",
  "Meine Telefonnummer ist {NATIONAL}, die Bestellnummer {ORDER_NUMBER}.",
  "Kundennummer: {CUSTOMER_NUMBER}, Konto {IBAN}, Tel. {PHONE}",
  "Bitte überweisen Sie auf {IBAN}. Rückfragen an {EMAIL}",
  "Numéro de commande : {ORDER_NUMBER}, téléphone : {NATIONAL}",
  "Mon mot de passe : {PASSWORD} (à changer), courriel {EMAIL}",
  "numéro client {CUSTOMER_NUMBER}, carte {CARD}",
  "El número de pedido {ORDER_NUMBER} y mi teléfono {NATIONAL}",
  "Número de cuenta: {ACCOUNT_NUMBER}; correo {EMAIL}",
  "Numero d'ordine: {ORDER_NUMBER}. Il mio telefono è {NATIONAL}",
  "codice cliente {CUSTOMER_NUMBER}, IBAN {IBAN}",
  "Mijn bestelnummer is {ORDER_NUMBER}, telefoon {NATIONAL}",
  "klantnummer {CUSTOMER_NUMBER}, mail {EMAIL}",
  "Numer zamówienia: {ORDER_NUMBER}, telefon {NATIONAL}",
  "numer klienta {CUSTOMER_NUMBER}, hasło: {PASSWORD}",
  "Número da encomenda {ORDER_NUMBER}, telefone {NATIONAL}",
  "número de cliente {CUSTOMER_NUMBER}, cartão {CARD}",
  "Beställningsnummer {ORDER_NUMBER}, telefon {NATIONAL}",
  "Mitt lösenord är {PASSWORD}, kundnummer {CUSTOMER_NUMBER}",
  "Ordrenummer: {ORDER_NUMBER}, tlf. {NATIONAL}",
  "kundenummer {CUSTOMER_NUMBER}, mail {EMAIL}, IP {IP_ADDRESS}",
] as const;

/** A sentence with values in it, and where they are. */
export function personalText(random: Choices): Labelled {
  let text = "";
  const expected: Expected[] = [];
  for (const part of random.pick(SENTENCES).split(/(\{[A-Z_]+\})/)) {
    const kind = /^\{([A-Z_]+)\}$/.exec(part)?.[1];
    const value = kind === undefined ? part : VALUES[kind]?.(random);
    if (kind !== undefined && value !== undefined) {
      expected.push({ type: TYPE_OF[kind] ?? kind, start: text.length, end: text.length + value.length });
    }
    text += value ?? part;
  }
  return { text, expected };
}
