/**
 * node detector/train/evaluate.ts [corpora] [--model FILE] [--json] [--argmax]: exact-span F1 on the dev sets, on raw text, of
 * what the model reports above its thresholds; EWT also in lower case. --argmax leaves the thresholds out.
 */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { type Calibration, readNames } from "../src/names/model.ts";
import { calibrated, isReported } from "../src/names/names.ts";
import { corporaFolder, type Example, readHeldOut, readWritten } from "./corpora.ts";
import { compare, f1, type Guess, guess, newTallies, sum, type Tally } from "./score.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: {
      type: "string",
      default: join(import.meta.dirname, "../model/names.bin"),
    },
    only: { type: "string", default: "" },
    json: { type: "boolean", default: false },
    argmax: { type: "boolean", default: false },
  },
});
const model = readNames(readFileSync(values.model));
const folder = corporaFolder(positionals[0]);

function reported(text: string): Guess[] {
  const all = guess(model, text);
  if (values.argmax) return all;
  return all.filter(({ type, probability, bare }) => {
    const calibration = model.calibration[type] as Calibration;
    return isReported(calibration, type, calibrated(calibration, probability), bare);
  });
}

function measure(examples: readonly Example[], change: (text: string) => string): Tally[] {
  const tallies = newTallies();
  for (const example of examples) {
    const text = change(example.text);
    if (text.length === example.text.length) compare(example, reported(text), tallies);
  }
  return tallies;
}

const results: Record<string, Record<string, { f1: number; precision: number; recall: number; gold: number }>> = {};
function record(label: string, tallies: readonly Tally[]): void {
  const round = (value: number): number => Math.round(value * 10) / 10;
  results[label] = Object.fromEntries(
    [...tallies, sum(tallies)].map((tally, index) => [
      ["PER", "LOC", "ORG", "all"][index] as string,
      {
        f1: round(f1(tally)),
        precision: round((100 * tally.right) / Math.max(1, tally.found)),
        recall: round((100 * tally.right) / Math.max(1, tally.gold)),
        gold: tally.gold,
      },
    ]),
  );
}

for (const [label, examples] of readHeldOut(folder)) {
  if (!label.includes(values.only)) continue;
  record(
    label,
    measure(examples, (text) => text),
  );
  if (label.endsWith("EWT"))
    record(
      `${label} lower case`,
      measure(examples, (text) => text.toLowerCase()),
    );
}
// Hand-written documents in languages without gold; they are in the repository, and not trained on.
for (const file of readdirSync(join(import.meta.dirname, "dev"))
  .filter((path) => path.endsWith(".txt"))
  .toSorted()) {
  if (!`written ${file}`.includes(values.only)) continue;
  record(
    `written ${basename(file, ".txt")}`,
    measure(readWritten(join(import.meta.dirname, "dev", file)), (text) => text),
  );
}
if (values.json) {
  process.stdout.write(`${JSON.stringify(results, undefined, 2)}\n`);
} else {
  process.stdout.write(
    `${"".padEnd(32)}${["PER", "LOC", "ORG", "all"].map((type) => `${type} F1 (P R)`.padEnd(20)).join("")}\n`,
  );
  for (const [label, row] of Object.entries(results)) {
    const cells = Object.values(row).map((cell) =>
      `${cell.f1.toFixed(1)} (${cell.precision.toFixed(0)} ${cell.recall.toFixed(0)})`.padEnd(20),
    );
    process.stdout.write(`${label.padEnd(32)}${cells.join("")}\n`);
  }
}
