/**
 * node detector/train/train.ts [corpora] [--out FILE] [--rows LOG2] [--seed N]: trains the names model and writes it, by default to
 * detector/model/names.bin. About two minutes of one core and 4 GB of memory. The same corpora, lists and seed give the same file.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildLexicon } from "../src/names/lexicon.ts";
import { writeNames } from "../src/names/model.ts";
import { calibrate } from "./calibrate.ts";
import { wordClasses } from "./classes.ts";
import { corporaFolder, corpusFiles, type Example, readCorpus, readHeldOut } from "./corpora.ts";
import { trainCrf } from "./crf.ts";
import { Dataset } from "./dataset.ts";
import { pack } from "./pack.ts";
import { People } from "./people.ts";
import { Random } from "./random.ts";
import { AMOUNTS, prepare, runningTexts } from "./recipe.ts";
import { trainSieve } from "./sieve.ts";
import { wordBits } from "./words.ts";

const LEXICON_LOG2 = 19;
const CLASSES_LOG2 = 18;
/** How many words have a class: the most frequent ones. */
const CLASS_WORDS = 140_000;
const UNCALIBRATED = [0, 1, 2].map(() => ({
  slope: 1,
  offset: 0,
  threshold: 0.5,
}));
/** Lowest scores reported: person, location, organisation. */
const THRESHOLDS = [0.5, 0.6, 0.6];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: {
      type: "string",
      default: join(import.meta.dirname, "../model/names.bin"),
    },
    rows: { type: "string", default: "19" },
    seed: { type: "string", default: "11" },
    epochs: { type: "string", default: "6" },
    amounts: { type: "string", default: "{}" },
    settings: { type: "string", default: "{}" },
  },
});
const log = (line: string): void => void process.stderr.write(`${line}\n`);
const folder = corporaFolder(positionals[0]);
const gold = corpusFiles(join(folder, "train")).flatMap((file) => readCorpus(file));
const people = new People();
const seed = Number(values.seed);
const lexicon = buildLexicon(wordBits(people.lists, runningTexts(gold)), 1 << LEXICON_LOG2);
const classes = buildLexicon(wordClasses(CLASS_WORDS), 1 << CLASSES_LOG2);
const amounts = { ...AMOUNTS, ...(JSON.parse(values.amounts) as object) };
/** The same examples at every call. */
function fill(data: Dataset): Dataset {
  prepare(gold, people, new Random(seed), amounts, (example: Example) => data.add(example));
  return data;
}

const sieve = trainSieve(fill(new Dataset(lexicon, classes)), new Random(seed), log);
const data = fill(new Dataset(lexicon, classes, sieve));
log(`${data.tokensRead} tokens, ${data.tokens} of them open; ${data.spans} names, ${data.lost} out of reach`);
const trained = trainCrf(data, new Random(seed), {
  epochs: Number(values.epochs),
  rate: 0.1,
  fall: 0.85,
  decay: 1e-5,
  dropout: 0.6,
  countMin: 2,
  secondsMax: 540,
  log,
  ...(JSON.parse(values.settings) as object),
});
for (const rows of values.rows.split(",")) {
  const model = pack(trained, lexicon, classes, sieve, Number(rows), UNCALIBRATED, log);
  const dev = [...readHeldOut(folder)].flatMap(([name, examples]) => (name === "btc" ? [] : examples));
  const bytes = writeNames({
    ...model,
    calibration: calibrate(model, dev, THRESHOLDS),
  });
  const out = values.rows.includes(",") ? `${values.out}.${rows}` : values.out;
  writeFileSync(out, bytes);
  log(`${out}: ${(bytes.length / 1e6).toFixed(2)} MB`);
}
