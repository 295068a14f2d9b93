/**
 * The log's keys, made at the first open: an Ed25519 and an ML-DSA-44 key that sign checkpoints, and the key of the
 * pseudonyms. Promises that a log keeps its keys: one that is missing or another one is refused, never replaced; signing keys
 * change by a ceremony that is on the log (rotation.ts), and by nothing else. Known
 * weakness, in the open: these are key files. Who can read the folder `keys` can sign in the log's name and undo its
 * pseudonyms, and only a witness that holds an older checkpoint would notice a rewritten log.
 */

import {
  type KeyObject,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify,
} from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  KEY_TYPES,
  type Note,
  type NoteSignature,
  VerifierError,
  cosignedMessage,
  formatCheckpoint,
  formatLogInfo,
  formatNote,
  formatTimestampedSignature,
  formatVkey,
  parseLogInfo,
  parseVkey,
} from "@sluice/verifier";
import { SluiceError } from "../core/errors.ts";
import { REPAIR, corrupt } from "./corrupt.ts";
import { type Disk, replaceFile, writeWhole } from "./disk.ts";
import { GENERATIONS_FILE, type Generation, formatGenerations, keyFileName, parseGenerations } from "./generations.ts";

const PERMISSIONS = 0o600;
const ORIGIN_BYTES_MAX = 255;
const PSEUDONYM_KEY_BYTES = 32;
/** 22 characters of base64url hold 128 bits. */
const PSEUDONYMS_HELD_MAX = 10_000;
const PSEUDONYM_CHARS = 22;

const BACKUP = { remedy: "a log keeps its keys; restore the folder `keys` from a backup" };

const signAsync = promisify(sign) as (algorithm: null, data: Uint8Array, key: KeyObject) => Promise<Buffer>;

/** What is signed: the tree of a log, and when. */
export interface TreeHead {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  /** Seconds since the epoch. */
  readonly timestamp: number;
}

/** One row a signature type: the only place where they differ. */
interface Scheme {
  readonly name: string;
  readonly key: (typeof KEY_TYPES)[keyof typeof KEY_TYPES];
  readonly generate: () => KeyObject;
  /** The message to sign, and what goes into the signature line for it. */
  readonly message: (head: TreeHead) => Uint8Array;
  readonly line: (signature: Uint8Array, head: TreeHead) => Uint8Array<ArrayBuffer>;
}

const SCHEMES: readonly Scheme[] = [
  {
    name: "ed25519",
    key: KEY_TYPES.ed25519,
    generate: () => generateKeyPairSync("ed25519").privateKey,
    message: (head) => Buffer.from(formatCheckpoint(head)),
    line: (signature) => Uint8Array.from(signature),
  },
  {
    // "Logs SHOULD use ML-DSA-44 cosignatures to sign the checkpoint": https://c2sp.org/tlog-checkpoint
    name: "ml-dsa-44",
    key: KEY_TYPES.mlDsa44,
    generate: () => generateKeyPairSync("ml-dsa-44").privateKey,
    message: (head) => cosignedMessage({ ...head, cosigner: head.origin }),
    line: (signature, head) => formatTimestampedSignature({ timestamp: head.timestamp, signature }),
  },
];

interface Signer {
  readonly scheme: Scheme;
  readonly privateKey: KeyObject;
  readonly vkey: string;
}

export class LogKeys {
  readonly #signers: readonly Signer[];
  /** Empty for a log that has its first keys still. */
  readonly #generations: readonly Generation[];
  /** Principals of late, so that a request costs no HMAC. */
  readonly #pseudonyms = new Map<string, string>();
  readonly #pseudonymKey: Buffer;
  readonly #origin: string;

  private constructor(
    origin: string,
    signers: readonly Signer[],
    generations: readonly Generation[],
    pseudonymKey: Buffer,
  ) {
    this.#origin = origin;
    this.#signers = signers;
    this.#generations = generations;
    this.#pseudonymKey = pseudonymKey;
  }

