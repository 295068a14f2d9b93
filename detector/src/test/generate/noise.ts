/**
 * Lines full of numbers in which there is nothing personal: as long as identifiers are, as grouped as telephone numbers are, with check
 * digits that fail or that belong to things. None of the words that announce personal data stands in them.
 */
import { ALNUM, type Choices, HEX, LETTERS } from "../random.ts";
import { luhn } from "./check-digits.ts";
import { grouped, type Kind, two, UPPER } from "./kind.ts";

const uuid = (random: Choices): string => [8, 4, 4, 4, 12].map((length) => random.chars(HEX, length)).join("-");

function moment(random: Choices): string {
  const [year, month, day] = [random.int(2010, 2029), two(random.int(1, 12)), two(random.int(1, 28))];
  const time = `${two(random.int(0, 23))}:${two(random.int(0, 59))}:${two(random.int(0, 59))}`;
  return random.pick([
    `${year}-${month}-${day}T${time}Z`,
    `${year}-${month}-${day} ${time},${random.digits(3)}`,
    `${day}.${month}.${year} ${time.slice(0, 5)}`,
    `${day}/${month}/${year}`,
    `${year}${month}${day}T${time.replaceAll(":", "")}`,
    `${day}/Oct/${year}:${time} +0200`,
    `17${random.digits(8)}`,
    `17${random.digits(11)}`,
  ]);
}

/** Digits of a checked scheme that stands for things: EAN-13, ISBN-13, IMO, S10, UIC wagon numbers. */
function checkedThing(random: Choices): string {
  const body = random.pick(["400", "978", "541", "871", "590"]) + random.digits(9);
  const sum = [...body].reduce((total, digit, at) => total + Number(digit) * (at % 2 === 0 ? 1 : 3), 0);
  const ean = body + String((10 - (sum % 10)) % 10);
  const wagon = random.pick(["31", "33", "81", "51"]) + random.digits(9);
  return random.pick([
    `EAN ${ean}`,
    `ISBN ${grouped(`978${ean.slice(3)}`, [3, 1, 2, 6], "-")}`,
    `barcode ${ean}`,
    `wagon ${grouped(wagon, [2, 2, 4])}-${luhn(wagon)}`,
    `ISSN ${random.digits(4)}-${random.digits(4)}`,
    `parcel ${random.chars(UPPER, 2)}${random.digits(9)}DE`,
    `tracking 1Z${random.chars(`${UPPER}0123456789`, 6)}${random.digits(10)}`,
    `tracking JJD${random.digits(17)}`,
    `IMO ${random.digits(7)}`,
  ]);
}

/** Article and part numbers in a dozen languages, grouped like telephone numbers and identifiers. */
function part(random: Choices): string {
  const label = random.pick([
    ..."part no.|SKU|serial|model|batch|Artikelnummer|Teilenummer|Charge|Seriennummer|référence|lot n°|numéro de série".split(
      "|",
    ),
    ..."referencia|lote|numero di serie|lotto|artikelnummer|serienummer|numer seryjny|partia|artikkelnummer|šarže|výrobní číslo".split(
      "|",
    ),
    ..."κωδικός προϊόντος|παρτίδα|сериен номер|партида|sarja|erä|gyártási szám|cikkszám|serijska številka|partijas numurs".split(
      "|",
    ),
  ]);
  const value = random.pick([
    `0${random.digits(2)}-${random.digits(7)}`,
    `${random.digits(3)}-${random.digits(3)}-${random.digits(4)}`,
    `${random.digits(2)} ${random.digits(3)} ${random.digits(3)}`,
    `${random.digits(3)}.${random.digits(3)}.${random.digits(3)}`,
    `${random.chars(UPPER, 2)}${random.digits(6)}`,
    `${random.chars(UPPER, 1)}${random.digits(8)}`,
    `${random.chars(UPPER, 3)}-${random.digits(3)}`,
    `${random.digits(6)}-${random.digits(4)}`,
    `${random.digits(6)}/${random.digits(4)}`,
    random.digits(random.int(8, 14)),
  ]);
  return `${label} ${value}`;
}

