/**
 * Opens a recording: with the file's key and the keys of its subjects that are left, as far as these go. What is shown of it is the
 * caller's decision; what cannot be opened any more says so and never stops the rest.
 */
import type { ChunkHeader, ChunkKind } from "@sluice/verifier";
import { CHUNK_CHECKSUM_BYTES, CHUNK_HEADER_BYTES, readChunkHeader } from "@sluice/verifier";
import type { SubjectId, SubjectKeys } from "../core/subjects.ts";
import { type Body, decodeBody } from "./body.ts";
import { isWhole } from "./chunk.ts";
import { PART, type RandomPool, Sealer } from "./sealing.ts";
import { commonOf, type Facts, openBox, openTable, openText, type OpenedBox, type OpenedTable } from "./session.ts";
import { type PersonValue, show, type ShownText, type TextTable } from "./skeleton.ts";

/** A chunk, as far as the file's key opens it. */
interface Read {
  readonly header: Pick<ChunkHeader, "kind" | "seq" | "time">;
  readonly body: Body;
  readonly table: OpenedTable;
}

export interface OpenedRecording {
  /** 16 bytes. */
  readonly id: Buffer;
  readonly time: number;
  /** Facts of all chunks; later ones win. */
  readonly facts: Facts;
  /** In the order in which they are needed first. */
  readonly subjects: readonly SubjectId[];
  readonly fields: readonly { readonly path: string; readonly type: string; readonly subject?: SubjectId }[];
  readonly finished: boolean;
}

/** What is shown of one chunk. */
export interface ShownChunk {
  readonly kind: ChunkKind;
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly texts: readonly ShownPiece[];
}

export interface ShownPiece extends ShownText {
  /** It cannot be opened any more: somebody in it was erased. `text` is empty. */
  readonly erased?: true;
  /** By box, for `ShownField.box`. */
  readonly subjects: readonly SubjectId[];
}

/** Chunks of one recording, good ones only, in their order, each once. Bad ones are the verifier's findings. */
export function chunksOf(bytes: Buffer): { header: ChunkHeader; body: Buffer }[] {
  const found = new Map<number, { header: ChunkHeader; body: Buffer }>();
  for (let at = 0; at < bytes.length; ) {
    const header = readChunkHeader(bytes, at);
    const end = at + CHUNK_HEADER_BYTES + (header?.bodyBytes ?? 0) + CHUNK_CHECKSUM_BYTES;
    if (header === undefined || end > bytes.length || !isWhole(bytes, at, end)) {
      at += 1;
      continue;
    }
    if (!found.has(header.seq)) {
      found.set(header.seq, { header, body: bytes.subarray(at + CHUNK_HEADER_BYTES, end - CHUNK_CHECKSUM_BYTES) });
    }
    at = end;
  }
  return [...found.values()].toSorted((a, b) => a.header.seq - b.header.seq);
}

export class RecordingReader {
  readonly opened: OpenedRecording;
  readonly #sealer: Sealer;
  readonly #chunks: readonly Read[];

  private constructor(opened: OpenedRecording, sealer: Sealer, chunks: readonly Read[]) {
    this.opened = opened;
    this.#sealer = sealer;
    this.#chunks = chunks;
  }

  /** Undefined when its first chunk is not there, or does not open with the file's key. */
  static read(bytes: Buffer, fileKey: Uint8Array, origin: string, random: RandomPool): RecordingReader | undefined {
    const chunks = chunksOf(bytes);
    const [first] = chunks;
    if (first === undefined || first.header.kind !== "request") return undefined;
    const id = Buffer.from(first.header.id);
    const sealer = new Sealer(origin, id, random);
    const wrapped = decodeBody(first.body)?.sessionKey;
    const sessionKey = wrapped === undefined ? undefined : sealer.open(fileKey, wrapped, 0, PART.sessionKey, 0);
    if (sessionKey === undefined) return undefined;
    const read: Read[] = [];
    for (const { header, body: raw } of chunks) {
      const body = decodeBody(raw);
      const table = body === undefined ? undefined : openTable(sealer, sessionKey, header.seq, body);
      if (body !== undefined && table !== undefined) read.push({ header, body, table });
    }
    sessionKey.fill(0);
    const begun = read[0];
    if (begun === undefined || begun.header.seq !== 0) return undefined;
    return new RecordingReader(openedOf(id, begun, read), sealer, read);
  }

