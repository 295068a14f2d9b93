/**
 * node detector/train/train.ts [corpora] [--out FILE] [--rows LOG2] [--seeds N,N…]: trains the names model and writes it, by default to
 * detector/model/names.bin. About four minutes of one core a seed, and 5 GB of memory. The same corpora, lists and seeds give the same
 * file: the mean of the models of all seeds.
 */
import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { buildLexicon } from "../src/names/lexicon.ts";
import { type NamesModel, writeNames } from "../src/names/model.ts";
import { calibrate } from "./calibrate.ts";
import { wordClasses } from "./classes.ts";
import { corporaFolder, corpusFiles, type Example, readCorpus, readHeldOut } from "./corpora.ts";
import { trainCrf } from "./crf.ts";
import { Dataset } from "./dataset.ts";
import { meanOf } from "./mean.ts";
import { choose, pack } from "./pack.ts";
import { People } from "./people.ts";
import { Random } from "./random.ts";
import { AMOUNTS, prepare, runningTexts, timesRead } from "./recipe.ts";
import { trainSieve } from "./sieve.ts";
import { wordBits } from "./words.ts";

const LEXICON_LOG2 = 19;
const CLASSES_LOG2 = 19;
/** How many words have a class: the most frequent ones. */
const CLASS_WORDS = 250_000;
const UNCALIBRATED = [0, 1, 2].map(() => ({
  slope: 1,
  offset: 0,
  threshold: 0.5,
}));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: "string", default: join(import.meta.dirname, "../model/names.bin") },
    rows: { type: "string", default: "19" },
    seeds: { type: "string", default: "31,41,51,61" },
  },
});
const log = (line: string): void => void process.stderr.write(`${line}\n`);
const folder = corporaFolder(positionals[0]);
const corpora = corpusFiles(join(folder, "train")).map((file) => [basename(file), readCorpus(file)] as const);
const gold = corpora.flatMap(([, examples]) => examples);
const goldRead = corpora.flatMap(([file, examples]) => Array.from({ length: timesRead(file) }, () => examples).flat());
const people = new People();
const lexicon = buildLexicon(wordBits(people.lists, runningTexts(gold)), 1 << LEXICON_LOG2);
const classes = buildLexicon(wordClasses(CLASS_WORDS), 1 << CLASSES_LOG2);
const rowsLog2 = Number(values.rows);

/** The same examples at every call with this seed. */
function fill(data: Dataset, seed: number): Dataset {
  prepare(goldRead, people, new Random(seed), AMOUNTS, (example: Example) => data.add(example));
  return data;
}

function train(seed: number): NamesModel {
  const sieve = trainSieve(fill(new Dataset(lexicon, classes), seed), new Random(seed), log);
  const data = fill(new Dataset(lexicon, classes, sieve), seed);
  log(`${data.tokensRead} tokens, ${data.tokens} of them open; ${data.spans} names, ${data.lost} out of reach`);
  const settings = { decay: 1e-5, countMin: 2, log };
  const all = trainCrf(data, new Random(seed), { ...settings, epochs: 6, rate: 0.1, fall: 0.85, dropout: 0.6 });
  // What is left learns to do without what the product has no room for.
  const tuned = { ...settings, epochs: 4, rate: 0.05, fall: 0.7, dropout: 0.5, mean: true };
  const trained = trainCrf(data, new Random(seed), tuned, choose(all, rowsLog2));
  return pack(trained, lexicon, classes, sieve, rowsLog2, UNCALIBRATED, log);
}

const mean = meanOf(values.seeds.split(",").map((seed) => train(Number(seed))));
// Tables of its own: what the trainer has looked up in them is remembered, without finnish.ts.
const model = { ...mean, lexicon: lexicon.slice(), classes: classes.slice() };
const dev = [...readHeldOut(folder)].flatMap(([name, examples]) => (name === "btc" ? [] : examples));
const bytes = writeNames({ ...model, calibration: calibrate(model, dev) });
writeFileSync(values.out, bytes);
log(`${values.out}: ${(bytes.length / 1e6).toFixed(2)} MB`);