function quantity(random: Choices): string {
  return random.pick([
    `${random.int(1, 999)}.${random.digits(3)},${random.digits(2)} EUR`,
    `$${random.int(1, 999)},${random.digits(3)}.${random.digits(2)}`,
    `${random.int(1, 99)} ${random.digits(3)} ${random.digits(3)} km`,
    `${random.int(1, 9)}.${random.digits(15)}`,
    `${random.digits(2)}.${random.digits(2)} %, ${random.int(1, 99)} x ${random.int(1, 99)} mm`,
    `-${random.digits(1)}.${random.digits(2)} ${random.digits(10)}.${random.digits(2)}`,
    `${random.int(640, 7680)}x${random.int(480, 4320)}`,
    `± 0.${random.digits(6)} µm, ${random.int(100, 999)} kPa, pH ${random.int(1, 13)}.${random.digits(1)}`,
  ]);
}

/** Numbers of every length that identifiers have, and nobody says what they are: one in ten or eleven passes some check. */
function nameless(random: Choices): string {
  return Array.from({ length: random.int(1, 5) }, () => random.digits(random.int(7, 15))).join(
    random.pick([" ", ", ", "\t", " | ", ";"]),
  );
}

function code(random: Choices): string {
  const name = random.chars(LETTERS, random.int(3, 8));
  return random.pick([
    `${name}[${random.digits(5)}] = 0x${random.chars(HEX, 8)} * ${random.digits(2)}.${random.digits(5)}e-${random.int(1, 12)};`,
    `commit ${random.chars(HEX, 40)} (tag: v${random.int(0, 20)}.${random.int(0, 99)}.${random.int(0, 99)})`,
    `sha256:${random.chars(HEX, 64)}`,
    `"integrity": "sha512-${random.chars(ALNUM, 86)}=="`,
    `version ${random.int(1, 9)}.${random.int(0, 99)}.${random.int(0, 99)}-beta.${random.int(1, 20)} build ${random.digits(8)}`,
    `{"id":${random.int(1, 1e9)},"ts":17${random.digits(8)},"trace":"${uuid(random)}","n":[${random.int(1, 1e6)},${random.int(1, 1e6)}]}`,
    `request ${uuid(random)} took ${random.int(1, 9999)} ms, ${random.digits(7)} bytes, status ${random.int(200, 504)}`,
    `${random.chars(ALNUM, 11)}_${random.digits(6)}.png ${random.int(100, 4000)}x${random.int(100, 4000)}`,
    `etag W/"${random.chars(HEX, 4)}-${random.chars(HEX, 10)}"`,
    `span_id=${random.chars(HEX, 16)} trace_id=${random.chars(HEX, 32)}`,
    `\\x${random.chars(HEX, 2)}\\x${random.chars(HEX, 2)} 0b${random.chars("01", 8)} ${random.digits(3)}n`,
    `chr${random.int(1, 22)}:${random.digits(9)}-${random.digits(9)} rs${random.digits(9)} NM_${random.digits(6)}.${random.int(1, 5)}`,
  ]);
}

/** A checked number with one character changed, and no word that says what it was meant to be. */
export function broken(random: Choices, kind: Kind): string {
  const made = kind.make(random);
  const value = typeof made === "string" ? made : made.text;
  const at = [...value.matchAll(/[0-9]/g)].map((match) => match.index).at(-1) ?? 0;
  const digit = (Number(value[at]) + random.int(1, 9)) % 10;
  return value.slice(0, at) + String(digit) + value.slice(at + 1);
}

/** One line. `checked`: kinds whose check fails after any one change. */
export function noiseLine(random: Choices, checked: readonly Kind[]): string {
  const pieces = Array.from({ length: random.int(1, 3) }, () =>
    random.pick([moment, checkedThing, part, quantity, nameless, code, code])(random),
  );
  if (random.int(0, 4) === 0)
    pieces.push(random.pick(["result", "n/a", "row", "ref", "->"]), broken(random, random.pick(checked)));
  return pieces.join(random.pick([" ", ", ", " | ", "; "]));
}
