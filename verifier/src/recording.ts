/**
 * The chain of a recording, for who holds its bytes and the two leaves of its exchange, and no key: whether every chunk is
 * there, once, in its place and as it was written. What a chunk says is ciphertext and of no matter here. docs/recordings.md
 * has the format. Never throws for bad bytes: whatever is wrong is a finding with a name.
 */
import { encodeBase64, equalBytes } from "./bytes.ts";
import { sha256 } from "./sha256.ts";

/** number → kind, in the byte after the magic */
export const CHUNK_KINDS = { 1: "request", 2: "answer", 3: "end", 4: "continued" } as const;

export type ChunkKind = (typeof CHUNK_KINDS)[keyof typeof CHUNK_KINDS];

/** "SLR" and the version of the format. */
export const CHUNK_MAGIC = Uint8Array.of(0x53, 0x4c, 0x52, 0x31);
export const CHUNK_HEADER_BYTES = 72;
/** The beginning of the chunk's hash, behind its body: tells a chunk that was written whole from the rest of one. */
export const CHUNK_CHECKSUM_BYTES = 8;
export const CHUNK_BODY_BYTES_MAX = 64 * 1024 * 1024;
const AT_KIND = 4;
const AT_SEQ = 8;
const AT_LENGTH = 12;
const AT_ID = 16;
const AT_TIME = 32;
const AT_PREVIOUS = 40;

/** What the header of a chunk says. Views on the bytes that were read. */
export interface ChunkHeader {
  readonly kind: ChunkKind;
  /** From 0. */
  readonly seq: number;
  readonly bodyBytes: number;
  /** 16 bytes. */
  readonly id: Uint8Array;
  /** Milliseconds since the epoch, of the clock of the machine. */
  readonly time: number;
  /** Hash of the chunk before it; zeros for the first. */
  readonly previous: Uint8Array;
}

/** Undefined where no chunk can begin. The body need not be there, and nothing is checked against its hash. */
export function readChunkHeader(bytes: Uint8Array, at: number): ChunkHeader | undefined {
  if (at + CHUNK_HEADER_BYTES > bytes.length) return undefined;
  for (let i = 0; i < CHUNK_MAGIC.length; i++) if (bytes[at + i] !== CHUNK_MAGIC[i]) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, CHUNK_HEADER_BYTES);
  const kind = (CHUNK_KINDS as Readonly<Record<number, ChunkKind>>)[view.getUint8(AT_KIND)];
  const bodyBytes = view.getUint32(AT_LENGTH);
  const time = Number(view.getBigUint64(AT_TIME));
  const reserved = view.getUint8(AT_KIND + 1) | view.getUint16(AT_KIND + 2);
  if (kind === undefined || reserved !== 0 || bodyBytes > CHUNK_BODY_BYTES_MAX || !Number.isSafeInteger(time))
    return undefined;
  return {
    kind,
    seq: view.getUint32(AT_SEQ),
    bodyBytes,
    id: bytes.subarray(at + AT_ID, at + AT_TIME),
    time,
    previous: bytes.subarray(at + AT_PREVIOUS, at + CHUNK_HEADER_BYTES),
  };
}

/** What the leaves of an exchange say of its recording. */
export interface ExpectedRecording {
  /** From the intent: base64url. */
  readonly id: string;
  /** From the intent: SHA-256 of the first chunk, base64. */
  readonly head: string;
  /** From the outcome; absent when there is none, or it names no recording. */
  readonly end?: { readonly chunks: number; readonly head: string } | undefined;
}

export type RecordingFindingCode =
  | "altered"
  | "dropped"
  | "duplicated"
  | "foreign"
  | "reordered"
  | "truncated"
  | "unfinished";

export interface RecordingFinding {
  readonly code: RecordingFindingCode;
  /** Of the chunk that it is about, where it is known. */
  readonly seq?: number;
  readonly message: string;
}

export interface RecordingReport {
  /** Empty: it is whole, and the one of this exchange. */
  readonly findings: readonly RecordingFinding[];
  /** Good chunks of it. */
  readonly chunks: number;
  /** It has its last chunk. */
  readonly finished: boolean;
}

interface Found extends ChunkHeader {
  readonly hash: Uint8Array;
  readonly name: string;
}

/** `bytes`: the chunks of one recording, one after the other, as `sluice export` writes them. */
export function verifyRecording(bytes: Uint8Array, expected: ExpectedRecording): RecordingReport {
  const findings: RecordingFinding[] = [];
  const report = (code: RecordingFindingCode, message: string, seq?: number): void => {
    if (findings.length < FINDINGS_MAX) findings.push({ code, message, ...(seq === undefined ? undefined : { seq }) });
  };
  const { chunks, damaged } = readAll(bytes, expected.id, report);
  const inOrder = once(chunks, report);
  checkChain(inOrder, damaged, expected, report);
  const last = inOrder.at(-1);
  const finished = last?.kind === "end";
  checkEnd(last, finished, inOrder.length, expected, report);
  return { findings, chunks: inOrder.length, finished };
}

