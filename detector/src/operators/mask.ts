/**
 * Partial masks: what of a value stays visible, by type. One row a type, with the reason why what it shows names nobody; a
 * type without a row shows nothing, not even its length. Masks are for people who look at a list and must tell its rows
 * apart. They cannot be undone, and they link values that look alike.
 */

export interface MaskRow {
  /** What stays visible, in words. */
  readonly shows: string;
  /** Why it may. */
  readonly because: string;
  readonly mask: (value: string) => string;
}

const HIDDEN = "***";
const ALNUM = /[\p{L}\p{N}]/gu;

/** Keeps the last `last` letters and digits, and the first `first`; separators stay where they are. */
function keep(value: string, first: number, last: number): string {
  const total = value.match(ALNUM)?.length ?? 0;
  // A short value would be given away by its ends.
  const shown = total >= 2 * (first + last) ? { first, last } : { first: 0, last: 0 };
  let seen = 0;
  return value.replace(ALNUM, (character) => {
    seen++;
    return seen <= shown.first || seen > total - shown.last ? character : "*";
  });
}

function initial(text: string): string {
  return String.fromCodePoint(text.codePointAt(0) ?? 0x2a);
}

function maskEmail(value: string): string {
  const at = value.lastIndexOf("@");
  const dot = value.lastIndexOf(".");
  if (at < 1 || dot < at + 2) return HIDDEN;
  return `${initial(value)}${HIDDEN}@${initial(value.slice(at + 1))}${HIDDEN}${value.slice(dot)}`;
}

/** 14.03.1985 → **.**.198*; a date without a year of four digits shows nothing. */
function maskDate(value: string): string {
  const year = /(?<!\d)(?:1[6-9]|20)\d(?=\d(?!\d))/.exec(value);
  if (year === null) return HIDDEN;
  const at = year.index;
  // The length of a month's name would give the month away.
  const hide = (part: string) => part.replace(/\p{L}+/gu, HIDDEN).replace(/\p{N}/gu, "*");
  return hide(value.slice(0, at)) + year[0] + hide(value.slice(at + year[0].length));
}

function maskMac(value: string): string {
  let seen = 0;
  return value.replace(/[0-9a-f]/gi, (digit) => (++seen <= 6 ? digit : "*"));
}

/** 52.5163, 13.3777 → 52.*, 13.*; degrees with minutes keep their degrees too. */
function maskCoordinates(value: string): string {
  let out = value.replace(/(\d)[.,]\d+/g, "$1.*");
  if (out === value) out = value.replace(/([°d])(.*?)(?=[NSEWO]|$)/gi, "$1*");
  return out === value ? HIDDEN : out;
}

function maskWallet(value: string): string {
  return `${/^(?:0x|(?:bc|tb|ltc)1|[13LDX])/i.exec(value)?.[0] ?? ""}${HIDDEN}`;
}

const nothing = (because: string): MaskRow => ({ shows: "nothing", because, mask: () => HIDDEN });
const lastFour = "the last four, as on receipts: one account in ten thousand looks the same";
const serial = "short, and whoever knows the file knows the rest";

/** type → the part that stays visible. */
export const MASKS: Readonly<Record<string, MaskRow>> = {
  EMAIL: {
    shows: "first letter of name and domain, top-level domain",
    because: "thousands of addresses share them",
    mask: maskEmail,
  },
  PHONE: { shows: "last four digits", because: lastFour, mask: (value) => keep(value, 0, 4) },
  CARD: {
    shows: "last four digits",
    because: "PCI DSS 3.4.1 lets them be displayed, and ten thousand cards of an issuer share them",
    mask: (value) => keep(value, 0, 4),
  },
  IBAN: { shows: "country, last four digits", because: lastFour, mask: (value) => keep(value, 2, 4) },
  ACCOUNT_NUMBER: { shows: "last four digits", because: lastFour, mask: (value) => keep(value, 0, 4) },
  ORDER_NUMBER: {
    shows: "last three digits",
    because: "a thousandth of the orders",
    mask: (value) => keep(value, 0, 3),
  },
  CUSTOMER_NUMBER: {
    shows: "last three digits",
    because: "a thousandth of the customers",
    mask: (value) => keep(value, 0, 3),
  },
  IP_ADDRESS: {
    shows: "first octet or group",
    because: "it names a registry, not a line",
    mask: (value) => value.replace(/^([^.:]+)([.:]).*$/s, `$1$2${HIDDEN}`),
  },
  URL: {
    shows: "scheme",
    because: "a host can be one person's",
    mask: (value) => /^[a-z][a-z0-9+.-]*:\/\//i.exec(value)?.[0].concat(HIDDEN) ?? HIDDEN,
  },
  DATE_OF_BIRTH: {
    shows: "decade",
    because: "a tenth of a population; the day with postcode and sex names most people (Sweeney 2000)",
    mask: maskDate,
  },
  USER_HANDLE: {
    shows: "first letter",
    because: "handles are unique, so no more than that",
    mask: (value) => (/^@./u.test(value) ? `@${initial(value.slice(1))}` : initial(value)) + HIDDEN,
  },
  MAC_ADDRESS: {
    shows: "manufacturer (first three octets)",
    because: "it stands for up to 16 million devices",
    mask: maskMac,
  },
  COORDINATES: {
    shows: "whole degrees",
    because: "a field of about 110 by 70 kilometres",
    mask: maskCoordinates,
  },
  BIC: {
    shows: "country",
    because: "a small bank with a date can name a customer",
    mask: (value) => value.replace(/^([a-z0-9]{4})([a-z]{2}).*$/is, `****$2${HIDDEN}`),
  },
  CRYPTO_WALLET: {
    shows: "kind of network",
    because: "ledgers are public: four characters at each end find the wallet",
    mask: maskWallet,
  },
  SECRET: nothing("every character helps a guesser"),
  PERSON: nothing("initials name a person within any group that a reader knows"),
  LOCATION: nothing("a part of a place name is the place"),
  ORGANIZATION: nothing("a part of a company's name is the company"),
  ADDRESS: nothing("postcode and street name a household"),
  NATIONAL_ID: nothing("many hold the date of birth and the sex, and the end counts people of one day"),
  TAX_ID: nothing("many are the national number"),
  SOCIAL_SECURITY_NUMBER: nothing("the last four have served as a password for decades"),
  HEALTH_ID: nothing("it comes with health data"),
  ID_CARD_NUMBER: nothing(serial),
  PASSPORT_NUMBER: nothing(serial),
  DRIVING_LICENCE_NUMBER: nothing("the British one holds name and date of birth"),
  LICENCE_PLATE: nothing("the district with the colour of the car names the owner to his neighbours"),
};

/** `jane@example.org` → `j***@e***.org`, `4111 1111 1111 1111` → `**** **** **** 1111`. */
export function maskValue(type: string, value: string): string {
  const row = Object.hasOwn(MASKS, type) ? MASKS[type] : undefined;
  const masked = row?.mask(value) ?? HIDDEN;
  // A row that found nothing to hide shows nothing instead, unless it is looking at its own work.
  return masked === value && !value.includes("*") && /[\p{L}\p{N}]/u.test(value) ? HIDDEN : masked;
}
