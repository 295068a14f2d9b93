/**
 * SHA-256 (FIPS 180-4), synchronous. WebCrypto's digest is a promise per call, which would make the check of a large log
 * many times slower than hashing it; this one hashes in place. It sees public data only and does not try to be constant
 * in time.
 */

// The first 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4, section 4.2.2).
const K = new Int32Array([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
]);

const BLOCK_BYTES = 64;
/** Room for the largest entry (65,535 bytes), its prefix and its padding; longer messages get a buffer of their own. */
const SCRATCH_BYTES = 1_025 * BLOCK_BYTES;

const EMPTY = new Uint8Array(0);
const schedule = new Int32Array(64);
const state = new Int32Array(8);
// Shared between calls: safe because a call never waits in the middle.
const scratch = new Uint8Array(SCRATCH_BYTES);

export function sha256(message: Uint8Array): Uint8Array<ArrayBuffer> {
  return sha256Prefixed(undefined, message, EMPTY);
}

/** SHA-256(prefix || a || b) without building the concatenation; the shape of RFC 6962's leaf and node hashes. */
export function sha256Prefixed(prefix: number | undefined, a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const prefixBytes = prefix === undefined ? 0 : 1;
  const length = prefixBytes + a.length + b.length;
  const padded = Math.ceil((length + 9) / BLOCK_BYTES) * BLOCK_BYTES;
  const buffer = padded <= SCRATCH_BYTES ? scratch : new Uint8Array(padded);

  if (prefix !== undefined) buffer[0] = prefix;
  buffer.set(a, prefixBytes);
  buffer.set(b, prefixBytes + a.length);
  buffer[length] = 0x80;
  buffer.fill(0, length + 1, padded - 8);
  writeUint32(buffer, padded - 8, Math.floor(length / 0x2000_0000));
  writeUint32(buffer, padded - 4, (length << 3) >>> 0);

  state.set(INITIAL);
  for (let at = 0; at < padded; at += BLOCK_BYTES) compress(buffer, at);

  const digest = new Uint8Array(32);
  for (let i = 0; i < 8; i++) writeUint32(digest, i * 4, state[i]!);
  return digest;
}

// The first 32 bits of the fractional parts of the square roots of the first 8 primes (section 5.3.3).
const INITIAL = new Int32Array([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);

function writeUint32(buffer: Uint8Array, at: number, value: number): void {
  buffer[at] = value >>> 24;
  buffer[at + 1] = value >>> 16;
  buffer[at + 2] = value >>> 8;
  buffer[at + 3] = value;
}

// Indexes below are constant-bounded, hence the "!" instead of 500 checks for undefined in the hottest loop.
function compress(buffer: Uint8Array, at: number): void {
  const w = schedule;
  for (let i = 0; i < 16; i++) {
    const o = at + i * 4;
    w[i] = (buffer[o]! << 24) | (buffer[o + 1]! << 16) | (buffer[o + 2]! << 8) | buffer[o + 3]!;
  }
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15]!;
    const y = w[i - 2]!;
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = (w[i - 16]! + s0 + w[i - 7]! + s1) | 0;
  }

  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;

  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i]! + w[i]!) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }

  state[0] = state[0]! + a;
  state[1] = state[1]! + b;
  state[2] = state[2]! + c;
  state[3] = state[3]! + d;
  state[4] = state[4]! + e;
  state[5] = state[5]! + f;
  state[6] = state[6]! + g;
  state[7] = state[7]! + h;
}
