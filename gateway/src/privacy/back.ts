/**
 * The way back of one exchange: turns the placeholders that were issued for it into values and, when the rules say so, masks
 * personal data that the model wrote by itself. Both are located in what the model wrote, so a restored value is never
 * masked, and a stream gives the same text as the whole. Each path is a lane of its own. After `release` no value is held.
 */
import type {
  Issued,
  Masker,
  MaskedText,
  OperatorContext,
  OperatorKeys,
  Replacements,
  Restorer,
  RestoreStream,
  StreamedFindings,
} from "@sluice/detector";
import { applyOperator, createRestorer, PlaceholderMap } from "@sluice/detector";
import { SluiceError } from "../core/errors.ts";
import type { Counts, Segment } from "../core/segment.ts";
import type { Detection } from "./detection.ts";
import type { OperatorTable } from "./operator-table.ts";

export interface Back {
  /** Nothing to restore and nothing to mask: bytes may pass unparsed. */
  readonly idle: boolean;
  /**
   * The next piece of its path's text, as the client may see it. May hold the end of it back; a final segment flushes, and the
   * next one with that path begins a new text. Throws upstream_protocol (too many open paths), detector_failed,
   * category_blocked (the answer holds a type whose operator is `block`).
   */
  push(segment: Segment): Segment;
  /** The exchange is over: the values are forgotten. May be called again. */
  release(): void;
  counts(): BackCounts;
}

export interface BackCounts {
  readonly restored: Counts;
  /** Findings in what the model wrote by itself that were replaced. */
  readonly masked: Counts;
  /** Issued placeholders that stayed: inside a URL, or of a value that is never restored. */
  readonly withheld: Counts;
  /** Text of the form of a placeholder that was not issued. */
  readonly unknownPlaceholders: number;
}

export interface BackOptions {
  readonly issued: readonly Issued[];
  /** Words of placeholder form in the request's own text. */
  readonly bareWords: ReadonlySet<string>;
  readonly table: OperatorTable;
  /** What the request's operators worked with: keys, and what was replaced by what. */
  readonly context: OperatorContext;
  readonly detection: Detection;
}

/** Open paths of one answer: choices, content blocks, tool calls. */
export const LANES_MAX = 1024;

const NO_COUNTS: BackCounts = { restored: {}, masked: {}, withheld: {}, unknownPlaceholders: 0 };

export function createBack(options: BackOptions): Back {
  return new ExchangeBack(meansOf(options));
}

/** What is needed to restore and to mask, and nothing else of how the request was scrubbed. */
interface Means {
  readonly issued: readonly Issued[];
  readonly bareWords: ReadonlySet<string>;
  readonly replacements: Replacements | undefined;
  readonly newMasker: (() => Masker) | undefined;
}

function meansOf(options: BackOptions): Means {
  const { issued, bareWords, table, context } = options;
  const { replacements } = context;
  return {
    issued,
    bareWords,
    replacements: replacements !== undefined && replacements.size > 0 ? replacements : undefined,
    newMasker: table.masksResponse ? () => newMasker(options) : undefined,
  };
}

class ExchangeBack implements Back {
  readonly idle: boolean;
  /** Undefined once released: the values are in it. */
  #means: Means | undefined;
  /** Made with the first text, and so is what each path's text needs: an answer in one piece keeps no lane. */
  #restorer: Restorer | undefined;
  #lanes: Map<string, RestoreStream> | undefined;
  #last = NO_COUNTS;
  /** Surrogates and the like that were put back, by type. */
  #replaced: Map<string, number> | undefined;

  constructor(means: Means) {
    const { issued, replacements, newMasker } = means;
    this.idle = newMasker === undefined && replacements === undefined && !issued.some(({ restorable }) => restorable);
    this.#means = means;
  }

  push(segment: Segment): Segment {
    const means = this.#means;
    if (means === undefined) throw new Error("the exchange was released");
    if (this.idle) return segment;
    const { path, final } = segment;
    const open = this.#lanes?.get(path);
    const lane = open ?? this.#newLane(means, segment.encoding);
    const text = final ? lane.push(segment.text) + lane.end() : lane.push(segment.text);
    if (final) this.#lanes?.delete(path);
    else if (open === undefined) {
      this.#lanes ??= new Map();
      if (this.#lanes.size >= LANES_MAX) {
        throw new SluiceError("upstream_protocol", `the answer has more than ${LANES_MAX} open parts`);
      }
      this.#lanes.set(path, lane);
    }
    return text === segment.text ? segment : { ...segment, text };
  }

  release(): void {
    this.#last = this.counts();
    this.#means = undefined;
    this.#restorer = undefined;
    this.#lanes = undefined;
  }

  counts(): BackCounts {
    if (this.#restorer === undefined) return this.#last;
    const { restored, masked, withheld, unknown } = this.#restorer.counts();
    return { restored: sum(restored, this.#replaced), masked, withheld, unknownPlaceholders: unknown };
  }

  #newLane(
    { issued, bareWords, replacements, newMasker }: Means,
    encoding: "text" | "json" | undefined,
  ): RestoreStream {
    this.#restorer ??= createRestorer(issued, { ambiguous: (bare) => bareWords.has(bare) });
    const restoring = this.#restorer.stream(encoding, newMasker);
    if (replacements === undefined) return restoring;
    const counts = (this.#replaced ??= new Map<string, number>());
    return inTurn(
      restoring,
      replacements.stream(encoding, (type) => void counts.set(type, (counts.get(type) ?? 0) + 1)),
    );
  }
}

/** Text goes through the first, and what comes out through the second. */
function inTurn(first: RestoreStream, second: RestoreStream): RestoreStream {
  return {
    push: (text) => second.push(first.push(text)),
    end: () => second.push(first.end()) + second.end(),
    get held() {
      return first.held + second.held;
    },
  };
}

function sum(counts: Counts, more: ReadonlyMap<string, number> | undefined): Counts {
  if (more === undefined) return counts;
  const total = { ...counts };
  for (const [type, count] of more) total[type] = (total[type] ?? 0) + count;
  return total;
}

/** In an answer nothing is issued: `placeholder` redacts. */
const NO_PLACEHOLDERS = new PlaceholderMap();

function newMasker({ detection, table, context: request }: BackOptions): Masker {
  const inLines = detection.seenInLines.some((type) => table.response(type) !== "allow");
  const stream = detection.detectStream(inLines ? "line" : "word");
  // Without `replacements`: what the model wrote by itself is nobody's to put back.
  const { hash, nonce } = request;
  const context: OperatorContext = {
    map: NO_PLACEHOLDERS,
    restorable: false,
    hash,
    ...(nonce === undefined ? {} : { nonce }),
    ...(request.region === undefined ? {} : { region: request.region }),
    get keys() {
      return request.keys as OperatorKeys;
    },
  };
  const masked = ({ text, findings }: StreamedFindings): MaskedText => ({
    text,
    masked: findings.flatMap(({ start, end, type }) => {
      const operator = table.response(type);
      // Our own stand-in for a value of the request: the value is put back in its place.
      if (operator === "allow" || request.replacements?.wrote(type, text.slice(start, end)) === true) return [];
      if (operator === "block") {
        throw new SluiceError("category_blocked", `the answer holds ${type}, which the connection blocks`);
      }
      const effective = operator === "placeholder" ? "redact" : operator;
      return [{ start, end, type, text: applyOperator(effective, type, text.slice(start, end), context) }];
    }),
  });
  return { push: (text) => masked(stream.push(text)), end: () => masked(stream.end()) };
}
