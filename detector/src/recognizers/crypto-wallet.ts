/**
 * Addresses of crypto wallets that can be checked: Base58Check (Bitcoin, Litecoin, Dogecoin, Dash, TRON, XRP), Bech32 and
 * Bech32m (https://github.com/bitcoin/bips/blob/master/bip-0173.mediawiki, bip-0350), CashAddr, Monero's Keccak checksum, and
 * Ethereum's capitals (https://eips.ethereum.org/EIPS/eip-55). Without a checksum, as in Ethereum's lower case and Solana, a
 * label must stand before it. Hashes are only reckoned for words whose length, alphabet and first letters fit.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { isDigitCode, isGlued, isLowerCode, isUpperCode, LONG } from "../scanner/characters.ts";
import { atomEnd, atomStart, type Island } from "../scanner/island.ts";
import { base58Bytes, BITCOIN, MONERO_BLOCK_CHARS, moneroBytes, RIPPLE } from "./base58.ts";
import { bech32Kind, isCashAddress } from "./bech32.ts";
import { hasDirect, hasNear, SOLANA, WALLET } from "./document-labels.ts";
import { type Recognizer, type Sink, wording } from "./recognizer.ts";

const CHARS_MIN = 25;
const CHARS_MAX = 120;
/** A chain of hexadecimal digits behind "0x". */
const ETHEREUM_CHARS = 42;
const CHECKSUM_BYTES = 4;

interface Base58Row {
  readonly coin: string;
  /** First letters that an address of this version has. */
  readonly first: string;
  readonly charsMin: number;
  readonly charsMax: number;
  readonly version: readonly number[];
  /** Version, payload and checksum. */
  readonly bytes: number;
  readonly alphabet: Uint8Array;
}

/** https://github.com/satoshilabs/slips/blob/master/slip-0132.md and the chain parameters of each coin. */
const BASE58_ROWS: readonly Base58Row[] = [
  { coin: "Bitcoin", first: "1", charsMin: 25, charsMax: 34, version: [0], bytes: 25, alphabet: BITCOIN },
  { coin: "Bitcoin", first: "3", charsMin: 33, charsMax: 35, version: [5], bytes: 25, alphabet: BITCOIN },
  { coin: "Bitcoin test", first: "mn", charsMin: 33, charsMax: 34, version: [111], bytes: 25, alphabet: BITCOIN },
  { coin: "Bitcoin test", first: "2", charsMin: 34, charsMax: 35, version: [196], bytes: 25, alphabet: BITCOIN },
  { coin: "Litecoin", first: "L", charsMin: 33, charsMax: 34, version: [48], bytes: 25, alphabet: BITCOIN },
  { coin: "Litecoin", first: "M", charsMin: 33, charsMax: 34, version: [50], bytes: 25, alphabet: BITCOIN },
  { coin: "Dogecoin", first: "D", charsMin: 33, charsMax: 34, version: [30], bytes: 25, alphabet: BITCOIN },
  { coin: "Dash", first: "X", charsMin: 33, charsMax: 34, version: [76], bytes: 25, alphabet: BITCOIN },
  { coin: "TRON", first: "T", charsMin: 33, charsMax: 34, version: [65], bytes: 25, alphabet: BITCOIN },
  { coin: "Zcash", first: "t", charsMin: 34, charsMax: 36, version: [0x1c, 0xb8], bytes: 26, alphabet: BITCOIN },
  { coin: "XRP", first: "r", charsMin: 25, charsMax: 35, version: [0], bytes: 25, alphabet: RIPPLE },
  // Extended public keys: whoever has one sees every address of the wallet.
  { coin: "Bitcoin", first: "xyz", charsMin: 111, charsMax: 112, version: [0x04], bytes: 82, alphabet: BITCOIN },
];

const WHY_BASE58 = wording((coin) => `Base58Check checksum of ${coin}`);
const WHY_BECH32 = wording((kind) => `${kind} checksum`);

export const cryptoWallet: Recognizer = {
  name: "crypto-wallet",
  trigger: LONG,
  charsMin: CHARS_MIN,
  find(island: Island, sink: Sink): void {
    for (let atom = 0; atom < island.atoms; atom++) {
      const start = atomStart(island, atom);
      const end = atomEnd(island, atom);
      const length = end - start;
      if (length < CHARS_MIN || length > CHARS_MAX || (start > 0 && isGlued(island.text, start - 1))) continue;
      findAt(island.text, start, end, sink);
    }
  },
};

