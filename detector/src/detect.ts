/**
 * Finds personal data in texts that are there as a whole. Pure: no I/O, no clock. Nothing of a text is kept between calls; what the last
 * caller's options came to is, which changes no answer.
 */
import { findAddresses } from "./addresses/address.ts";
import type { Allow } from "./custom/allow.ts";
import { findEncoded } from "./encoded/find.ts";
import { DetectError } from "./errors.ts";
import type { Layer } from "./layer.ts";
import { NamesLayer } from "./names/layer.ts";
import type { NamesModel } from "./names/model.ts";
import { Scan } from "./scan.ts";
import { lookingFor, type Rules } from "./scanner/engine.ts";
import { CHARS_MAX, type DetectOptions, SCORE_MIN, type StreamOptions, WINDOW_CHARS } from "./options.ts";
import { type Finding, TYPES } from "./types.ts";

/**
 * Findings in `text`, sorted and without overlap; offsets in UTF-16 code units. Several texts are parts of one document, as the messages
 * of a conversation are: a name that one of them makes sure is found again in all. Time is linear in the text.
 *
 * @throws TypeError for an argument of a wrong type, naming it
 * @throws DetectError text_too_large, above options.charsMax in all texts together
 */
export function detect(text: string, options?: DetectOptions): Finding[];
export function detect(texts: readonly string[], options?: DetectOptions): Finding[][];
export function detect(text: string | readonly string[], options: DetectOptions = {}): Finding[] | Finding[][] {
  if (typeof text !== "string") {
    checkSize(charsIn(text), options);
    return detectAll(text, prepare(options), options.names);
  }
  checkSize(text.length, options);
  const prepared = prepare(options);
  return detectOne(text, prepared, layersOf(prepared, options.names));
}

/**
 * As `detect` of several texts, with a pause after every `sliceChars` code units of text: for those who have others to serve
 * in between. The same findings come out however long the slices are.
 */
export function* detectSteps(
  texts: readonly string[],
  options: DetectOptions = {},
  sliceChars = SLICE_CHARS,
): Generator<void, Finding[][]> {
  checkSize(charsIn(texts), options);
  const prepared = prepare(options);
  const layers = layersOf(prepared, options.names);
  const scans: Scan[] = [];
  for (const text of texts) {
    const scan = new Scan(prepared.rules, layers, options.allow);
    yield* scan.readSteps(text, sliceChars);
    scans.push(scan);
  }
  for (const [index, scan] of scans.entries()) yield* scan.decideSteps(texts[index] as string, sliceChars);
  return scans.map(({ findings }) => findings);
}

const SLICE_CHARS = 16_384;

function detectOne(text: string, { rules, allow }: Prepared, layers: readonly Layer[]): Finding[] {
  const scan = new Scan(rules, layers, allow);
  scan.read(text);
  scan.decide(text);
  return scan.findings;
}

function detectAll(texts: readonly string[], prepared: Prepared, names: NamesModel | undefined): Finding[][] {
  const layers = layersOf(prepared, names);
  const scans = texts.map((text) => {
    const scan = new Scan(prepared.rules, layers, prepared.allow);
    scan.read(text);
    return scan;
  });
  return scans.map((scan, index) => {
    scan.decide(texts[index] as string);
    return scan.findings;
  });
}

function checkSize(chars: number, { charsMax = CHARS_MAX }: DetectOptions): void {
  if (chars > charsMax)
    throw new DetectError("text_too_large", `the text holds ${chars} characters; at most ${charsMax}`);
}

/** @throws TypeError when they are no texts */
function charsIn(texts: unknown): number {
  if (!Array.isArray(texts)) throw new TypeError("text must be a string or an array of strings");
  let chars = 0;
  for (const [index, text] of texts.entries()) {
    if (typeof text !== "string") throw new TypeError(`text[${index}] must be a string`);
    chars += text.length;
  }
  return chars;
}