  /**
   * Everything, in order. `reveals`: whose values may be shown; of those that belong to the text itself, `subject` is absent.
   * Rejects with what the keys reject with.
   */
  async show(
    keys: Pick<SubjectKeys, "keyOf">,
    reveals: (subject: SubjectId | undefined) => boolean,
  ): Promise<ShownChunk[]> {
    const sharing = this.opened.facts.shared ?? "all-of";
    const shown: ShownChunk[] = [];
    let common: Buffer | undefined;
    for (const chunk of this.#chunks) {
      const { header, body, table } = chunk;
      const boxes = await this.#openBoxes(chunk, keys);
      if (header.seq === 0) common = commonOf(sharing, boxes);
      const subjects = body.boxes.map(({ subject }) => subject.toString("base64url"));
      const given = boxes.map(() => 0);
      const next = (box: number): PersonValue | undefined => {
        const at = given[box] ?? 0;
        given[box] = at + 1;
        return boxes[box]?.values[at];
      };
      const reveal = (box: number | undefined): boolean => reveals(box === undefined ? undefined : subjects[box]);
      const means = { sharing, boxes, common };
      const opened = table.t.map((text, at) => {
        const sealed = body.texts[at];
        const pieces = sealed === undefined ? undefined : openText(this.#sealer, table, header.seq, at, sealed, means);
        return text.p.map((piece, number) => ({ piece, text: pieces?.[number] }));
      });
      // In the order in which their values were put into the boxes.
      const inOrder = opened.flat().toSorted((a, b) => a.piece[0] - b.piece[0]);
      const texts = inOrder.map(({ piece, text }): ShownPiece => {
        if (text !== undefined) return { ...show(piece, text, { next, reveals: reveal }), subjects };
        const [, path, origin, fields] = piece;
        for (const [, box] of fields) if (box >= 0) next(box);
        return { path, ms: 0, text: "", fields: [], erased: true, subjects, ...(origin === null ? {} : { origin }) };
      });
      shown.push({ kind: header.kind, seq: header.seq, time: header.time, texts });
    }
    return shown;
  }

  /** The values of these subjects, whatever else can be opened. */
  async valuesOf(
    keys: Pick<SubjectKeys, "keyOf">,
    wanted: ReadonlySet<SubjectId>,
  ): Promise<{ path: string; type: string; value: string }[]> {
    const values: { path: string; type: string; value: string }[] = [];
    for (const chunk of this.#chunks) {
      const subjects = chunk.body.boxes.map(({ subject }) => subject.toString("base64url"));
      if (!subjects.some((each) => wanted.has(each))) continue;
      const boxes = await this.#openBoxes(chunk, keys, wanted);
      const given = boxes.map(() => 0);
      for (const [, path, , fields] of piecesOf(chunk.table.t)) {
        for (const [type, box] of fields) {
          if (box < 0) continue;
          const at = given[box] ?? 0;
          given[box] = at + 1;
          const [seen, value] = boxes[box]?.values[at] ?? [null, null];
          const known = value ?? seen;
          if (known !== null && wanted.has(subjects[box] ?? "")) values.push({ path, type, value: known });
        }
      }
    }
    return values;
  }

  async #openBoxes(
    { header, body, table }: Read,
    keys: Pick<SubjectKeys, "keyOf">,
    wanted?: ReadonlySet<SubjectId>,
  ): Promise<(OpenedBox | undefined)[]> {
    const opened: (OpenedBox | undefined)[] = [];
    for (const [index, box] of body.boxes.entries()) {
      const subject = box.subject.toString("base64url");
      const ownShare = table.own[table.t.length + index];
      // A key is good until the next turn of the event loop: it is used as soon as it is there.
      const key = wanted?.has(subject) === false ? undefined : await keys.keyOf(subject);
      opened.push(
        key === undefined || ownShare === undefined
          ? undefined
          : openBox(this.#sealer, key.key, ownShare, header.seq, index, box),
      );
    }
    return opened;
  }
}

function openedOf(id: Buffer, first: Read, chunks: readonly Read[]): OpenedRecording {
  const subjects = new Set<SubjectId>();
  const fields: { path: string; type: string; subject?: SubjectId }[] = [];
  const facts: { -readonly [K in keyof Facts]: Facts[K] } = {};
  for (const { body, table } of chunks) {
    const ids = body.boxes.map(({ subject }) => subject.toString("base64url"));
    for (const each of ids) subjects.add(each);
    for (const [, path, , own] of piecesOf(table.t)) {
      for (const [type, box] of own) {
        const subject = ids[box];
        fields.push(subject === undefined ? { path, type } : { path, type, subject });
      }
    }
    Object.assign(facts, table.f);
  }
  return {
    id,
    time: first.header.time,
    facts,
    subjects: [...subjects],
    fields,
    finished: chunks.at(-1)?.header.kind === "end",
  };
}

type PieceOf = TextTable["p"][number];

/** In the order in which their values were put into the boxes. */
function piecesOf(texts: readonly TextTable[]): PieceOf[] {
  return texts.flatMap(({ p }) => p).toSorted((a, b) => a[0] - b[0]);
}