  /**
   * Reads the keys of the log in `dir`, or makes them when it is `fresh`. `logInfo` is its log.json, if it has one. Throws
   * config_invalid when the origin is not the log's, evidence_corrupt when a key is missing or another one.
   */
  static async open(options: {
    readonly disk: Disk;
    readonly dir: string;
    readonly origin: string;
    readonly fresh: boolean;
    readonly logInfo: Uint8Array | undefined;
  }): Promise<LogKeys> {
    const { disk, dir, origin, fresh, logInfo } = options;
    checkOrigin(origin);
    const known = logInfo === undefined ? undefined : readLogInfo(logInfo);
    if (known !== undefined && known.origin !== origin) {
      throw new SluiceError("config_invalid", `the evidence log belongs to the origin ${known.origin}, not ${origin}`);
    }
    const folder = new KeyFolder(disk, dir);
    await folder.make();
    const generations = await folder.generations();
    const signers =
      generations.length === 0
        ? await openFirst(folder, origin, fresh, known?.vkeys)
        : await openGenerations(folder, origin, generations, known?.vkeys ?? []);
    const pseudonymKey = await folder.readOrMake("pseudonym.key", !fresh, () => randomBytes(PSEUDONYM_KEY_BYTES));
    if (pseudonymKey.length !== PSEUDONYM_KEY_BYTES) throw corrupt("keys/pseudonym.key does not have 32 bytes", BACKUP);
    return new LogKeys(origin, signers, generations, pseudonymKey);
  }

  /** Names of the signature types that checkpoints carry: without ML-DSA in the runtime it is `ed25519` alone. */
  get signatures(): readonly string[] {
    return this.#signers.map((signer) => signer.scheme.name);
  }

  get vkeys(): readonly string[] {
    return this.#signers.map((signer) => signer.vkey);
  }

  /** The keys that signed, and from which size to which; the last ones sign now. Empty when they were never changed. */
  get generations(): readonly Generation[] {
    return this.#generations;
  }

