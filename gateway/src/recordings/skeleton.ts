/**
 * Takes texts apart into what their readers share and what belongs to one person, and puts them together again. What is shared
 * is the text with holes, and in a hole what says nothing of the value (`[EMAIL_1]`); what belongs to a person is each of its
 * values and whatever was made of it (a mask, a token, a surrogate). Pure: no key, no clock.
 */
import type { Operator } from "../core/connection.ts";
import type { RecordedSpan, RecordedText, RecordingMode } from "../core/recording.ts";
import type { Origin } from "../core/segment.ts";

/** A text of a chunk. */
export interface Piece extends RecordedText {
  /** Milliseconds since the recording began. */
  readonly ms: number;
}

/** What is known of a text without opening it: its lane, who wrote it, and whose values are in it. */
export type PieceTable = readonly [order: number, path: string, origin: Origin | null, fields: readonly FieldTable[]];
/** Type, and the box that its value is in; −1: it belongs to the text. */
type FieldTable = readonly [type: string, box: number];

/** Texts that are sealed as one, since they have the same subjects. */
export interface TextTable {
  /** Boxes whose shares are needed: of all (`all-of`) or of one (`any-of`). */
  readonly s: readonly number[];
  /** The secret that all subjects of the request share is needed too. */
  readonly c?: 1;
  readonly p: readonly PieceTable[];
}

/** What is in a text, for who can open it. */
export type PieceText = readonly [ms: number, text: string, holes: readonly Hole[], encoding?: "json"];
/** Position in the text without the values; what was put there, and what it was, where the text holds that itself. */
type Hole = readonly [at: number, operator: Operator, seen: string | null, value: string | null];
/** The same of a person, in its box. */
export type PersonValue = readonly [seen: string | null, value: string | null];

export interface CutText {
  readonly table: TextTable;
  readonly pieces: readonly PieceText[];
}

export interface Cut {
  readonly texts: readonly CutText[];
  /** By box, in the order in which they stand in the texts. */
  readonly values: readonly (readonly PersonValue[])[];
}

/** What these say nothing of the value by: a number, a type, nothing. */
const BLIND: ReadonlySet<Operator> = new Set<Operator>(["placeholder", "redact", "drop"]);

export interface CutOptions {
  readonly mode: RecordingMode;
  readonly boxes: number;
  /** The box of a value that names a person; undefined for what belongs to the text. */
  readonly boxOf: (span: RecordedSpan) => number | undefined;
  /** The box of the data subject that was declared, which every text belongs to. */
  readonly declared?: number | undefined;
  /** What came back: it is about whomever the request was about. */
  readonly common: boolean;
}

export function cut(pieces: readonly Piece[], { mode, boxes, boxOf, declared, common }: CutOptions): Cut {
  const values: PersonValue[][] = Array.from({ length: boxes }, () => []);
  const groups = new Map<string, { s: number[]; p: PieceTable[]; pieces: PieceText[] }>();
  for (const [order, piece] of pieces.entries()) {
    const subjects = new Set<number>(declared === undefined ? [] : [declared]);
    const fields: FieldTable[] = [];
    const holes: Hole[] = [];
    let text = "";
    let copied = 0;
    for (const span of piece.spans) {
      const box = boxOf(span) ?? -1;
      const seen = piece.text.slice(span.start, span.end);
      const value = mode === "sealed" && !(span.operator === "allow" && span.value === seen) ? span.value : null;
      text += piece.text.slice(copied, span.start);
      copied = span.end;
      fields.push([span.type, box]);
      const isBlind = BLIND.has(span.operator);
      if (box < 0) holes.push([text.length, span.operator, seen, value]);
      else {
        subjects.add(box);
        holes.push([text.length, span.operator, isBlind ? seen : null, null]);
        values[box]?.push([isBlind ? null : seen, value]);
      }
    }
    text += piece.text.slice(copied);
    const s = [...subjects].toSorted((a, b) => a - b);
    const name = s.join();
    let group = groups.get(name);
    if (group === undefined) groups.set(name, (group = { s, p: [], pieces: [] }));
    group.p.push([order, piece.path, piece.origin ?? null, fields]);
    group.pieces.push(piece.encoding === "json" ? [piece.ms, text, holes, "json"] : [piece.ms, text, holes]);
  }
  const texts = [...groups.values()].map(({ s, p, pieces: own }) => ({
    table: { s, ...(common ? { c: 1 as const } : undefined), p },
    pieces: own,
  }));
  return { texts, values };
}

/** How a value is shown: as the provider saw it, as it was, or not at all. */
export type Showing = "masked" | "shown" | "erased";

export interface ShownField {
  readonly type: string;
  /** Index of its box; absent: it belongs to the text. */
  readonly box?: number;
  readonly operator: Operator;
  readonly showing: Showing;
  /** UTF-16, in the text as it is shown. */
  readonly start: number;
  readonly end: number;
}

export interface ShownText {
  readonly path: string;
  readonly origin?: Origin;
  readonly encoding?: "json";
  readonly ms: number;
  readonly text: string;
  readonly fields: readonly ShownField[];
}

export interface ShowOptions {
  /** The next value of a box; undefined when the box cannot be opened. */
  readonly next: (box: number) => PersonValue | undefined;
  /** Whether a value may be shown. Of the text's own, `box` is absent. */
  readonly reveals: (box: number | undefined) => boolean;
}

export function show(
  table: PieceTable,
  [ms, text, holes, encoding]: PieceText,
  { next, reveals }: ShowOptions,
): ShownText {
  const [, path, origin, fields] = table;
  const shown: ShownField[] = [];
  let out = "";
  let copied = 0;
  for (const [index, [at, operator, seen, value]] of holes.entries()) {
    const [type, number] = fields[index] as FieldTable;
    const box = number < 0 ? undefined : number;
    out += text.slice(copied, at);
    copied = at;
    const own: PersonValue | undefined = box === undefined ? [seen, value] : next(box);
    const { put, showing } = valueShown(type, operator, seen, own, reveals(box));
    shown.push({
      type,
      operator,
      showing,
      start: out.length,
      end: out.length + put.length,
      ...(box === undefined ? {} : { box }),
    });
    out += put;
  }
  out += text.slice(copied);
  return {
    path,
    ms,
    text: out,
    fields: shown,
    ...(origin === null ? {} : { origin }),
    ...(encoding === undefined ? {} : { encoding }),
  };
}

function valueShown(
  type: string,
  operator: Operator,
  seen: string | null,
  own: PersonValue | undefined,
  revealed: boolean,
): { put: string; showing: Showing } {
  if (own === undefined) return { put: `[${type} erased]`, showing: "erased" };
  const [dependent, value] = own;
  if (revealed) {
    const known = value ?? (operator === "allow" ? dependent : null);
    if (known !== null) return { put: known, showing: "shown" };
  }
  // What was let through is the value itself: without a right to it, there is its type.
  const masked = seen ?? (operator === "allow" ? null : dependent);
  return { put: operator === "allow" || masked === null ? `[${type}]` : masked, showing: "masked" };
}
