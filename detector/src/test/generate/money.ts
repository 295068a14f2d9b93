/** Bank accounts, cards and wallets: checksums computed here from the standards, nothing imported from the recognizers. */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { type Choices, HEX } from "../random.ts";
import { iban97, luhn } from "./check-digits.ts";
import { grouped, type Kind, table, UPPER } from "./kind.ts";

/** SWIFT, IBAN Registry: country → structure of what follows the check digits; n digits, a letters, c both (mostly digits in use). */
const STRUCTURES = table(
  "AT 16n|BE 12n|BG 4a6n8c|CH 5n12c|CY 8n16c|CZ 20n|DE 18n|DK 14n|EE 16n|ES 20n|FI 14n|FR 10n11c2n|GB 4a14n|GR 7n16c|HR 17n|HU 24n|IE 4a14n|IS 22n|IT 1a10n12c|LI 5n12c|LT 16n|LU 3n13c|LV 4a13c|MT 4a5n18c|NL 4a10n|NO 11n|PL 24n|PT 21n|RO 4a16c|SE 20n|SI 15n|SK 20n",
);

function ibanOf(random: Choices): string {
  const [country, structure] = random.pick(Object.entries(STRUCTURES));
  const bban = [...structure.matchAll(/(\d+)([nac])/g)]
    .map(([, length, alphabet]) =>
      random.chars(
        alphabet === "n"
          ? "0123456789"
          : alphabet === "a"
            ? UPPER
            : `000000111222333444555666777888999${UPPER.slice(0, 4)}`,
        Number(length),
      ),
    )
    .join("");
  const iban = country + iban97(country, bban) + bban;
  return random.pick([
    iban,
    iban.replaceAll(/(.{4})(?=.)/g, "$1 "),
    iban.replaceAll(/(.{4})(?=.)/g, "$1 "),
    iban.toLowerCase(),
  ]);
}

/** ISO/IEC 7812: ranges in use → length. */
const CARDS: readonly (readonly [prefix: string, length: number])[] = [
  ["4", 16],
  ["51", 16],
  ["55", 16],
  ["2221", 16],
  ["2720", 16],
  ["34", 15],
  ["37", 15],
  ["36", 14],
  ["6011", 16],
  ["65", 16],
  ["3528", 16],
  ["62", 16],
];

function cardOf(random: Choices): string {
  const [prefix, length] = random.pick(CARDS);
  const body = prefix + random.digits(length - prefix.length - 1);
  const card = body + luhn(body);
  const groups = length === 16 ? [4, 4, 4] : [4, 6];
  return random.pick([card, grouped(card, groups), grouped(card, groups, "-")]);
}

/** ISO 9362: published codes of banks, so that institution and country are real. */
const BICS: readonly string[] =
  "DEUTDEFF COBADEFFXXX BNPAFRPP INGBNL2A RABONL2U UNCRITMM CAIXESBB NDEASESS DABADKKK BREXPLPW CEKOCZPP OTPVHUHB GIBASKBX BRDEROBU ETHNGRAA HABALT22 HABALV22 HABAEE2X ZABAHR2X LJBASI2X KREDBEBB BCEELULL AIBKIE2D BARCGB22 UBSWCHZH80A NTSBDEB1 REVOLT21 BCPTPTPL BKAUATWW DNBANOKK".split(
    " ",
  );

function bicOf(random: Choices): string {
  return random.pick(BICS);
}

const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** Base58Check: version, payload, first four bytes of the double SHA-256. */
function base58Check(version: number, payload: Uint8Array): string {
  const body = Uint8Array.from([version, ...payload]);
  const whole = Uint8Array.from([...body, ...sha256(sha256(body)).slice(0, 4)]);
  let value = whole.reduce((total, byte) => total * 256n + BigInt(byte), 0n);
  let text = "";
  for (; value > 0n; value /= 58n) text = (BASE58[Number(value % 58n)] ?? "") + text;
  for (const byte of whole) {
    if (byte !== 0) break;
    text = `1${text}`;
  }
  return text;
}

const BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/** BIP 173 and, from witness version 1 on, BIP 350. */
function bech32(prefix: string, version: number, program: Uint8Array): string {
  const words = [version];
  let [buffer, bits] = [0, 0];
  for (const byte of program) {
    buffer = ((buffer << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      words.push((buffer >> bits) & 31);
    }
  }
  if (bits > 0) words.push((buffer << (5 - bits)) & 31);
  const expanded = [...prefix].map((char) => char.charCodeAt(0));
  const checked = [
    ...expanded.map((code) => code >> 5),
    0,
    ...expanded.map((code) => code & 31),
    ...words,
    0,
    0,
    0,
    0,
    0,
    0,
  ];
  const check = polymod(checked) ^ (version === 0 ? 1 : 0x2bc8_30a3);
  for (let at = 0; at < 6; at++) words.push((check >> (5 * (5 - at))) & 31);
  return `${prefix}1${words.map((word) => BECH32[word]).join("")}`;
}

function polymod(values: readonly number[]): number {
  const generator = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
  let check = 1;
  for (const value of values) {
    const top = check >> 25;
    check = ((check & 0x1ff_ffff) << 5) ^ value;
    for (const [bit, part] of generator.entries()) if (((top >> bit) & 1) === 1) check ^= part;
  }
  return check;
}

/** EIP-55: a letter is upper-case where the hash of the lower-case address has a nibble of 8 or more. */
function ethereum(random: Choices): string {
  const lower = random.chars(HEX, 40);
  const hash = keccak_256(new TextEncoder().encode(lower));
  const mixed = [...lower].map((char, at) => {
    const nibble = ((hash[at >> 1] ?? 0) >> (at % 2 === 0 ? 4 : 0)) & 15;
    return nibble >= 8 ? char.toUpperCase() : char;
  });
  return `0x${mixed.join("")}`;
}

const bytes = (random: Choices, length: number): Uint8Array => Uint8Array.from({ length }, () => random.int(0, 255));

export const MONEY: readonly Kind[] = [
  { name: "IBAN", type: "IBAN", keys: ["iban", "IBAN", "bankAccount"], bare: true, make: ibanOf },
  { name: "card", type: "CARD", keys: ["cardNumber", "card", "pan"], bare: true, make: cardOf },
  {
    name: "BIC",
    type: "BIC",
    labels: ["BIC", "SWIFT", "BIC/SWIFT", "SWIFT-BIC"],
    keys: ["bic", "swift", "bicCode"],
    bare: false,
    make: bicOf,
  },
  {
    name: "Bitcoin address",
    type: "CRYPTO_WALLET",
    labels: ["BTC", "Bitcoin", "wallet", "BTC address"],
    keys: ["wallet", "btcAddress"],
    bare: true,
    make: (random) =>
      random.pick([
        base58Check(0, bytes(random, 20)),
        base58Check(5, bytes(random, 20)),
        bech32("bc", 0, bytes(random, 20)),
        bech32("bc", 0, bytes(random, 32)),
        bech32("bc", 1, bytes(random, 32)),
      ]),
  },
  {
    name: "Litecoin address",
    type: "CRYPTO_WALLET",
    labels: ["LTC", "Litecoin", "wallet"],
    keys: ["wallet", "ltc_address"],
    bare: true,
    make: (random) => random.pick([base58Check(48, bytes(random, 20)), bech32("ltc", 0, bytes(random, 20))]),
  },
  {
    name: "Ethereum address",
    type: "CRYPTO_WALLET",
    labels: ["ETH", "Ethereum", "wallet", "ETH address"],
    keys: ["wallet", "ethAddress"],
    bare: true,
    make: ethereum,
  },
];
