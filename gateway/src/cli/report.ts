/** The report of `scrub` and `detect`: what was found where and how fast, for a person or a program. Holds no value. */
import type { Form } from "@sluice/detector";
import { type FileOptions, writeWhole } from "./output.ts";
import { type Counted, type Counts, inWords } from "./tally.ts";
import type { Terminal } from "./terminal.ts";

export interface DocumentReport extends Counted {
  readonly file: string;
  readonly format: Form;
  readonly characters: number;
  readonly notes: readonly string[];
}

export interface Report {
  readonly documents: readonly DocumentReport[];
  readonly found: Counts;
  readonly characters: number;
  readonly seconds: number;
  readonly charactersPerSecond: number;
}

export function reportOf(documents: readonly DocumentReport[], ms: number): Report {
  const found: Record<string, number> = {};
  let characters = 0;
  for (const document of documents) {
    characters += document.characters;
    for (const [type, count] of Object.entries(document.found)) found[type] = (found[type] ?? 0) + count;
  }
  const seconds = Math.max(ms, 1) / 1000;
  return {
    documents: documents.map(({ file, format, characters, found, places, notes }) => ({
      file,
      format,
      characters,
      found,
      places,
      notes,
    })),
    found,
    characters,
    seconds: Number(seconds.toFixed(3)),
    charactersPerSecond: Math.round(characters / seconds),
  };
}

export async function giveReport(
  report: Report,
  where: string | true,
  terminal: Terminal,
  options: FileOptions,
): Promise<void> {
  if (where !== true) return writeWhole(where, `${JSON.stringify(report, undefined, 2)}\n`, options);
  for (const { file, format, characters, found, places } of report.documents) {
    terminal.note(`${file}: ${format}, ${characters} characters`);
    for (const [type, count] of Object.entries(found)) terminal.note(`  ${type.padEnd(24)} ${count}`);
    for (const [place, counts] of Object.entries(places)) terminal.note(`  in ${place}: ${inWords(counts)}`);
  }
  const speed = (report.charactersPerSecond / 1e6).toFixed(2);
  terminal.note(`${report.characters} characters in ${report.seconds} s, ${speed} million a second`);
}