  /** The text of log.json, with the minimum index of a log that was pruned. */
  logInfo(minimumIndex = 0): string {
    const keys = this.#generations.flatMap(({ vkeys, from, to }) =>
      vkeys.map((vkey) => ({ vkey, from, ...(to !== undefined && { to }) })),
    );
    return formatLogInfo({
      origin: this.#origin,
      vkeys: this.vkeys,
      ...(keys.length > 0 && { keys }),
      ...(minimumIndex > 0 && { minimumIndex }),
    });
  }

  /** The checkpoint as a signed note. The caller has made sure that it may be signed. */
  async sign(head: TreeHead): Promise<string> {
    const signatures = await Promise.all(
      this.#signers.map(async ({ scheme, privateKey, vkey }): Promise<NoteSignature> => {
        const signature = await signAsync(null, scheme.message(head), privateKey);
        return { name: head.origin, keyId: parseVkey(vkey).keyId, signature: scheme.line(signature, head) };
      }),
    );
    return formatNote({ text: formatCheckpoint(head), signatures });
  }

  /**
   * Any other text as a note signed with Ed25519. Its first line must hold a space: no origin does, so that nobody can take what is
   * signed here for a checkpoint.
   */
  async signText(text: string): Promise<string> {
    const signer = this.#signers.find(({ scheme }) => scheme.key === KEY_TYPES.ed25519);
    if (signer === undefined || !/^[^\n]* [^\n]*\n/.test(text))
      throw new Error("assertion: the text could be a checkpoint");
    const signature = Uint8Array.from(await signAsync(null, Buffer.from(text), signer.privateKey));
    return formatNote({ text, signatures: [{ name: this.#origin, keyId: parseVkey(signer.vkey).keyId, signature }] });
  }

  /** Whether the note bears this log's own Ed25519 signature, by a key that signed trees of its size. */
  hasSigned(note: Note): boolean {
    const size = Number(note.text.split("\n")[1]);
    const retired = this.#generations.filter(({ to }) => to !== undefined && size <= to).flatMap(({ vkeys }) => vkeys);
    return [...this.vkeys, ...retired].some((vkey) => hasSignedWith(vkey, note));
  }

  /** Stable within this log, meaningless without its key. */
  pseudonym(principalId: string): string {
    const known = this.#pseudonyms.get(principalId);
    if (known !== undefined) return known;
    const pseudonym = pseudonymOf(this.#pseudonymKey, principalId);
    if (this.#pseudonyms.size >= PSEUDONYMS_HELD_MAX) this.#pseudonyms.clear();
    this.#pseudonyms.set(principalId, pseudonym);
    return pseudonym;
  }
}

/** 22 characters of base64url: what `name` is called in the log that the key in `keys/pseudonym.key` belongs to. */
export function pseudonymOf(key: Uint8Array, name: string): string {
  return createHmac("sha256", key).update(name).digest("base64url").slice(0, PSEUDONYM_CHARS);
}

class KeyFolder {
  readonly #disk: Disk;
  readonly #dir: string;

  constructor(disk: Disk, dir: string) {
    this.#disk = disk;
    this.#dir = join(dir, "keys");
  }

  async make(): Promise<void> {
    await this.#disk.makeFolder(this.#dir, 0o700);
  }

  async readOrMake(name: string, mustExist: boolean, make: () => Uint8Array): Promise<Buffer> {
    const path = join(this.#dir, name);
    const present = await this.#disk.readFile(path);
    if (present !== undefined) return present;
    if (mustExist) throw corrupt(`keys/${name} is missing`, BACKUP);
    const bytes = Buffer.from(make());
    await this.write(name, bytes);
    return bytes;
  }

  async write(name: string, bytes: Buffer): Promise<void> {
    const path = join(this.#dir, name);
    await replaceFile(this.#disk, `${path}.new`, { path, bytes, permissions: PERMISSIONS, durable: true });
  }

  async generations(): Promise<readonly Generation[]> {
    const bytes = await this.#disk.readFile(join(this.#dir, GENERATIONS_FILE));
    return bytes === undefined ? [] : parseGenerations(bytes);
  }

  /** Overwrites a key and removes it; no error when it is gone. Copies in backups are beyond this. */
  async destroy(name: string): Promise<void> {
    const path = join(this.#dir, name);
    const present = await this.#disk.readFile(path);
    if (present === undefined) return;
    const file = await this.#disk.open(path, "edit", PERMISSIONS);
    try {
      await writeWhole(file, Buffer.alloc(present.length), present.length, 0);
      await file.datasync();
    } finally {
      await file.close();
    }
    await this.#disk.remove(path);
    await this.#disk.syncFolder(this.#dir);
  }
}

/** The keys of a log that never changed them. */
async function openFirst(
  folder: KeyFolder,
  origin: string,
  fresh: boolean,
  known: readonly string[] | undefined,
): Promise<readonly Signer[]> {
  const signers: Signer[] = [];
  for (const scheme of SCHEMES) {
    const [expected, another] = known?.filter((vkey) => parseVkey(vkey).type === scheme.key.type) ?? [];
    if (another !== undefined) throw corrupt(`keys/${GENERATIONS_FILE} is missing`, BACKUP);
    // A log that was made without ML-DSA gets its second key when the runtime learns it.
    const mustExist = known === undefined ? !fresh : expected !== undefined;
    const signer = await openSigner(folder, scheme, origin, 1, mustExist);
    if (signer === undefined) continue;
    if (expected !== undefined && expected !== signer.vkey) throw notTheLogs(scheme, 1);
    signers.push(signer);
  }
  return signers;
}

/** The keys that sign of a log that changed them. What is left of retired ones goes. */
async function openGenerations(
  folder: KeyFolder,
  origin: string,
  generations: readonly Generation[],
  known: readonly string[],
): Promise<readonly Signer[]> {
  const own = new Set(generations.flatMap(({ vkeys }) => vkeys));
  if (known.some((vkey) => !own.has(vkey))) throw corrupt("public/log.json names a key that is not the log's");
  const signers: Signer[] = [];
  for (const [at, { vkeys, to }] of generations.entries()) {
    for (const scheme of SCHEMES) {
      const expected = vkeys.find((vkey) => parseVkey(vkey).type === scheme.key.type);
      if (expected === undefined) continue;
      if (to !== undefined) {
        await folder.destroy(keyFileName(scheme.name, at + 1));
        continue;
      }
      const signer = await openSigner(folder, scheme, origin, at + 1, true);
      if (signer === undefined) continue;
      if (expected !== signer.vkey) throw notTheLogs(scheme, at + 1);
      signers.push(signer);
    }
  }
  return signers;
}

function notTheLogs(scheme: Scheme, generation: number): SluiceError {
  return corrupt(`keys/${keyFileName(scheme.name, generation)} is not the log's key`, BACKUP);
}

/**
 * Makes the private keys of another generation, or finds those that an earlier attempt made. They sign nothing before
 * `writeGenerations` names them. Durable when it returns.
 */
export async function prepareKeys(disk: Disk, dir: string, origin: string, generation: number): Promise<string[]> {
  const folder = new KeyFolder(disk, dir);
  const vkeys: string[] = [];
  for (const scheme of SCHEMES) {
    const signer = await openSigner(folder, scheme, origin, generation, false);
    if (signer !== undefined) vkeys.push(signer.vkey);
  }
  return vkeys;
}

/** From now on these keys sign. Durable when it returns; the log must not be open. */
export async function writeGenerations(disk: Disk, dir: string, generations: readonly Generation[]): Promise<void> {
  await new KeyFolder(disk, dir).write(GENERATIONS_FILE, Buffer.from(formatGenerations(generations)));
}

function hasSignedWith(vkey: string, note: Note): boolean {
  const { name, keyId, type, publicKey } = parseVkey(vkey);
  if (type !== KEY_TYPES.ed25519.type) return false;
  const own = note.signatures.find((signature) => signature.name === name && signature.keyId === keyId);
  if (own === undefined) return false;
  const jwk = { kty: "OKP", crv: "Ed25519", x: Buffer.from(publicKey).toString("base64url") };
  return verify(null, Buffer.from(note.text), createPublicKey({ key: jwk, format: "jwk" }), own.signature);
}

/** Undefined when this Node.js does not know the algorithm. */
async function openSigner(
  folder: KeyFolder,
  scheme: Scheme,
  origin: string,
  generation: number,
  mustExist: boolean,
): Promise<Signer | undefined> {
  const generated = tryGenerate(scheme);
  if (generated === undefined) return undefined;
  const file = keyFileName(scheme.name, generation);
  const pem = await folder.readOrMake(file, mustExist, () =>
    Buffer.from(generated.export({ type: "pkcs8", format: "pem" })),
  );
  const privateKey = readPrivateKey(pem, scheme, file);
  const spki = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  // A SubjectPublicKeyInfo of these types ends with the key itself: RFC 8410 section 4, RFC 9881 section 4.
  const publicKey = Uint8Array.from(spki.subarray(spki.length - scheme.key.publicKeyBytes));
  return { scheme, privateKey, vkey: formatVkey({ name: origin, type: scheme.key.type, publicKey }) };
}

/** A new key, which also tells whether the runtime knows the algorithm: Node.js 22 throws for ML-DSA-44. */
function tryGenerate(scheme: Scheme): KeyObject | undefined {
  try {
    return scheme.generate();
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function readPrivateKey(pem: Buffer, scheme: Scheme, file: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === scheme.name) return key;
  } catch (error) {
    throw corrupt(`keys/${file} is not a private key`, { ...BACKUP, cause: error });
  }
  throw corrupt(`keys/${file} is not a key for ${scheme.name}`, BACKUP);
}

/** The origin is also the name of the keys, and stands in the ML-DSA-44 message after a length of one byte. */
function checkOrigin(origin: string): void {
  const { type, publicKeyBytes } = KEY_TYPES.ed25519;
  try {
    formatVkey({ name: origin, type, publicKey: new Uint8Array(publicKeyBytes) });
    if (Buffer.byteLength(origin) <= ORIGIN_BYTES_MAX) return;
  } catch (error) {
    if (!(error instanceof VerifierError)) throw error;
  }
  throw new SluiceError(
    "config_invalid",
    `the origin of the evidence log is a URL without scheme, space and plus, of at most ${String(ORIGIN_BYTES_MAX)} bytes`,
  );
}

function readLogInfo(bytes: Uint8Array): { origin: string; vkeys: readonly string[] } {
  try {
    return parseLogInfo(bytes);
  } catch (error) {
    throw corrupt("public/log.json cannot be read", { remedy: REPAIR, cause: error });
  }
}
