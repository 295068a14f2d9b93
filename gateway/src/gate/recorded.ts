/**
 * What the gate hands to a recording: the scrubbed request with its values by place, and the answer as the model wrote it, before
 * anything is put back. Nothing of this is made for an exchange that is not recorded.
 */
import { toSluiceError } from "../core/errors.ts";
import type { Outcome } from "../core/intent.ts";
import type { RecordedText, RecordingEnd, RunningRecording } from "../core/recording.ts";
import type { Segment } from "../core/segment.ts";
import type { AnswerSplitter, Back, BackCounts, Recorded } from "../privacy/index.ts";

/** `segments`: as they are sent. */
export function recordedTexts(segments: readonly Segment[], { spans }: Recorded): RecordedText[] {
  return segments.map(({ path, text, origin, encoding }, at) => ({
    path,
    text,
    spans: spans[at] ?? [],
    ...(origin === undefined ? undefined : { origin }),
    ...(encoding === undefined ? undefined : { encoding }),
  }));
}

/** How a recorded exchange ended, after its recording has. */
export interface EndedRecording {
  /** Failed where the recording has no end: what was answered is not all on record. */
  readonly outcome: Outcome;
  readonly recording?: RecordingEnd;
}

/** The way back of an exchange that is recorded. */
export class RecordedBack implements Back {
  /** Every text of the answer is wanted. */
  readonly idle = false;
  readonly #back: Back;
  readonly #recording: RunningRecording;
  readonly #splitter: AnswerSplitter;

  constructor(back: Back, recording: RunningRecording, splitter: AnswerSplitter) {
    this.#back = back;
    this.#recording = recording;
    this.#splitter = splitter;
  }

  /** Also throws what the recording throws: what cannot be recorded is not passed on. */
  push(segment: Segment): Segment {
    const settled = this.#splitter.push(segment);
    if (settled.length > 0) this.#recording.add(settled);
    return this.#back.push(segment);
  }

  release(): void {
    this.#back.release();
  }

  counts(): BackCounts {
    return this.#back.counts();
  }

  /** Never rejects. */
  async end(outcome: Outcome): Promise<EndedRecording> {
    let ended = outcome;
    try {
      this.#recording.add(this.#splitter.end());
    } catch (thrown) {
      ended = failed(outcome, toSluiceError(thrown).code);
    }
    const { status, code } = ended;
    const recording = await this.#recording.end({ status, code });
    return recording === undefined
      ? { outcome: failed(ended, "recording_unavailable") }
      : { outcome: ended, recording };
  }
}

function failed(outcome: Outcome, code: string): Outcome {
  return outcome.status === "completed" ? { ...outcome, status: "failed", code } : outcome;
}
