/**
 * Authenticated encryption of single values: `[EMAIL~AQE…]`. The token names its algorithm and the id of its key, so that keys
 * can be rotated and old tokens still open; type, purpose, epoch and key id are authenticated with it, so that a token moved to
 * another place, or changed in any bit, is refused. No randomness of its own: nonces are the caller's.
 *
 * Body, before base64url: version 1 (one byte), algorithm (one byte), length of the key id (one byte), key id, nonce,
 * ciphertext with its tag. The length of the value shows; pad it if that matters.
 */
import { gcm, gcmsiv } from "@noble/ciphers/aes.js";
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { concatBytes } from "@noble/ciphers/utils.js";
import { bytesText, frame, fromBase64Url, textBytes, toBase64Url } from "./bytes.ts";
import { checkText, checkType, OperatorError } from "./errors.ts";
import { checkKeys, type KeyUse, type OperatorKeys } from "./keys.ts";
import { tokenMark } from "./marks.ts";

export type SealAlgorithm = "aes-256-gcm-siv" | "xchacha20-poly1305" | "aes-256-gcm";

interface Aead {
  encrypt(plaintext: Uint8Array): Uint8Array;
  decrypt(ciphertext: Uint8Array): Uint8Array;
}

interface AlgorithmRow {
  readonly id: number;
  readonly use: KeyUse;
  /** Bytes that the caller's source gives for each value, and that the token carries. */
  readonly nonceBytes: number;
  readonly open: (key: Uint8Array, nonce: Uint8Array, data: Uint8Array) => Aead;
}

/**
 * Equal values must have equal tokens, so the nonce is always this one. Safe with this algorithm only, RFC 8452, 1: "encrypting
 * two messages with the same nonce only discloses whether the messages were equal or not"
 * (https://www.rfc-editor.org/rfc/rfc8452#section-1).
 */
const FIXED_NONCE = new Uint8Array(12);

const ALGORITHMS: Readonly<Record<SealAlgorithm, AlgorithmRow>> = {
  /** Deterministic. https://www.rfc-editor.org/rfc/rfc8452 */
  "aes-256-gcm-siv": {
    id: 1,
    use: "encrypt-deterministic",
    nonceBytes: 0,
    open: (key, nonce, data) => gcmsiv(key, nonce.length === 0 ? FIXED_NONCE : nonce, data),
  },
  /** Random nonces of 192 bits do not repeat. https://datatracker.ietf.org/doc/html/draft-irtf-cfrg-xchacha */
  "xchacha20-poly1305": { id: 2, use: "encrypt", nonceBytes: 24, open: xchacha20poly1305 },
  /** For those who must: 2³² values a key with random nonces, NIST SP 800-38D, 8.3. Then a new epoch. */
  "aes-256-gcm": { id: 3, use: "encrypt", nonceBytes: 12, open: gcm },
};

export const SEAL_ALGORITHMS = Object.keys(ALGORITHMS) as readonly SealAlgorithm[];

/** As many bytes as asked for, from a cryptographic source, never the same twice. */
export type NonceSource = (bytes: number) => Uint8Array;

export interface SealOptions {
  readonly keys: OperatorKeys;
  readonly algorithm: SealAlgorithm;
  /** Needed by all algorithms but aes-256-gcm-siv. */
  readonly nonce?: NonceSource;
}

const VERSION = 1;
const TAG_BYTES = 16;

/** The cipher of an algorithm, as the tests of its standard ask for it. */
export function aead(algorithm: SealAlgorithm, key: Uint8Array, nonce: Uint8Array, data: Uint8Array): Aead {
  return ALGORITHMS[algorithm].open(key, nonce, data);
}

/** Throws TypeError for wrong arguments, a nonce source that gives something else than was asked for included. */
export function encryptValue(type: string, value: string, options: SealOptions): string {
  checkType("type", type);
  checkText("value", value);
  checkKeys("options.keys", options.keys);
  if (!Object.hasOwn(ALGORITHMS, options.algorithm))
    throw new TypeError(`options.algorithm must be one of ${SEAL_ALGORITHMS.join(", ")}`);
  const { keys, algorithm } = options;
  const row = ALGORITHMS[algorithm];
  const nonce = row.nonceBytes === 0 ? new Uint8Array(0) : drawn(options.nonce, row.nonceBytes);
  const header = headerOf(row, keys.keyId);
  const cipher = aead(algorithm, keys.derive(row.use, type), nonce, dataOf(type, keys, header));
  return tokenMark(type, toBase64Url(concatBytes(header, nonce, cipher.encrypt(textBytes(value)))));
}

