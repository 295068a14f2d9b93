/**
 * The checksums of Bech32, Bech32m (https://github.com/bitcoin/bips/blob/master/bip-0350.mediawiki) and CashAddr
 * (https://github.com/bitcoincashorg/bitcoincash.org/blob/master/spec/cashaddr.md), for the prefixes of wallets only.
 */

const VALUES = new Uint8Array(128).fill(255);
for (const [value, char] of [..."qpzry9x8gf2tvdw0s3jn54khce6mua7l"].entries()) {
  VALUES[char.charCodeAt(0)] = value;
  VALUES[char.toUpperCase().charCodeAt(0)] = value;
}

/** Human-readable parts; those with a witness program follow BIP 350, the others are plain Bech32. */
const PREFIXES: readonly (readonly [prefix: string, coin: string, witness: boolean])[] = [
  ["bc", "Bitcoin", true],
  ["tb", "Bitcoin test", true],
  ["bcrt", "Bitcoin test", true],
  ["ltc", "Litecoin", true],
  ["tltc", "Litecoin test", true],
  ["addr", "Cardano", false],
  ["stake", "Cardano", false],
  ["cosmos", "Cosmos", false],
  ["osmo", "Osmosis", false],
  ["inj", "Injective", false],
  ["terra", "Terra", false],
  ["erd", "MultiversX", false],
];
const CHECKSUM_CHARS = 6;
/** BIP 350: the constants that the checksum of version 0 and of all later ones leaves. */
const BECH32 = 1;
const BECH32M = 0x2bc830a3;
/** The generator's coefficients, as XOR masks of the five bits that leave on the left. */
const GENERATOR: readonly number[] = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

function step(checksum: number, value: number): number {
  const top = checksum >>> 25;
  let next = ((checksum & 0x1ffffff) << 5) ^ value;
  for (let i = 0; i < 5; i++) if (((top >> i) & 1) === 1) next ^= GENERATOR[i] as number;
  return next;
}

/** Name of the coin and the encoding, when prefix and checksum fit. */
export function bech32Kind(text: string, start: number, end: number): string | undefined {
  for (const [prefix, coin, witness] of PREFIXES) {
    const data = start + prefix.length + 1;
    if (text.charCodeAt(data - 1) !== 0x31 || !startsWith(text, prefix, start) || end - data < CHECKSUM_CHARS + 8)
      continue;
    const left = remainder(text, prefix, data, end);
    const version = VALUES[text.charCodeAt(data)] as number;
    if (left === BECH32 && (!witness || version === 0)) return `Bech32 of ${coin}`;
    return left === BECH32M && witness && version > 0 ? `Bech32m of ${coin}` : undefined;
  }
  return undefined;
}

/** All lower case or all upper case, never both: BIP 173. */
function startsWith(text: string, prefix: string, start: number): boolean {
  return text.startsWith(prefix, start) || text.startsWith(prefix.toUpperCase(), start);
}

/** What the checksum leaves, or -1 for letters that are not of the alphabet or of both cases. */
function remainder(text: string, prefix: string, data: number, end: number): number {
  let checksum = 1;
  for (let i = 0; i < prefix.length; i++) checksum = step(checksum, prefix.charCodeAt(i) >> 5);
  checksum = step(checksum, 0);
  for (let i = 0; i < prefix.length; i++) checksum = step(checksum, prefix.charCodeAt(i) & 31);
  const upper = (text.charCodeAt(data - 2) & 0x20) === 0;
  for (let i = data; i < end; i++) {
    const code = text.charCodeAt(i);
    const value = VALUES[code] ?? 255;
    if (value === 255 || (code > 0x40 && ((code & 0x20) === 0) !== upper)) return -1;
    checksum = step(checksum, value);
  }
  return checksum;
}

const CASH_PREFIX = "bitcoincash";
/** Forty bits do not fit into one number: the upper eight and the lower 32 go apart. */
const CASH_GENERATOR: readonly (readonly [high: number, low: number])[] = [
  [0x98, 0xf2bc8e61],
  [0x79, 0xb76d99e2],
  [0xf3, 0x3e5fb3c4],
  [0xae, 0x2eabe2a8],
  [0x1e, 0x4f43e470],
];

/** Whether [start, end), without the prefix, is an address of Bitcoin Cash. */
export function isCashAddress(text: string, start: number, end: number): boolean {
  let high = 0;
  let low = 1;
  const take = (value: number): void => {
    const top = high >>> 3;
    high = ((high & 7) << 5) | (low >>> 27);
    low = ((low << 5) ^ value) >>> 0;
    for (const [bit, [upper, lower]] of CASH_GENERATOR.entries()) {
      if (((top >> bit) & 1) === 0) continue;
      high ^= upper;
      low = (low ^ lower) >>> 0;
    }
  };
  for (let i = 0; i < CASH_PREFIX.length; i++) take(CASH_PREFIX.charCodeAt(i) & 31);
  take(0);
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    const value = VALUES[code] ?? 255;
    if (value === 255 || (code > 0x40 && code < 0x5b)) return false;
    take(value);
  }
  return high === 0 && low === 1;
}
