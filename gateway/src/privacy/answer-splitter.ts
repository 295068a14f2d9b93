/**
 * Reads an answer as it comes, before anything is put back into it, and says which values the model wrote by itself. Each path is a
 * text of its own; however a text is cut, what comes out adds up to the same. Text is held back until it is known what is in it.
 */
import type { DetectStream, StreamedFindings } from "@sluice/detector";
import { SluiceError } from "../core/errors.ts";
import type { RecordedText } from "../core/recording.ts";
import type { Segment } from "../core/segment.ts";
import { LANES_MAX } from "./back.ts";
import type { Detection } from "./detection.ts";

interface Lane {
  readonly stream: DetectStream;
  readonly encoding: Segment["encoding"];
}

export class AnswerSplitter {
  readonly #detection: Detection;
  readonly #lanes = new Map<string, Lane>();

  constructor(detection: Detection) {
    this.#detection = detection;
  }

  /** What is settled by now, in order. Throws upstream_protocol (too many open paths), detector_failed. */
  push({ path, text, final, encoding }: Segment): readonly RecordedText[] {
    const lane = this.#lanes.get(path) ?? { stream: this.#detection.detectStream("line"), encoding };
    const settled = [lane.stream.push(text)];
    if (final) {
      this.#lanes.delete(path);
      settled.push(lane.stream.end());
    } else if (!this.#lanes.has(path)) {
      if (this.#lanes.size >= LANES_MAX)
        throw new SluiceError("upstream_protocol", `the answer has more than ${LANES_MAX} open parts`);
      this.#lanes.set(path, lane);
    }
    return recorded(path, lane, settled);
  }

  /** What was held back of all texts: no more comes. */
  end(): readonly RecordedText[] {
    const lanes = [...this.#lanes];
    this.#lanes.clear();
    return lanes.flatMap(([path, lane]) => recorded(path, lane, [lane.stream.end()]));
  }
}

function recorded(path: string, { encoding }: Lane, settled: readonly StreamedFindings[]): RecordedText[] {
  return settled
    .filter(({ text }) => text !== "")
    .map(({ text, findings }) => ({
      path,
      text,
      origin: "assistant",
      spans: findings.map(({ start, end, type }) => {
        return { start, end, type, operator: "allow" as const, value: text.slice(start, end) };
      }),
      ...(encoding === undefined ? undefined : { encoding }),
    }));
}
