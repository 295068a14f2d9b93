/**
 * Recordings of exchanges as other rooms see them: who begins one and feeds it (gate), who reads and forgets it (rights, control
 * API). What stands in a recording is sealed before it reaches a disk; docs/recordings.md has the format.
 */
import type { Operator } from "./connection.ts";
import type { DetectedTypes } from "./detection.ts";
import type { Origin } from "./segment.ts";
import type { SubjectId } from "./subjects.ts";

/** What is kept of an exchange beside its leaf, from least to most: nothing, what the provider saw, and the values too. */
export const RECORDING_MODES = ["none", "scrubbed", "sealed"] as const;

export type RecordingMode = (typeof RECORDING_MODES)[number];

/**
 * Who can make the text between the values unreadable: the erasure of any subject in it (`all-of`), or only that of all of
 * them (`any-of`), where the others have a right to it.
 */
export const SHARINGS = ["all-of", "any-of"] as const;

export type Sharing = (typeof SHARINGS)[number];

/** What the configuration says. */
export interface RecordingSettings {
  /** Where no rule fits. */
  readonly mode: RecordingMode;
  readonly shared: Sharing;
  readonly rules: readonly {
    /** Absent: any. */
    readonly connection?: string;
    readonly purpose?: string;
    readonly mode: RecordingMode;
    /** Absent: as above. */
    readonly shared?: Sharing;
  }[];
  /** Of one exchange, sealed; at most 32 MiB. */
  readonly exchangeBytesMax: number;
  readonly atLimit: "end" | "segment";
  readonly fileBytesMax: number;
  /** Absolute path of a folder that gateways share, or of one on another disk. Absent: in the folder of the evidence. */
  readonly dir?: string;
}

export interface RecordingRule {
  readonly mode: Exclude<RecordingMode, "none">;
  readonly shared: Sharing;
}

/** A value in a text: where it stands in the text as it is recorded, and what it was. */
export interface RecordedSpan {
  /** UTF-16, in the text as the provider saw it, or as the model wrote it. */
  readonly start: number;
  readonly end: number;
  readonly type: string;
  /** `allow`: what stands there is the value. */
  readonly operator: Operator;
  readonly value: string;
}

/** A text, or the next piece of one. Spans ascend and do not overlap. */
export interface RecordedText {
  readonly path: string;
  readonly text: string;
  readonly spans: readonly RecordedSpan[];
  readonly origin?: Origin;
  readonly encoding?: "text" | "json";
}

export interface RecordingStart extends RecordingRule {
  readonly purpose: string;
  /** ISO 8601, where a policy shortens the purpose's: what goes earlier is kept in files of its own. */
  readonly retention?: string | undefined;
  readonly connection: string;
  readonly endpoint: string;
  readonly model: string;
  /** From `Sluice-Data-Subject`. */
  readonly subject?: string | undefined;
  /** All that may be found, for their categories. */
  readonly types: DetectedTypes;
  readonly texts: readonly RecordedText[];
  /** Present: what comes is the output of a terminal of this size, and the texts' paths are `o`, `i` and `r` (asciicast v3). */
  readonly terminal?: { readonly columns: number; readonly rows: number };
}

/** As it stands on the intent's leaf. */
export interface RecordingMark {
  /** 16 random bytes, base64url. */
  readonly id: string;
  /** SHA-256 of the first chunk, base64. It is over ciphertext under random keys. */
  readonly head: string;
  readonly mode: RecordingRule["mode"];
  /** `Posting.place`. */
  readonly place: number;
}

/** As it stands on the outcome's leaf: how many chunks there are, and SHA-256 of the last one, base64. */
export interface RecordingEnd {
  readonly chunks: number;
  readonly head: string;
}

/** A recording that is under way. */
export interface RunningRecording {
  readonly mark: RecordingMark;
  /** Resolves when the first chunk is durable; rejects with recording_unavailable. */
  readonly durable: Promise<void>;
  /** Its intent has this index in the log: from now on it can be found by its subjects. */
  recorded(index: number): void;
  /** Takes the next texts. Throws recording_full at the limit, recording_unavailable once it cannot be written. Never waits. */
  add(texts: readonly RecordedText[]): void;
  /** Calls back at most once, when it cannot be written any more and the exchange must end. */
  onFault(listener: (error: Error) => void): void;
  /**
   * Writes what is left and the end, durably. Undefined when it could not: it stays without an end. Never rejects. The first
   * call wins.
   */
  end(how: { readonly status: string; readonly code?: string | undefined }): Promise<RecordingEnd | undefined>;
  /** Nothing came of it. Forgets its keys; may be called after `end`. */
  abandon(): void;
}

/** What the gate needs. */
export interface Recorder {
  /** Undefined: nothing of such an exchange is recorded. */
  ruleOf(connection: string, purpose: string): RecordingRule | undefined;
  /** Rejects with recording_full, recording_unavailable, key_unavailable, database_unavailable. */
  begin(start: RecordingStart): Promise<RunningRecording>;
}

/** A value in a recording, without the value. */
export interface RecordedField {
  /** Lane of the text: `messages.0.content`. */
  readonly path: string;
  readonly type: string;
  /** Absent: it belongs to the text around it. */
  readonly subject?: SubjectId;
}

export interface RecordingFacts {
  readonly id: string;
  readonly place: number;
  /** Index of the intent; absent when it ended before it was known. */
  readonly record?: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly mode: RecordingRule["mode"];
  readonly purpose: string;
  readonly connection: string;
  readonly endpoint: string;
  /** All subjects whose keys it needs, the declared one included. */
  readonly subjects: readonly SubjectId[];
  readonly fields: readonly RecordedField[];
}

/** What a subject gets to see of a recording. */
export interface SubjectCopy extends Omit<RecordingFacts, "subjects" | "fields"> {
  readonly values: readonly { readonly path: string; readonly type: string; readonly value: string }[];
  /**
   * The texts around the subject's values, these in place and those of others as their types: `[EMAIL]`. A text that cannot be
   * opened any more, for somebody else's erasure, is left out and counted.
   */
  readonly texts: readonly { readonly path: string; readonly origin?: Origin; readonly text: string }[];
  readonly textsErased: number;
}

export interface Pruning {
  /** Whole days before this moment, in milliseconds since the epoch. */
  readonly before: number;
  readonly purpose: string;
  /** Those that were begun with this retention; absent: with none. */
  readonly retention?: string;
  /** True for a subject under legal hold: a file that holds anything of it stays. */
  readonly held: (subject: SubjectId) => boolean;
}

export interface Pruned {
  /** Below the folder of recordings: purpose, day and number; before them the gateway, where many share it. */
  readonly deleted: readonly { readonly file: string; readonly bytes: number }[];
  /** Files that stay for a hold. */
  readonly held: readonly string[];
}

/** What the rights room needs. All reject with recording_unavailable when the disk fails, with key_unavailable, database_unavailable. */
export interface RecordingArchive {
  /** Opens no value. Undefined when there is none at this place (any more). */
  describe(place: number): Promise<RecordingFacts | undefined>;
  /** For these ids, which are one person's. Undefined when there is none at this place (any more). */
  copyFor(place: number, subjects: readonly SubjectId[]): Promise<SubjectCopy | undefined>;
  /** What there is, for pruning: each purpose, and each retention that was said when a recording began. */
  kept(): Promise<readonly Pick<Pruning, "purpose" | "retention">[]>;
  /** Destroys the keys of what is old enough, then what they opened. Safe to repeat. */
  prune(pruning: Pruning): Promise<Pruned>;
}
