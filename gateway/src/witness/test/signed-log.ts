/** A log of any size and shape for the tests of this room: trees built the plain way, forks of it, and its signatures. */
import { type KeyObject, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import {
  KEY_TYPES,
  type NoteSignature,
  consistencyRanges,
  cosignedMessage,
  foldSubtrees,
  formatCheckpoint,
  formatNote,
  formatTimestampedSignature,
  formatVkey,
  leafHash,
  parseVkey,
  subtreesOf,
} from "@sluice/verifier";
import { formatAddCheckpoint } from "../request.ts";

export const ORIGIN = "log.example/evidence";
export const NOW = Date.parse("2026-11-22T03:00:00.000Z");

export class SignedLog {
  readonly origin: string;
  readonly vkey: string;
  readonly #key: KeyObject;
  readonly #type: number;

  constructor(origin = ORIGIN, type: "ed25519" | "ml-dsa-44" = "ed25519") {
    this.origin = origin;
    this.#key =
      type === "ed25519" ? generateKeyPairSync("ed25519").privateKey : generateKeyPairSync("ml-dsa-44").privateKey;
    const row = type === "ed25519" ? KEY_TYPES.ed25519 : KEY_TYPES.mlDsa44;
    const spki = createPublicKey(this.#key).export({ type: "spki", format: "der" });
    this.#type = row.type;
    this.vkey = formatVkey({ name: origin, type: row.type, publicKey: spki.subarray(-row.publicKeyBytes) });
  }

  /** As c2sp.org/tlog-list has it. */
  get list(): string {
    return `logs/v0\n\nvkey ${this.vkey}\nqpd 86400\ncontact somebody@log.example\n`;
  }

  /** The signed checkpoint of `size` leaves. */
  checkpoint(size: number, tree: Tree = HONEST, extensions?: readonly string[]): string {
    const head = {
      origin: this.origin,
      size,
      root: tree.root(0, size),
      ...(extensions === undefined ? {} : { extensions }),
    };
    const text = formatCheckpoint(head);
    return formatNote({ text, signatures: [this.sign(text, head)] });
  }

  sign(text: string, head: { size: number; root: Uint8Array }): NoteSignature {
    const about = { name: this.origin, keyId: parseVkey(this.vkey).keyId };
    if (this.#type === KEY_TYPES.ed25519.type) {
      return { ...about, signature: new Uint8Array(sign(null, Buffer.from(text), this.#key)) };
    }
    const timestamp = NOW / 1000;
    const message = cosignedMessage({ cosigner: this.origin, origin: this.origin, timestamp, ...head });
    return {
      ...about,
      signature: formatTimestampedSignature({ timestamp, signature: sign(null, message, this.#key) }),
    };
  }

  /** The body that asks for a cosignature under the tree of `size`, with the proof from `oldSize`. */
  ask(oldSize: number, size: number, tree: Tree = HONEST): string {
    const proof = oldSize <= size ? tree.proof(oldSize, size) : [];
    return formatAddCheckpoint(oldSize, proof, this.checkpoint(size, tree));
  }
}

/** The leaves of a history; from `forkAt` on they are others, by the fork's name. */
export class Tree {
  readonly #forkAt: number;
  readonly #name: string;

  constructor(forkAt = Number.POSITIVE_INFINITY, name = "fork") {
    this.#forkAt = forkAt;
    this.#name = name;
  }

  /** MTH(D[start:end]) of a range that occurs in a tree. */
  root(start: number, end: number): Uint8Array {
    return foldSubtrees(
      subtreesOf({ start, end }).map(({ height, index }) => {
        const width = 2 ** height;
        if (width === 1) return leafHash(this.#leaf(index));
        return this.#complete(index * width, width);
      }),
    );
  }

  proof(oldSize: number, size: number): Uint8Array[] {
    return consistencyRanges(oldSize, size).map(({ start, end }) => this.root(start, end));
  }

  #complete(start: number, width: number): Uint8Array {
    if (width === 1) return leafHash(this.#leaf(start));
    // The left half is the larger subtree of the two that the fold joins.
    return foldSubtrees([this.#complete(start, width / 2), this.#complete(start + width / 2, width / 2)]);
  }

  #leaf(index: number): Uint8Array {
    return Buffer.from(index < this.#forkAt ? `leaf ${index}` : `${this.#name} ${index}`);
  }
}

export const HONEST = new Tree();
