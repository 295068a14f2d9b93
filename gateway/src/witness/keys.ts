/**
 * The witness's keys, made at the first start: one for Ed25519 cosignatures, which today's tools read, and one for ML-DSA-44,
 * which "SHOULD be used for new deployments". Promises that a witness keeps its name and its keys: what is missing or another
 * one is refused, never replaced. Known weakness, in the open: these are key files; who reads them cosigns in its name.
 */
import { type KeyObject, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  type Checkpoint,
  KEY_TYPES,
  type NoteSignature,
  VerifierError,
  cosignedMessage,
  cosignedText,
  formatTimestampedSignature,
  formatVkey,
  parseVkey,
} from "@sluice/verifier";
import { SluiceError } from "../core/errors.ts";
import { readIfThere, writeDurably } from "./files.ts";

const PERMISSIONS = 0o600;
/** The ML-DSA-44 message names the cosigner after a length of one byte. */
const NAME_BYTES_MAX = 255;

/** What a cosignature is about. */
export interface Cosigned {
  /** The body of the note, with its final newline. */
  readonly text: string;
  readonly checkpoint: Checkpoint;
  /** Seconds since the epoch, more than 0: "The cosignature MUST NOT omit the timestamp". */
  readonly timestamp: number;
}

/** One row a signature type: the only place where they differ. */
interface Scheme {
  readonly name: string;
  readonly file: string;
  readonly key: (typeof KEY_TYPES)[keyof typeof KEY_TYPES];
  readonly generate: () => KeyObject;
  readonly message: (cosigned: Cosigned, cosigner: string) => Uint8Array;
}

const SCHEMES: readonly Scheme[] = [
  {
    name: "ed25519",
    file: "witness-ed25519.pem",
    key: KEY_TYPES.cosignatureEd25519,
    generate: () => generateKeyPairSync("ed25519").privateKey,
    message: ({ text, timestamp }) => cosignedText(text, timestamp),
  },
  {
    name: "ml-dsa-44",
    file: "witness-ml-dsa-44.pem",
    key: KEY_TYPES.mlDsa44,
    generate: () => generateKeyPairSync("ml-dsa-44").privateKey,
    message: ({ checkpoint: { origin, size, root }, timestamp }, cosigner) =>
      cosignedMessage({ cosigner, timestamp, origin, size, root }),
  },
];

interface Signer {
  readonly scheme: Scheme;
  readonly privateKey: KeyObject;
  readonly vkey: string;
  readonly keyId: string;
}

export class WitnessKeys {
  readonly name: string;
  readonly #signers: readonly Signer[];

  private constructor(name: string, signers: readonly Signer[]) {
    this.name = name;
    this.#signers = signers;
  }

  /**
   * The keys in `dir`; new ones under `name` when `fresh`. Throws config_invalid for a name that is none, witness_corrupt for a key
   * that is missing or no key.
   */
  static open(dir: string, name: string, fresh: boolean): WitnessKeys {
    checkName(name);
    const folder = join(dir, "keys");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const signers = SCHEMES.flatMap((scheme) => openSigner(folder, name, scheme, fresh) ?? []);
    return new WitnessKeys(name, signers);
  }

  /** Ed25519 first; without ML-DSA in the runtime it is the only one. */
  get vkeys(): readonly string[] {
    return this.#signers.map(({ vkey }) => vkey);
  }

  cosign(cosigned: Cosigned): NoteSignature[] {
    const { timestamp } = cosigned;
    return this.#signers.map(({ scheme, privateKey, keyId }) => {
      const signature = sign(null, scheme.message(cosigned, this.name), privateKey);
      return { name: this.name, keyId, signature: formatTimestampedSignature({ timestamp, signature }) };
    });
  }
}

/** Undefined when this Node.js does not know the algorithm. */
function openSigner(folder: string, name: string, scheme: Scheme, fresh: boolean): Signer | undefined {
  const generated = tryGenerate(scheme);
  if (generated === undefined) return undefined;
  const path = join(folder, scheme.file);
  let pem = readIfThere(path);
  if (pem === undefined) {
    if (!fresh) throw corrupt(`keys/${scheme.file} is missing; restore it, or retire this witness and begin a new one`);
    pem = Buffer.from(generated.export({ type: "pkcs8", format: "pem" }));
    writeDurably(path, pem, PERMISSIONS);
  }
  const privateKey = readPrivateKey(pem, scheme);
  const spki = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  // A SubjectPublicKeyInfo of these types ends with the key itself: RFC 8410 section 4, RFC 9881 section 4.
  const publicKey = Uint8Array.from(spki.subarray(spki.length - scheme.key.publicKeyBytes));
  const vkey = formatVkey({ name, type: scheme.key.type, publicKey });
  return { scheme, privateKey, vkey, keyId: parseVkey(vkey).keyId };
}

/** A new key, which also tells whether the runtime knows the algorithm: Node.js 22 throws for ML-DSA-44. */
function tryGenerate(scheme: Scheme): KeyObject | undefined {
  try {
    return scheme.generate();
  } catch (thrown) {
    if (thrown instanceof TypeError) return undefined;
    throw thrown;
  }
}

function readPrivateKey(pem: Buffer, scheme: Scheme): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === scheme.name) return key;
  } catch (cause) {
    throw new SluiceError("witness_corrupt", `keys/${scheme.file} is not a private key`, { cause });
  }
  throw corrupt(`keys/${scheme.file} is not a key for ${scheme.name}`);
}

function checkName(name: string): void {
  const { type, publicKeyBytes } = KEY_TYPES.ed25519;
  try {
    formatVkey({ name, type, publicKey: new Uint8Array(publicKeyBytes) });
    if (Buffer.byteLength(name) <= NAME_BYTES_MAX) return;
  } catch (thrown) {
    if (!(thrown instanceof VerifierError)) throw thrown;
  }
  throw new SluiceError(
    "config_invalid",
    "the name of a witness is a URL without scheme, space and plus, of at most 255 bytes: witness.example.com/w1",
  );
}

function corrupt(message: string): SluiceError {
  return new SluiceError("witness_corrupt", message);
}
