/** Finds personal data in texts that are there as a whole. Pure: no I/O, no clock, no state between calls. */
import { findAddresses } from "./addresses/address.ts";
import type { Allow } from "./custom/allow.ts";
import { findEncoded } from "./encoded/find.ts";
import { DetectError } from "./errors.ts";
import type { Layer } from "./layer.ts";
import { NamesLayer } from "./names/layer.ts";
import { Scan } from "./scan.ts";
import type { Rules } from "./scanner/engine.ts";
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
  const texts = typeof text === "string" ? [text] : checkTexts(text);
  checkSize(texts, options);
  const rules = rulesOf(options);
  const found = detectAll(texts, rules, layersOf(options, rules), options.allow);
  return typeof text === "string" ? (found[0] as Finding[]) : found;
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
  checkSize(checkTexts(texts), options);
  const rules = rulesOf(options);
  const layers = layersOf(options, rules);
  const scans: Scan[] = [];
  for (const text of texts) {
    const scan = new Scan(rules, layers, options.allow);
    yield* scan.readSteps(text, sliceChars);
    scans.push(scan);
  }
  for (const [index, scan] of scans.entries()) yield* scan.decideSteps(texts[index] as string, sliceChars);
  return scans.map(({ findings }) => findings);
}

const SLICE_CHARS = 16_384;

function detectAll(
  texts: readonly string[],
  rules: Rules,
  layers: readonly Layer[],
  allow: Allow | undefined,
): Finding[][] {
  const scans = texts.map((text) => {
    const scan = new Scan(rules, layers, allow);
    scan.read(text);
    return scan;
  });
  return scans.map((scan, index) => {
    scan.decide(texts[index] as string);
    return scan.findings;
  });
}

function checkSize(texts: readonly string[], { charsMax = CHARS_MAX }: DetectOptions): void {
  let chars = 0;
  for (const { length } of texts) chars += length;
  if (chars > charsMax)
    throw new DetectError("text_too_large", `the text holds ${chars} characters; at most ${charsMax}`);
}

function checkTexts(texts: unknown): readonly string[] {
  if (!Array.isArray(texts)) throw new TypeError("text must be a string or an array of strings");
  for (const [index, text] of texts.entries()) {
    if (typeof text !== "string") throw new TypeError(`text[${index}] must be a string`);
  }
  return texts as readonly string[];
}

/** What `detect` finds in a text that hides nothing and names nobody: for the readers of encoded forms. */
export function detectPlain(text: string, options: DetectOptions): Finding[] {
  const rules = rulesOf(options);
  return detectAll([text], rules, plainLayers(options, rules), options.allow)[0] as Finding[];
}

/** For a text in pieces. @throws TypeError that names the option */
export function newScan(options: StreamOptions): Scan {
  const { hold = "line", allow } = options;
  if (hold !== "line" && hold !== "word") throw new TypeError('options.hold must be "line" or "word"');
  const rules = rulesOf(options);
  return new Scan(rules, hold === "line" ? layersOf(options, rules) : [], allow);
}

/** Layers keep what a document has told, so each document has its own. */
function layersOf(options: DetectOptions, rules: Rules): Layer[] {
  const { names } = options;
  const layers = plainLayers(options, rules);
  if (names !== undefined && ["PERSON", "LOCATION", "ORGANIZATION"].some((type) => wants(rules, type)))
    layers.push(new NamesLayer(names));
  const plain = (text: string): Finding[] => detectPlain(text, options);
  layers.push({ find: (text, from, to, sink, classes) => findEncoded(text, from, to, plain, sink, classes) });
  return layers;
}

function plainLayers({ custom }: DetectOptions, rules: Rules): Layer[] {
  return [...(custom === undefined ? [] : [custom]), ...(wants(rules, "ADDRESS") ? [ADDRESSES] : [])];
}

const ADDRESSES: Layer = { find: findAddresses };

function wants({ types }: Rules, type: string): boolean {
  return types === undefined || types.has(type);
}

function rulesOf(options: StreamOptions): Rules {
  const { types, scoreMin = SCORE_MIN, thresholds = {}, custom } = options;
  if (types !== undefined && !Array.isArray(types)) throw new TypeError("options.types must be an array of type names");
  if (typeof scoreMin !== "number" || Number.isNaN(scoreMin)) throw new TypeError("options.scoreMin must be a number");
  return {
    types: types && setOf(types),
    scoreMin,
    thresholds,
    rows: custom === undefined ? TYPES : { ...TYPES, ...custom.types },
    region: options.defaultRegion?.toUpperCase(),
    windowChars: options.windowChars ?? WINDOW_CHARS,
  };
}

/** The list asked for last, and its set: most callers ask for the same types for every text, and most texts are short. */
let lastTypes: readonly string[] = [];
let lastSet: ReadonlySet<string> = new Set();

function setOf(types: readonly string[]): ReadonlySet<string> {
  let same = types.length === lastTypes.length;
  for (let i = 0; same && i < types.length; i++) same = types[i] === lastTypes[i];
  if (!same) {
    lastTypes = [...types];
    lastSet = new Set(types);
  }
  return lastSet;
}
