/**
 * The keys of one recording, and how a chunk's parts are sealed under them and opened again. Each part has a random key that is
 * the XOR of random shares: one that stands in the chunk's table, under the session key, and those of the subjects it is about,
 * each in that subject's box, under the subject's key. So a part opens with the file's key and the subjects' keys, or not at all.
 *
 * `all-of`: a text needs the share of every subject in it. `any-of`: each subject's box holds the same one. What is answered is
 * about whomever the request was about: it needs a share that the boxes of the first chunk hold for the whole recording.
 */
import type { RecordingRule, Sharing } from "../core/recording.ts";
import type { SubjectKey } from "../core/subjects.ts";
import type { Body, Box } from "./body.ts";
import { KEY_BYTES, PART, type RandomPool, type Sealer, subjectBytes, xor } from "./sealing.ts";
import type { Cut, PersonValue, PieceText, TextTable } from "./skeleton.ts";

/** What is known of a chunk with the session key alone. */
export interface Table {
  readonly t: readonly TextTable[];
  readonly f?: Facts;
}

/** Facts of a recording, in its first chunk; of its end, in the last; and the index of its intent, in all but the first. */
export interface Facts {
  readonly mode?: RecordingRule["mode"];
  readonly shared?: Sharing;
  readonly purpose?: string;
  readonly connection?: string;
  readonly endpoint?: string;
  readonly model?: string;
  readonly terminal?: readonly [columns: number, rows: number];
  readonly record?: number;
  readonly status?: string;
  readonly code?: string;
}

/** The parts of a body that a cut makes. */
export type Sealed = Pick<Body, "table" | "texts" | "boxes">;

export class Session {
  /** Of this recording alone. */
  readonly #key: Buffer;
  readonly #sealer: Sealer;
  readonly #random: RandomPool;
  readonly #sharing: Sharing;
  /** What every text after the request needs; undefined when the request named nobody. */
  #common: Buffer | undefined;

  constructor(sealer: Sealer, random: RandomPool, sharing: Sharing) {
    this.#sealer = sealer;
    this.#random = random;
    this.#sharing = sharing;
    this.#key = random.take(KEY_BYTES);
  }

  get hasCommon(): boolean {
    return this.#common !== undefined;
  }

  /** For the first chunk. What continues in another file needs it too, and that one is never older. */
  wrapFor(fileKey: Uint8Array): Buffer {
    return this.#sealer.seal(fileKey, this.#key, 0, PART.sessionKey, 0);
  }

  /** `boxes`: the keys of the subjects, as `cut` numbers them. */
  seal(seq: number, { texts, values }: Cut, boxes: readonly SubjectKey[], facts: Facts | undefined): Sealed {
    const isFirst = seq === 0;
    const shares = boxes.map((): { text: number; share: Buffer }[] => []);
    const commons = isFirst ? this.#newCommons(boxes.length) : [];
    const own = Buffer.allocUnsafe((texts.length + boxes.length) * KEY_BYTES);
    const sealedTexts = texts.map(({ table, pieces }, index) => {
      const key = this.#random.take(KEY_BYTES);
      key.copy(own, index * KEY_BYTES);
      this.#share(key, table, index, shares);
      const sealed = this.#sealer.seal(key, json(pieces), seq, PART.text, index);
      key.fill(0);
      return sealed;
    });
    const sealedBoxes = boxes.map(({ id, key: subjectKey }, index): Box => {
      const subject = subjectBytes(id);
      const key = this.#random.take(KEY_BYTES);
      key.copy(own, (texts.length + index) * KEY_BYTES);
      const share = this.#random.take(KEY_BYTES);
      const wrapped = this.#sealer.seal(subjectKey, share, seq, PART.share, index, subject);
      const content = boxContent(commons[index], shares[index] ?? [], values[index] ?? []);
      const sealed = this.#sealer.seal(xor(key, share), content, seq, PART.values, index, subject);
      for (const secret of [key, share, content]) secret.fill(0);
      return { subject, share: wrapped, values: sealed };
    });
    const table: Table = { t: texts.map((each) => each.table), ...(facts === undefined ? undefined : { f: facts }) };
    const counts = Buffer.allocUnsafe(8);
    counts.writeUInt32BE(texts.length, 0);
    counts.writeUInt32BE(boxes.length, 4);
    const plain = Buffer.concat([counts, own, json(table)]);
    const sealedTable = this.#sealer.seal(this.#key, plain, seq, PART.table, 0);
    for (const secret of [own, plain, ...commons]) secret.fill(0);
    return { table: sealedTable, texts: sealedTexts, boxes: sealedBoxes };
  }

  clear(): void {
    this.#key.fill(0);
    this.#common?.fill(0);
  }

