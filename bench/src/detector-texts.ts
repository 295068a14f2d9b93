/** The texts that the detector is timed on and must keep silent on. All of them are in this repository or made here from a seed. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { impersonalCode } from "../../detector/src/test/generate/code.ts";
import { personalDocument } from "../../detector/src/test/generate/documents.ts";
import { impersonalProse, VOCABULARIES } from "../../detector/src/test/generate/prose.ts";
import { choices } from "../../detector/src/test/random.ts";
import { readWritten } from "./detector-corpora.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SEED = 20_261;

/** Hand-written texts without a mark. */
export function writtenNegatives(): string[] {
  return [...readWritten().values()]
    .flat()
    .filter(({ spans }) => spans.length === 0)
    .map(({ text }) => text);
}

/** Descriptions, instructions, conditions in twelve languages: about 150 KB. */
export function generatedNegatives(): string[] {
  const random = choices(SEED);
  return Object.keys(VOCABULARIES).flatMap((language) =>
    Array.from({ length: 50 }, () => impersonalProse(random, language)),
  );
}

/** Folders whose sources hold no examples of personal data. The detector's own are full of them. */
const FOLDERS = ["gateway/src", "verifier/src", "scripts"];
/** Lines that do hold one: a mail address, a network address of either version, a connection string with its password, a token's prefix. */
const EXAMPLE =
  /[\w.]@[\w-]+\.\w|\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[\da-f]{0,4}::|(?:[\da-f]{1,4}:){5}|\/\/\w+:\w+@|\bsk-|Bearer [\w-]{8}|BEGIN [A-Z ]*KEY/;

/** Sources of this repository that are no tests, without the lines that hold examples of personal data. */
export function repositorySources(): string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((path) => /\.m?ts$/.test(path) && !/\.test\.ts$|(?:^|[\\/])test[\\/]/.test(path))
      .toSorted()
      .map((path) => readFileSync(join(ROOT, folder, path), "utf8"))
      .map((source) =>
        source
          .split("\n")
          .filter((line) => !EXAMPLE.test(line))
          .join("\n"),
      ),
  );
}

/** Logs, lock files, JSON, SQL, YAML, diffs: about 600 KB. */
export function generatedCode(): string[] {
  const random = choices(SEED + 1);
  return Array.from({ length: 60 }, () => Array.from({ length: 36 }, () => impersonalCode(random)).join("\n"));
}

/** Messages and news in nineteen languages, in the order that a shuffled inbox has; about one MB, a third of it with personal data. */
export function newsAndChat(): string[] {
  const random = choices(SEED + 2);
  const written = [...readWritten().values()].flat().map(({ text }) => text);
  const texts: string[] = [];
  let bytes = 0;
  while (bytes < 1_000_000) {
    const draw = random.int(0, 9);
    const text =
      draw === 0
        ? personalDocument(random).text
        : draw < 3
          ? impersonalProse(random, random.pick(Object.keys(VOCABULARIES)))
          : random.pick(written);
    texts.push(text);
    bytes += Buffer.byteLength(text);
  }
  return texts;
}

const HOSTILE_CHARS = 50_000;

/** 50 KB each of what makes careless recognizers slow. */
export function hostileTexts(): Readonly<Record<string, string>> {
  const random = choices(SEED + 3);
  const fill = (unit: string): string => unit.repeat(Math.ceil(HOSTILE_CHARS / unit.length)).slice(0, HOSTILE_CHARS);
  return {
    "a@": fill("a@"),
    "a@a.": fill("a@a."),
    "a.a.a": fill("a."),
    digits: random.digits(HOSTILE_CHARS),
    zeros: fill("0"),
    "digit groups": fill("12 "),
    "digits and dashes": fill("1-"),
    dashes: fill("-"),
    dots: fill("."),
    "nested brackets": "([{".repeat(HOSTILE_CHARS / 6) + "}])".repeat(HOSTILE_CHARS / 6),
    quotes: fill("\"'"),
    spaces: fill(" "),
    newlines: fill("\n"),
    colons: fill("1:"),
    "hex with colons": fill("aa:"),
    "plus signs": fill("+4"),
    slashes: fill("http://"),
    "key=": fill("key="),
    "password: ": fill("password: "),
    "one word": fill("a"),
    capitals: fill("A"),
    "Capitalised words": fill("Anna "),
    "one long base64 word": fill("QUJD"),
    percent: fill("%41"),
    "BEGIN marks": fill("-----BEGIN PRIVATE KEY-----"),
    "IBAN heads": fill("DE89 "),
    emoji: fill("😀"),
    "zero-width": fill("a\u200B"),
    "street names": fill("Hauptstraße 1, "),
    "labels without values": fill("passport number "),
  };
}