function findAt(text: string, start: number, end: number, sink: Sink): void {
  const length = end - start;
  if (length === ETHEREUM_CHARS && text.charCodeAt(start) === 0x30 && text.charCodeAt(start + 1) === 0x78) {
    findEthereum(text, start, end, sink);
    return;
  }
  const coin = base58Coin(text, start, end);
  if (coin !== undefined) {
    add(sink, start, end, 0.98, WHY_BASE58(coin));
    return;
  }
  const kind = bech32Kind(text, start, end);
  if (kind !== undefined) {
    add(sink, start, end, 0.98, WHY_BECH32(kind));
    return;
  }
  if (length === 42 && isCashAddress(text, start, end)) {
    // The prefix is no part of the word, and may be left out.
    const prefixed = text.startsWith("bitcoincash:", start - 12) ? start - 12 : start;
    add(sink, prefixed, end, 0.97, "CashAddr checksum");
    return;
  }
  if (isMonero(text, start, end)) add(sink, start, end, 0.98, "Keccak checksum of Monero");
  else if ((length === 43 || length === 44) && hasMixedCase(text, start, end)) findSolana(text, start, end, sink);
}

function add(sink: Sink, start: number, end: number, score: number, why: string): void {
  sink.add("CRYPTO_WALLET", start, end, score, "crypto-wallet", why);
}

/** Name of the coin when version and checksum fit. */
function base58Coin(text: string, start: number, end: number): string | undefined {
  const length = end - start;
  const first = text.charAt(start);
  for (const row of BASE58_ROWS) {
    if (!row.first.includes(first) || length < row.charsMin || length > row.charsMax) continue;
    const bytes = base58Bytes(text, start, end, row.alphabet, row.bytes);
    if (bytes !== undefined && row.version.every((byte, index) => bytes[index] === byte) && isChecked(bytes))
      return row.coin;
  }
  return undefined;
}

/** The last four bytes are the first of the twice hashed rest. */
function isChecked(bytes: Uint8Array): boolean {
  const payload = bytes.length - CHECKSUM_BYTES;
  const hash = sha256(sha256(bytes.subarray(0, payload)));
  for (let i = 0; i < CHECKSUM_BYTES; i++) if (hash[i] !== bytes[payload + i]) return false;
  return true;
}

function findEthereum(text: string, start: number, end: number, sink: Sink): void {
  let lower = false;
  let upper = false;
  for (let i = start + 2; i < end; i++) {
    const code = text.charCodeAt(i);
    if (isDigitCode(code)) continue;
    if (code >= 0x61 && code <= 0x66) lower = true;
    else if (code >= 0x41 && code <= 0x46) upper = true;
    else return;
  }
  if (lower && upper) {
    if (hasEthereumCapitals(text, start + 2, end)) add(sink, start, end, 0.98, "capitals of EIP-55");
  } else if (hasNear(text, start, WALLET)) {
    add(sink, start, end, 0.85, "forty hexadecimal digits behind a word for a wallet");
  }
}

/** EIP-55: a letter is a capital where the hash of the lower-case address has a digit above seven. */
function hasEthereumCapitals(text: string, start: number, end: number): boolean {
  const ascii = new Uint8Array(end - start);
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    ascii[i - start] = isUpperCode(code) ? code | 0x20 : code;
  }
  const hash = keccak_256(ascii);
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (isDigitCode(code)) continue;
    const byte = hash[(i - start) >> 1] as number;
    const digit = ((i - start) & 1) === 0 ? byte >> 4 : byte & 15;
    if (isUpperCode(code) !== digit > 7) return false;
  }
  return true;
}

/** https://docs.getmonero.org/public-address/standard-address/ */
const MONERO_CHARS: ReadonlySet<number> = new Set([95, 106]);
const MONERO_NETWORKS: ReadonlySet<number> = new Set([18, 19, 42]);

function isMonero(text: string, start: number, end: number): boolean {
  if (!MONERO_CHARS.has(end - start) || !"48".includes(text.charAt(start))) return false;
  if ((end - start) % MONERO_BLOCK_CHARS === 0) return false;
  const bytes = moneroBytes(text, start, end);
  if (bytes === undefined || !MONERO_NETWORKS.has(bytes[0] as number)) return false;
  const payload = bytes.length - CHECKSUM_BYTES;
  const hash = keccak_256(bytes.subarray(0, payload));
  for (let i = 0; i < CHECKSUM_BYTES; i++) if (hash[i] !== bytes[payload + i]) return false;
  return true;
}

/** A public key without checksum: 32 bytes and a label. */
function findSolana(text: string, start: number, end: number, sink: Sink): void {
  if (base58Bytes(text, start, end, BITCOIN, 32) === undefined) return;
  if (hasDirect(text, start, SOLANA)) add(sink, start, end, 0.85, "key of 32 bytes behind a word for a Solana wallet");
  else if (hasNear(text, start, SOLANA))
    add(sink, start, end, 0.7, "key of 32 bytes, a word for a Solana wallet on the line");
}

function hasMixedCase(text: string, start: number, end: number): boolean {
  let lower = false;
  let upper = false;
  for (let i = start; i < end; i++) {
    if (isLowerCode(text.charCodeAt(i))) lower = true;
    else if (isUpperCode(text.charCodeAt(i))) upper = true;
  }
  return lower && upper;
}