function drawn(source: NonceSource | undefined, bytes: number): Uint8Array {
  if (typeof source !== "function") throw new TypeError("options.nonce must be a function that gives random bytes");
  const nonce = source(bytes);
  if (!(nonce instanceof Uint8Array) || nonce.length !== bytes)
    throw new TypeError(`options.nonce must give a Uint8Array of ${bytes} bytes`);
  return nonce;
}

function headerOf({ id }: AlgorithmRow, keyId: string): Uint8Array {
  return Uint8Array.of(VERSION, id, keyId.length, ...Array.from(keyId, (character) => character.charCodeAt(0)));
}

/** Associated data: type, purpose, epoch, and the header with version, algorithm and key id. */
function dataOf(type: string, { purpose, epoch }: OperatorKeys, header: Uint8Array): Uint8Array {
  return concatBytes(header, frame("sluice token 1", type, purpose, epoch));
}

export interface TokenParts {
  readonly type: string;
  readonly algorithm: SealAlgorithm;
  /** Which key opens it. Not authenticated until it is opened. */
  readonly keyId: string;
}

interface Parsed extends TokenParts {
  readonly header: Uint8Array;
  readonly nonce: Uint8Array;
  readonly sealed: Uint8Array;
}

/** Linear: a `[` begins at most one token. */
const TOKENS = /\[([A-Z][A-Z0-9_]*)~([A-Za-z0-9_-]+)\]/g;
const TOKEN = new RegExp(`^${TOKENS.source}$`);

function parse(token: string): Parsed | undefined {
  const [, type = "", body = ""] = TOKEN.exec(token) ?? [];
  const bytes = fromBase64Url(body);
  if (bytes === undefined || bytes[0] !== VERSION) return undefined;
  const algorithm = SEAL_ALGORITHMS.find((name) => ALGORITHMS[name].id === bytes[1]);
  if (algorithm === undefined) return undefined;
  const nonceAt = 3 + (bytes[2] ?? 0);
  const sealedAt = nonceAt + ALGORITHMS[algorithm].nonceBytes;
  if (bytes.length < sealedAt + TAG_BYTES + 1) return undefined;
  const keyId = String.fromCharCode(...bytes.subarray(3, nonceAt));
  return {
    type,
    algorithm,
    keyId,
    header: bytes.subarray(0, nonceAt),
    nonce: bytes.subarray(nonceAt, sealedAt),
    sealed: bytes.subarray(sealedAt),
  };
}

/** What a token says of itself, without opening it; undefined for what is none. */
export function readToken(token: string): TokenParts | undefined {
  checkText("token", token);
  const parsed = parse(token);
  return parsed && { type: parsed.type, algorithm: parsed.algorithm, keyId: parsed.keyId };
}

/** The value. Throws OperatorError not_a_token, key_unknown or token_tampered. */
export function decryptToken(token: string, ring: readonly OperatorKeys[]): string {
  checkText("token", token);
  checkRing(ring);
  const parsed = parse(token);
  if (parsed === undefined) throw new OperatorError("not_a_token", "this is no token of the operator encrypt");
  return open(parsed, ring);
}

/**
 * A text with the values of its tokens put back. Text of another form stays; a token that cannot be opened fails the whole
 * call, with the errors of `decryptToken`: nobody should read on over a changed value.
 */
export function decryptText(text: string, ring: readonly OperatorKeys[]): string {
  checkText("text", text);
  checkRing(ring);
  return text.replace(TOKENS, (token) => {
    const parsed = parse(token);
    return parsed === undefined ? token : open(parsed, ring);
  });
}

function checkRing(ring: unknown): asserts ring is readonly OperatorKeys[] {
  if (!Array.isArray(ring)) throw new TypeError("ring must be an array of OperatorKeys");
  for (const keys of ring) checkKeys("ring", keys);
}

function open(parsed: Parsed, ring: readonly OperatorKeys[]): string {
  const { type, algorithm, keyId, header, nonce, sealed } = parsed;
  const candidates = ring.filter((keys) => keys.keyId === keyId);
  if (candidates.length === 0) throw new OperatorError("key_unknown", "the ring has no key with the id of this token");
  for (const keys of candidates) {
    const cipher = aead(algorithm, keys.derive(ALGORITHMS[algorithm].use, type), nonce, dataOf(type, keys, header));
    const plain = opened(cipher, sealed);
    const value = plain && bytesText(plain);
    if (value !== undefined) return value;
  }
  throw new OperatorError("token_tampered", "the token was changed, or sealed for another type, purpose, epoch or key");
}

/** Undefined when the tag does not fit: the library throws, and its message is about bytes that only it has seen. */
function opened(cipher: Aead, sealed: Uint8Array): Uint8Array | undefined {
  try {
    return cipher.decrypt(sealed);
  } catch {
    return undefined;
  }
}
