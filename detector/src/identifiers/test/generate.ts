/**
 * Values of every row, made for tests: drawn at random with the structure that the row asks for, and drawn again until its
 * check digits hold. Nobody's numbers, but possible ones. Dates of birth lie between 1931 and 2009.
 */
import type { Choices } from "../../test/random.ts";
import type { Places } from "../checksum.ts";
import type { IdentifierRow } from "../row.ts";

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DRAWS_MAX = 60_000;

/** Two digits each, but for `y`, which has four. */
interface Birth {
  readonly y: string;
  readonly yy: string;
  readonly mm: string;
  readonly dd: string;
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const two = (value: number): string => String(value).padStart(2, "0");

function birth({ int }: Choices): Birth {
  const [year, month, day] = [int(1931, 2009), int(1, 12), int(1, 28)];
  return { year, month, day, y: String(year), yy: two(year % 100), mm: two(month), dd: two(day) };
}

type Draft = (random: Choices, birth: Birth) => string;

const birthNumber: Draft = ({ digits, int }, { yy, month, dd }) =>
  `${yy}${two(month + int(0, 1) * 50)}${dd}${digits(4)}`;
const baltic: Draft = ({ digits, int }, { year, yy, mm, dd }) =>
  `${(year < 2000 ? 3 : 5) + int(0, 1)}${yy}${mm}${dd}${digits(4)}`;
const dayFirst =
  (rest: number): Draft =>
  ({ digits }, { dd, mm, yy }) =>
    `${dd}${mm}${yy}${digits(rest)}`;
const master =
  (region: number): Draft =>
  ({ digits }, { dd, mm, y }) =>
    `${dd}${mm}${y.slice(1)}${region}${digits(5)}`;
const ahv: Draft = ({ digits }) => `756${digits(10)}`;

/** By row; the others are drawn from their form alone. */
const DRAFTS: Readonly<Record<string, Draft>> = {
  "at-abgabenkonto": ({ pick, digits }) => `${pick(["03", "04", "12", "46", "68", "91"])}${digits(7)}`,
  "at-svnr": ({ int, digits }, { dd, mm, yy }) => `${int(100, 999)}${digits(1)}${dd}${mm}${yy}`,
  "be-rrn": ({ digits }, { yy, mm, dd }) => `${yy}${mm}${dd}${digits(5)}`,
  "be-bis": ({ digits, pick }, { yy, month, dd }) => `${yy}${two(month + pick([20, 40]))}${dd}${digits(5)}`,
  "bg-egn": ({ digits }, { year, yy, month, dd }) => `${yy}${two(month + (year < 2000 ? 0 : 40))}${dd}${digits(4)}`,
  "ch-ahv": ahv,
  "cz-rc": birthNumber,
  "de-idnr": ({ int, digits }) => {
    // One digit is left out, another stands in its place.
    const order = Array.from({ length: 10 }, (_, digit) => String(digit));
    for (let last = 9; last > 0; last--) order.push(...order.splice(int(0, last), 1));
    order[int(1, 8)] = order[0] ?? "";
    return order.join("") + digits(1);
  },
  "de-personalausweis": ({ pick, chars }) => `${pick([..."LMNPRTVWXY"])}${chars("0123456789CFGHJKLMNPRTVWXYZ", 9)}`,
  "de-rvnr": ({ pick, digits }, { dd, mm, yy }) =>
    `${pick(["02", "15", "40", "52", "65", "80"])}${dd}${mm}${yy}${pick([...UPPER])}${digits(3)}`,
  "de-steuernummer": ({ digits }) => `${digits(4)}0${digits(8)}`,
  "dk-cpr": ({ digits, int }, { year, dd, mm, yy }) =>
    `${dd}${mm}${yy}${year < 2000 ? int(0, 3) : int(4, 9)}${digits(3)}`,
  "ee-ik": baltic,
  "es-nie": ({ pick, digits }) => `${pick([..."XYZXYZKLM"])}${digits(7)}${pick([..."TRWAGMYFPDXBNJZSQVHLCKE"])}`,
  "es-nuss": ({ int, digits }) => `${two(int(1, 50))}${digits(10)}`,
  "eu-ehic": ({ pick, digits }) => `80${pick(["040", "276", "756", "380", "616"])}${digits(15)}`,
  "fi-hetu": ({ int, pick }, { year, dd, mm, yy }) => {
    const sign = year < 2000 ? pick(["", "Y", "X", "W", "V", "U"]) : pick([..."ABCDEF"]);
    return `${dd}${mm}${yy}${sign}${String(int(2, 899)).padStart(3, "0")}${pick([..."0123456789ABCDEFHJKLMNPRSTUVWXY"])}`;
  },
  "fr-cni": ({ pick, chars }) =>
    `${pick([..."CDFGHJ"])}${chars("0123456789CDFGHJKLMNPRTVWXZ", 7)}${pick([..."0123456789"])}`,
  "fr-nir": ({ int, pick, digits }, { yy, mm }) =>
    `${int(1, 2)}${yy}${mm}${pick(["75", "13", "2A", "2B", "59", "99"])}${digits(8)}`,
  "fr-nir-13": ({ int, pick, digits }, { yy, mm }) =>
    `${int(1, 2)}${yy}${mm}${pick(["75", "13", "2A", "2B", "59", "99"])}${digits(6)}`,
  "fr-spi": ({ int, digits }) => {
    const body = `${int(0, 3)}${digits(9)}`;
    return body + String(Number(body) % 511).padStart(3, "0");
  },
  "gb-chi": dayFirst(4),
  "gr-amka": dayFirst(5),
  "hr-jmbg": master(3),
  "hu-szemelyi": ({ int, digits }, { year, yy, mm, dd }) =>
    `${(year < 2000 ? 1 : 3) + int(0, 1)}${yy}${mm}${dd}${digits(4)}`,
  "is-kennitala": ({ int, digits }, { year, dd, mm, yy }) =>
    `${dd}${mm}${yy}${int(20, 99)}${digits(1)}${year < 2000 ? 9 : 0}`,
  // With a province in the places where a company's number has one.
  "it-cf-provvisorio": ({ int, digits }) => `${digits(7)}${String(int(1, 99)).padStart(3, "0")}${digits(1)}`,
  "it-cf": ({ chars, pick, digits }, { yy, day, month }) =>
    `${chars(UPPER, 6)}${yy}${"ABCDEHLMPRST"[month - 1]}${two(day + pick([0, 40]))}${pick([..."ABCDEFGHILMZ"])}${digits(3)}${pick([...UPPER])}`,
  "li-ahv": ahv,
  "lt-ak": baltic,
  "lu-matricule": ({ digits }, { y, mm, dd }) => `${y}${mm}${dd}${digits(5)}`,
  "lv-pk": ({ digits }, { year, dd, mm, yy }) => `${dd}${mm}${yy}${year < 2000 ? 1 : 2}${digits(4)}`,
  "mt-id": ({ digits, pick }) => `${digits(7)}${pick([..."MGAPLHBZ"])}`,
  "no-dnr": ({ int, digits }, { year, day, mm, yy }) =>
    `${two(day + 40)}${mm}${yy}${year < 2000 ? int(100, 499) : int(500, 999)}${digits(2)}`,
  "no-fnr": ({ int, digits }, { year, dd, mm, yy }) =>
    `${dd}${mm}${yy}${year < 2000 ? int(100, 499) : int(500, 999)}${digits(2)}`,
  "pl-pesel": ({ digits }, { year, yy, month, dd }) => `${yy}${two(month + (year < 2000 ? 0 : 20))}${dd}${digits(5)}`,
  "pt-cc": ({ digits, pick }) => `${digits(9)}${pick([...UPPER])}${pick([...UPPER])}${digits(1)}`,
  "ro-cnp": ({ int, digits }, { year, yy, mm, dd }) =>
    `${(year < 2000 ? 1 : 5) + int(0, 1)}${yy}${mm}${dd}${two(int(1, 46))}${digits(4)}`,
  "se-pnr": ({ digits }, { y, mm, dd }) => `${y}${mm}${dd}${digits(4)}`,
  "si-emso": master(5),
  "sk-rc": birthNumber,
};

/** What `check` is given for a compact value, capitals and digits only. */
export function placesOf(compact: string): Places {
  return Uint8Array.from(compact, (char) => Number.parseInt(char, 36));
}

/** Characters of the form that reach the check. */
function wild(form: string): string {
  return form.replaceAll(/[^#@*]/g, "");
}

function fromForm(form: string, { chars }: Choices): string {
  return wild(form).replaceAll(/./g, (sign) =>
    chars(sign === "#" ? "0123456789" : sign === "@" ? UPPER : `0123456789${UPPER}`, 1),
  );
}

/** A compact value of the row: its check says no "false", and neither does `alone`. */
export function valueOf(row: IdentifierRow, random: Choices): string {
  const draft = DRAFTS[row.id];
  for (let draw = 0; draw < DRAWS_MAX; draw++) {
    const compact = draft === undefined ? fromForm(random.pick(row.shapes), random) : draft(random, birth(random));
    const places = placesOf(compact);
    if (/^(.)\1*$/.test(compact) || !/\d{2}/.test(compact)) continue;
    if (row.check?.(places) !== false && row.alone?.(places) !== false) return compact;
  }
  throw new Error(`no value of ${row.id} in ${DRAWS_MAX} draws`);
}

/** The value in that form, or undefined when it does not fit: letters where the form has digits, another length. */
export function printed(form: string, compact: string): string | undefined {
  const mask = form.replace("!", "");
  if (wild(mask).length !== compact.length) return undefined;
  let at = 0;
  let text = "";
  for (const sign of mask) {
    if (!"#@*".includes(sign)) {
      text += sign;
      continue;
    }
    const char = compact[at++] ?? "";
    const digit = char >= "0" && char <= "9";
    if ((sign === "#" && !digit) || (sign === "@" && digit)) return undefined;
    text += char;
  }
  return text;
}

/** The value in every form that it fits; the mark for standing alone is kept in `form`. */
export function formsOf(row: IdentifierRow, compact: string): { form: string; text: string }[] {
  return row.shapes.flatMap((form) => {
    const text = printed(form, compact);
    return text === undefined ? [] : [{ form, text }];
  });
}