/** What `detect` finds in a text that hides nothing and names nobody: for the readers of encoded forms. */
export function detectPlain(text: string, options: DetectOptions): Finding[] {
  const prepared = prepare(options);
  return detectOne(text, prepared, prepared.plain);
}

/** For a text in pieces. @throws TypeError that names the option */
export function newScan(options: StreamOptions): Scan {
  const { hold = "line", allow, names } = options;
  if (hold !== "line" && hold !== "word") throw new TypeError('options.hold must be "line" or "word"');
  const prepared = prepare(options);
  return new Scan(prepared.rules, hold === "line" ? layersOf(prepared, names) : [], allow);
}

/** What a caller's options come to, but for names: their layer keeps what a document has told, so each document has its own. */
interface Prepared {
  /** What they were. */
  readonly given: Omit<StreamOptions, "names">;
  readonly rules: Rules;
  readonly allow: Allow | undefined;
  /** What looks at texts that hide nothing and name nobody. */
  readonly plain: readonly Layer[];
  /** Names are wanted, if there is a model. */
  readonly named: boolean;
  readonly encoded: Layer;
  /** `plain` and `encoded`. */
  readonly nameless: readonly Layer[];
}

function layersOf({ plain, encoded, nameless, named }: Prepared, names: NamesModel | undefined): readonly Layer[] {
  return names === undefined || !named ? nameless : [...plain, new NamesLayer(names), encoded];
}

/** What was prepared last: most callers ask for the same for every text, and most texts are short. */
let last: Prepared | undefined;

function prepare(options: StreamOptions): Prepared {
  if (last === undefined || !isSame(last.given, options)) last = prepareAnew(options);
  return last;
}

function isSame(given: Prepared["given"], options: StreamOptions): boolean {
  return (
    given.scoreMin === options.scoreMin &&
    given.thresholds === options.thresholds &&
    given.defaultRegion === options.defaultRegion &&
    given.custom === options.custom &&
    given.windowChars === options.windowChars &&
    given.allow === options.allow &&
    isSameList(given.types, options.types)
  );
}

/** The caller may have changed what is in it. */
function isSameList(list: readonly string[] | undefined, other: readonly string[] | undefined): boolean {
  if (list === undefined || !Array.isArray(other)) return list === other;
  for (let i = 0; i < list.length; i++) if (list[i] !== other[i]) return false;
  return list.length === other.length;
}

function prepareAnew(options: StreamOptions): Prepared {
  // Without the model, which is large: who drops it wants it gone.
  const { names: _, ...given } = options;
  const { types, scoreMin = SCORE_MIN, thresholds = {}, custom, allow } = given;
  if (types !== undefined && !Array.isArray(types)) throw new TypeError("options.types must be an array of type names");
  if (typeof scoreMin !== "number" || Number.isNaN(scoreMin)) throw new TypeError("options.scoreMin must be a number");
  const wanted = types && new Set<string>(types);
  const rules: Rules = {
    types: wanted,
    looking: lookingFor(wanted),
    scoreMin,
    thresholds,
    rows: custom === undefined ? TYPES : { ...TYPES, ...custom.types },
    region: options.defaultRegion?.toUpperCase(),
    windowChars: options.windowChars ?? WINDOW_CHARS,
  };
  const wants = (type: string): boolean => wanted === undefined || wanted.has(type);
  const plain: Layer[] = custom === undefined ? [] : [custom];
  if (wants("ADDRESS")) plain.push({ find: findAddresses });
  // What is encoded is looked for once: in what it stands for, only what is plain.
  const findPlain = (text: string): Finding[] => detectOne(text, prepared, plain);
  const encoded: Layer = {
    find: (text, from, to, sink, classes) => findEncoded(text, from, to, findPlain, sink, classes),
  };
  const prepared: Prepared = {
    given: { ...given, ...(types && { types: (types as readonly string[]).slice() }) },
    rules,
    allow,
    plain,
    named: wants("PERSON") || wants("LOCATION") || wants("ORGANIZATION"),
    encoded,
    nameless: [...plain, encoded],
  };
  return prepared;
}
