/**
 * Reads the label of each word as spans. Schemes: BIO, IOB1, BIOES, BILOU (`B-PER`, `S_PER`), and plain labels (`PER`), in which words
 * of one type that touch or follow one another are one span. Tolerant of what no scheme allows, for models write it.
 */

const SCHEME = /^([BIELSU])[-_](.+)$/;
const OUTSIDE = "O";

interface Label {
  /** Type in the finding; undefined for what is not asked for. */
  readonly type: string | undefined;
  readonly begins: boolean;
  readonly ends: boolean;
}

/** The labels of a model, by output. */
export interface LabelSet {
  readonly labels: readonly Label[];
  /** By type: its labels. */
  readonly ofType: ReadonlyMap<string, readonly number[]>;
}

/** A stretch of words, `to` exclusive. */
export interface Span {
  readonly type: string;
  readonly from: number;
  readonly to: number;
  /** 0…1: mean over the words of the probability that they are of the type. */
  readonly probability: number;
}

/**
 * @param names by output, as `id2label` of a model's config.json has them
 * @param types label without its scheme → type; a label without a row is not reported
 * @throws TypeError when no label has a row
 */
export function labelSet(names: readonly string[], types: Readonly<Record<string, string>>): LabelSet {
  const ofType = new Map<string, number[]>();
  const labels = names.map((name, output): Label => {
    const [, mark = "", rest = name] = SCHEME.exec(name) ?? [];
    const type = name !== OUTSIDE && Object.hasOwn(types, rest) ? types[rest] : undefined;
    if (type !== undefined) ofType.set(type, [...(ofType.get(type) ?? []), output]);
    return {
      type,
      begins: mark === "B" || mark === "S" || mark === "U",
      ends: mark === "E" || mark === "L" || mark === "S" || mark === "U",
    };
  });
  if (ofType.size === 0) throw new TypeError("types has no row for any of the labels");
  return { labels, ofType };
}

/** Probabilities of one word from the model's outputs: https://en.wikipedia.org/wiki/Softmax_function */
export function softmax(logits: Float32Array): Float32Array {
  const most = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - most));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/** `words`: by word its probabilities, undefined for one that is white space only: it neither ends a span nor belongs to one. */
export function spansOf({ labels, ofType }: LabelSet, words: readonly (Float32Array | undefined)[]): Span[] {
  const spans: Span[] = [];
  let open: { type: string; from: number; to: number; words: number; sum: number } | undefined;
  const close = (): void => {
    if (open === undefined) return;
    const { type, from, to } = open;
    spans.push({ type, from, to, probability: open.sum / open.words });
    open = undefined;
  };
  for (const [at, probabilities] of words.entries()) {
    if (probabilities === undefined) continue;
    const { type, begins, ends } = labels[largest(probabilities)] as Label;
    if (type !== open?.type || begins) close();
    if (type === undefined) continue;
    open ??= { type, from: at, to: at, words: 0, sum: 0 };
    open.to = at + 1;
    open.words++;
    // A model that wavers between begin and inside is still sure of the type.
    for (const output of ofType.get(type) ?? []) open.sum += probabilities[output] as number;
    if (ends) close();
  }
  close();
  return spans;
}

function largest(values: Float32Array): number {
  let best = 0;
  for (let at = 1; at < values.length; at++) if ((values[at] as number) > (values[best] as number)) best = at;
  return best;
}