  /** What the boxes of the first chunk get, whose XOR, or each of which, is the common secret. */
  #newCommons(count: number): Buffer[] {
    if (count === 0) return [];
    const commons = Array.from({ length: count }, () => this.#random.take(KEY_BYTES));
    const [first, ...others] = commons as [Buffer, ...Buffer[]];
    this.#common = Buffer.from(first);
    for (const other of others) {
      if (this.#sharing === "any-of") first.copy(other);
      else xor(this.#common, other);
    }
    return commons;
  }

  /** Makes `key` one that takes the subjects' shares too, and hands these out. */
  #share(key: Buffer, { s, c }: TextTable, text: number, shares: { text: number; share: Buffer }[][]): void {
    const common = c === 1 ? this.#common : undefined;
    if (this.#sharing === "any-of") {
      if (common === undefined && s.length === 0) return;
      const share = common ?? this.#random.take(KEY_BYTES);
      xor(key, share);
      for (const box of s) shares[box]?.push({ text, share: Buffer.from(share) });
      return;
    }
    if (common !== undefined) xor(key, common);
    for (const box of s) {
      const share = this.#random.take(KEY_BYTES);
      xor(key, share);
      shares[box]?.push({ text, share });
    }
  }
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

const HAS_COMMON = 1;
const SHARE_BYTES = 4 + KEY_BYTES;

/** uint8 flags | [32 common] | uint32 n | n × (uint32 text, 32 share) | values as JSON */
function boxContent(
  common: Buffer | undefined,
  shares: readonly { text: number; share: Buffer }[],
  values: readonly PersonValue[],
): Buffer {
  const text = JSON.stringify(values);
  const bytes = Buffer.allocUnsafe(
    1 + (common?.length ?? 0) + 4 + shares.length * SHARE_BYTES + Buffer.byteLength(text),
  );
  let at = bytes.writeUInt8(common === undefined ? 0 : HAS_COMMON, 0);
  if (common !== undefined) at += common.copy(bytes, at);
  at = bytes.writeUInt32BE(shares.length, at);
  for (const { text: index, share } of shares) {
    at = bytes.writeUInt32BE(index, at);
    at += share.copy(bytes, at);
    share.fill(0);
  }
  bytes.write(text, at);
  return bytes;
}

/** A chunk, as far as the session key opens it. */
export interface OpenedTable extends Table {
  /** Shares of the texts, then of the boxes. */
  readonly own: readonly Buffer[];
}

/** Undefined when it is not of this session, or was altered. */
export function openTable(sealer: Sealer, sessionKey: Uint8Array, seq: number, body: Body): OpenedTable | undefined {
  const plain = sealer.open(sessionKey, body.table, seq, PART.table, 0);
  if (plain === undefined) return undefined;
  const texts = plain.readUInt32BE(0);
  const boxes = plain.readUInt32BE(4);
  const end = 8 + (texts + boxes) * KEY_BYTES;
  const own = Array.from({ length: texts + boxes }, (_, at) =>
    plain.subarray(8 + at * KEY_BYTES, 8 + (at + 1) * KEY_BYTES),
  );
  return { ...(JSON.parse(plain.toString("utf8", end)) as Table), own };
}

export interface OpenedBox {
  readonly common?: Buffer;
  readonly shares: ReadonlyMap<number, Buffer>;
  readonly values: readonly PersonValue[];
}

/** Undefined when it does not open with this key. */
export function openBox(
  sealer: Sealer,
  subjectKey: Uint8Array,
  ownShare: Uint8Array,
  seq: number,
  index: number,
  { subject, share, values }: Box,
): OpenedBox | undefined {
  const key = sealer.open(subjectKey, share, seq, PART.share, index, subject);
  if (key === undefined) return undefined;
  const content = sealer.open(xor(key, ownShare), values, seq, PART.values, index, subject);
  key.fill(0);
  if (content === undefined) return undefined;
  let at = 1;
  const common = (content.readUInt8(0) & HAS_COMMON) === 0 ? undefined : content.subarray(at, (at += KEY_BYTES));
  const count = content.readUInt32BE(at);
  at += 4;
  const shares = new Map<number, Buffer>();
  for (let i = 0; i < count; i++, at += SHARE_BYTES) {
    shares.set(content.readUInt32BE(at), content.subarray(at + 4, at + SHARE_BYTES));
  }
  return {
    ...(common === undefined ? undefined : { common }),
    shares,
    values: JSON.parse(content.toString("utf8", at)) as PersonValue[],
  };
}

/** The secret that all texts after the request need; undefined when boxes that it takes cannot be opened, or there is none. */
export function commonOf(sharing: Sharing, boxes: readonly (OpenedBox | undefined)[]): Buffer | undefined {
  if (boxes.length === 0) return undefined;
  if (sharing === "any-of") return boxes.find((box) => box?.common !== undefined)?.common;
  const sum = Buffer.alloc(KEY_BYTES);
  for (const box of boxes) {
    if (box?.common === undefined) return undefined;
    xor(sum, box.common);
  }
  return sum;
}

export interface TextMeans {
  readonly sharing: Sharing;
  readonly boxes: readonly (OpenedBox | undefined)[];
  /** Of the recording. */
  readonly common: Buffer | undefined;
}

/** Undefined when a share that it takes is gone. */
export function openText(
  sealer: Sealer,
  table: OpenedTable,
  seq: number,
  index: number,
  sealed: Buffer,
  { sharing, boxes, common }: TextMeans,
): readonly PieceText[] | undefined {
  const { s, c } = table.t[index] as TextTable;
  const key = Buffer.from(table.own[index] as Buffer);
  const shareOf = (box: number): Buffer | undefined => boxes[box]?.shares.get(index);
  if (sharing === "any-of") {
    const share = (c === 1 ? common : undefined) ?? s.map(shareOf).find((each) => each !== undefined);
    if (share === undefined && (s.length > 0 || c === 1)) return undefined;
    if (share !== undefined) xor(key, share);
  } else {
    const needed = [...(c === 1 ? [common] : []), ...s.map(shareOf)];
    for (const share of needed) {
      if (share === undefined) return undefined;
      xor(key, share);
    }
  }
  const plain = sealer.open(key, sealed, seq, PART.text, index);
  key.fill(0);
  return plain === undefined ? undefined : (JSON.parse(plain.toString("utf8")) as PieceText[]);
}