/** More are as good as these. */
const FINDINGS_MAX = 100;

type Report = (code: RecordingFindingCode, message: string, seq?: number) => void;

function readAll(bytes: Uint8Array, id: string, report: Report): { chunks: Found[]; damaged: Set<number> } {
  const chunks: Found[] = [];
  const damaged = new Set<number>();
  for (let at = 0; at < bytes.length; ) {
    const header = readChunkHeader(bytes, at);
    const end = at + CHUNK_HEADER_BYTES + (header?.bodyBytes ?? 0);
    const hash =
      header !== undefined && end + CHUNK_CHECKSUM_BYTES <= bytes.length ? sha256(bytes.subarray(at, end)) : undefined;
    const isGood =
      hash !== undefined &&
      equalBytes(hash.subarray(0, CHUNK_CHECKSUM_BYTES), bytes.subarray(end, end + CHUNK_CHECKSUM_BYTES));
    if (header === undefined || hash === undefined || !isGood) {
      const next = nextMagic(bytes, at + 1);
      if (header !== undefined) damaged.add(header.seq);
      if (next < 0) report("truncated", "the bytes end inside of a chunk", header?.seq);
      else report("altered", "a chunk is not as it was written", header?.seq);
      if (next < 0) break;
      at = next;
      continue;
    }
    at = end + CHUNK_CHECKSUM_BYTES;
    if (base64url(header.id) === id) chunks.push({ ...header, hash, name: encodeBase64(hash) });
    else report("foreign", "a chunk of another recording stands in this one", header.seq);
  }
  return { chunks, damaged };
}

/** Each chunk once, by its number. */
function once(chunks: readonly Found[], report: Report): Found[] {
  const seen = new Set<string>();
  const kept: Found[] = [];
  for (const chunk of chunks) {
    if (seen.has(chunk.name)) {
      report("duplicated", `chunk ${chunk.seq} is there more than once`, chunk.seq);
      continue;
    }
    seen.add(chunk.name);
    const before = kept.at(-1);
    if (before !== undefined && chunk.seq < before.seq)
      report("reordered", `chunk ${chunk.seq} stands behind chunk ${before.seq}`, chunk.seq);
    kept.push(chunk);
  }
  return kept.toSorted((a, b) => a.seq - b.seq);
}

function checkChain(
  chunks: readonly Found[],
  damaged: ReadonlySet<number>,
  expected: ExpectedRecording,
  report: Report,
): void {
  let before: Found | undefined;
  let next = 0;
  for (const chunk of chunks) {
    if (before?.seq === chunk.seq) {
      report("foreign", `there are two chunks ${chunk.seq}`, chunk.seq);
      continue;
    }
    for (; next < chunk.seq; next++) {
      if (next >= FINDINGS_MAX + (before?.seq ?? 0)) break;
      if (!damaged.has(next)) report("dropped", `chunk ${next} is not there`, next);
    }
    if (chunk.seq === 0) {
      if (chunk.name !== expected.head) report("altered", "the first chunk is not the one that the intent names", 0);
    } else if (before?.seq === chunk.seq - 1 && !equalBytes(chunk.previous, before.hash)) {
      report("altered", `chunk ${chunk.seq} does not follow the chunk ${before.seq} that is here`, chunk.seq);
    }
    if (before?.kind === "end") report("foreign", "a chunk follows the end", chunk.seq);
    before = chunk;
    next = chunk.seq + 1;
  }
  if (chunks.length === 0) report("dropped", "no chunk of this recording is here", 0);
}

function checkEnd(
  last: Found | undefined,
  finished: boolean,
  count: number,
  { end }: ExpectedRecording,
  report: Report,
): void {
  if (!finished) report("unfinished", "it has no end: what followed was not recorded, or is not here", last?.seq);
  if (end === undefined || last === undefined) return;
  if (last.seq + 1 < end.chunks)
    report("truncated", `the outcome says ${end.chunks} chunks, and the last one here is ${last.seq}`, last.seq);
  else if (last.name !== end.head || last.seq + 1 > end.chunks || count > end.chunks)
    report("altered", "the last chunk is not the one that the outcome names", last.seq);
}

/** Where the next chunk may begin; −1 when nowhere. */
function nextMagic(bytes: Uint8Array, from: number): number {
  const [first = 0] = CHUNK_MAGIC;
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (readChunkHeader(bytes, at) !== undefined) return at;
  }
  return -1;
}

function base64url(bytes: Uint8Array): string {
  return encodeBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
