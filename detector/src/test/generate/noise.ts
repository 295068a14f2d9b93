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

/** What the law, sport, science and trade number: none of it is about a person. */
const REFERENCES: readonly string[] = [
  // Statutes.
  ..."§ 823 Abs. 1 BGB|Art. 6(1)(f) GDPR|Regulation (EU) 2016/679|Directive 95/46/EC|BGBl. I 2017 S. 2097|zákon č. 89/2012 Sb.".split(
    "|",
  ),
  ..."Ley Orgánica 3/2018|loi n° 78-17 du 6 janvier 1978|D.Lgs. 30 giugno 2003, n. 196|Dz.U. 2018 poz. 1000|2011. évi CXII. törvény".split(
    "|",
  ),
  ..."NN 42/2018|ν. 4624/2019|ДВ бр. 17/2019|HE 9/2018 vp|SFS 2018:218|lov nr. 502 af 23/05/2018|Lei n.º 58/2019|C-311/18".split(
    "|",
  ),
  // Sport, games, music, scripture.
  ..."3:1 (2:0)|6-4, 7-6(5), 6-3|1. e4 e5 2. Nf3 Nc6 3. Bb5 a6|r1bqkbnr/pppp1ppp/2n5 w KQkq - 2 3|Lotto 3-14-22-37-41-49".split(
    "|",
  ),
  ..."4x100 m 37.84|Joh 3,16|BWV 1048|Op. 27 No. 2|Formula 1:18.446|Kv 525|2:09:35 marathon".split("|"),
  // Science, medicine, standards.
  ..."CAS 7732-18-5|EC 231-791-2|doi:10.1000/182|arXiv:2301.12345|ICD-10 J45.0|ATC A02BC01|ISO 9001:2015|RFC 8259|DIN EN 60204-1".split(
    "|",
  ),
  ..."PMID 31452104|NGC 4594|HD 189733|E 330|pKa 4.76|UN 1203".split("|"),
  // Trade and travel.
  ..."ISIN DE0007164600|WKN 716460|LEI 529900T8BM49AURSDO55|HS 8471.30.00|CPV 48000000-8|NACE 62.01|GTIN 04006381333931".split(
    "|",
  ),
  ..."LH 1234|ICE 1023|U2|A7 km 312,4|gate B42|seat 14C|Mo-Fr 9:00-18:00|12.05.-14.05.2024|PO Box rates 2024/25|1,2345 USD/EUR".split(
    "|",
  ),
];

/** Numbers of papers that are no orders, customers or accounts, as seven or more digits behind what they are called. */
const PAPERS: readonly string[] = [
  ..."invoice no.|Rechnung Nr.|Rechnungsnummer|facture n°|factura n.º|fattura n.|factuurnummer|faktura nr|fatura n.º|fakturanummer".split(
    "|",
  ),
  ..."faktura č.|faktúra č.|számla sorszáma|factura nr.|račun br.|račun št.|τιμολόγιο αρ.|фактура №|arve nr|rēķins Nr.|sąskaita faktūra Nr.".split(
    "|",
  ),
  ..."lasku nro|reikningur nr.|delivery note|Lieferschein Nr.|bon de livraison n°|ticket #|case no.|Vorgangsnummer|Aktenzeichen|receipt no.".split(
    "|",
  ),
];

const reference = (random: Choices): string => random.pick(REFERENCES);

function paper(random: Choices): string {
  return `${random.pick(PAPERS)} ${random.pick([random.digits(7), `${random.int(2019, 2026)}-${random.digits(5)}`, `${random.int(1, 900)}/${random.int(2019, 2026)}`])}`;
}

/** Addresses of pages with numbers in them. */
function page(random: Choices): string {
  const host = random.pick([
    "https://shop.example",
    "http://news.example.org",
    "https://git.example/org/repo",
    "www.example.com",
  ]);
  return random.pick([
    `${host}/product/${random.digits(7)}?variant=${random.digits(13)}`,
    `${host}/issues/${random.digits(4)}#issuecomment-${random.digits(10)}`,
    `${host}/${random.int(2010, 2026)}/${two(random.int(1, 12))}/${two(random.int(1, 28))}/article-${random.digits(8)}.html`,
    `${host}/watch?v=${random.chars(ALNUM, 11)}&t=${random.digits(3)}s`,
    `${host}/a/${random.chars(HEX, 32)}/file_${random.digits(6)}.pdf?page=${random.digits(2)}`,
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
    random.pick([moment, checkedThing, part, quantity, nameless, code, code, reference, paper, page])(random),
  );
  if (random.int(0, 4) === 0)
    pieces.push(random.pick(["result", "n/a", "row", "ref", "->"]), broken(random, random.pick(checked)));
  return pieces.join(random.pick([" ", ", ", " | ", "; "]));
}
