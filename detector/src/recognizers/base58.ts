/** Base58 into bytes, without allocation for words that are none (https://datatracker.ietf.org/doc/draft-msporny-base58-03/). */

/** Index: ASCII code; 255 for what is not in the alphabet. */
function alphabetOf(characters: string): Uint8Array {
  const values = new Uint8Array(128).fill(255);
  for (let i = 0; i < characters.length; i++) values[characters.charCodeAt(i)] = i;
  return values;
}

export const BITCOIN = alphabetOf("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz");
/** https://xrpl.org/docs/references/protocol/data-types/base58-encodings */
export const RIPPLE = alphabetOf("rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz");

const BYTES_MAX = 82;
/** Sixteen bits each, lowest first. */
const limbs = new Uint32Array(BYTES_MAX / 2 + 1);
const LIMB_BITS = 16;

/** The bytes of [start, end) when it is exactly `length` bytes long and of the alphabet; the first digit may stand for zeros. */
export function base58Bytes(
  text: string,
  start: number,
  end: number,
  alphabet: Uint8Array,
  length: number,
): Uint8Array | undefined {
  let used = 0;
  let leading = 0;
  for (let i = start; i < end; i++) {
    const digit = alphabet[text.charCodeAt(i)] ?? 255;
    if (digit === 255) return undefined;
    if (digit === 0 && used === 0) {
      leading++;
      continue;
    }
    let carry = digit;
    for (let limb = 0; limb < used; limb++) {
      const value = (limbs[limb] as number) * 58 + carry;
      limbs[limb] = value & 0xffff;
      carry = value >>> LIMB_BITS;
    }
    if (carry > 0) limbs[used++] = carry;
    if (used * 2 > length + 1) return undefined;
  }
  const top = used === 0 ? 0 : (limbs[used - 1] as number) > 0xff ? used * 2 : used * 2 - 1;
  if (leading + top !== length) return undefined;
  const bytes = new Uint8Array(length);
  for (let i = 0; i < top; i++) bytes[length - 1 - i] = ((limbs[i >> 1] as number) >>> ((i & 1) * 8)) & 0xff;
  return bytes;
}

/** Monero encodes blocks of eight bytes as eleven characters each, so that all addresses are equally long. */
export const MONERO_BLOCK_CHARS = 11;
const MONERO_BLOCK_BYTES = 8;
/** Bytes → characters of the last block. */
const MONERO_LAST_CHARS: readonly number[] = [0, 2, 3, 5, 6, 7, 9, 10, 11];

export function moneroBytes(text: string, start: number, end: number): Uint8Array | undefined {
  const blocks = Math.floor((end - start) / MONERO_BLOCK_CHARS);
  const last = MONERO_LAST_CHARS.indexOf((end - start) % MONERO_BLOCK_CHARS);
  if (last < 0) return undefined;
  const bytes = new Uint8Array(blocks * MONERO_BLOCK_BYTES + last);
  for (let block = 0; block <= blocks; block++) {
    const from = start + block * MONERO_BLOCK_CHARS;
    const size = block < blocks ? MONERO_BLOCK_BYTES : last;
    if (!moneroBlock(text, from, Math.min(end, from + MONERO_BLOCK_CHARS), bytes, block * MONERO_BLOCK_BYTES, size)) {
      return undefined;
    }
  }
  return bytes;
}

function moneroBlock(text: string, from: number, to: number, bytes: Uint8Array, offset: number, size: number): boolean {
  let high = 0;
  let low = 0;
  for (let i = from; i < to; i++) {
    const digit = BITCOIN[text.charCodeAt(i)] ?? 255;
    if (digit === 255) return false;
    const value = low * 58 + digit;
    low = value % 0x1_0000_0000;
    high = high * 58 + Math.floor(value / 0x1_0000_0000);
    if (high > 0xffff_ffff) return false;
  }
  for (let i = size - 1; i >= 0; i--) {
    bytes[offset + i] = low & 0xff;
    low = Math.floor(low / 0x100) + (high % 0x100) * 0x100_0000;
    high = Math.floor(high / 0x100);
  }
  return low === 0 && high === 0;
}
