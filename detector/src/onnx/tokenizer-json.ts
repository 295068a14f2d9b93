/**
 * Reads a Hugging Face `tokenizer.json`: WordPiece with BERT's normalizer, and byte-level BPE. What else such a file may hold
 * (Unigram, other normalizers and splitters) is refused by name, for tokens cut in another way than in training make a model
 * wrong without a sign. https://huggingface.co/docs/tokenizers/components
 */
import { bytePairs } from "./byte-pairs.ts";
import { ModelError } from "./errors.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { wordPiece, type WordPieceOptions } from "./word-piece.ts";

type Part = Readonly<Record<string, unknown>>;

/**
 * @param json the file's text, or what it parses to
 * @throws ModelError tokenizer_unsupported, naming the part
 */
export function readTokenizer(json: unknown): Tokenizer {
  const file = partOf("tokenizer", typeof json === "string" ? parsed(json) : json);
  const model = partOf("model", file["model"]);
  switch (kindOf(model)) {
    case "WordPiece":
      return readWordPiece(file, model);
    case "BPE":
      return readBytePairs(file, model);
    default:
      throw unsupported("model", kindOf(model));
  }
}

function readWordPiece(file: Part, model: Part): Tokenizer {
  const normalizer = partOf("normalizer", file["normalizer"]);
  if (kindOf(normalizer) !== "BertNormalizer") throw unsupported("normalizer", kindOf(normalizer));
  const splitter = partOf("pre_tokenizer", file["pre_tokenizer"]);
  if (kindOf(splitter) !== "BertPreTokenizer") throw unsupported("pre_tokenizer", kindOf(splitter));
  const { unk_token: unknown, continuing_subword_prefix: prefix, max_input_chars_per_word: wordCharsMax } = model;
  const { lowercase, strip_accents: stripAccents, clean_text: cleanText } = normalizer;
  const options: WordPieceOptions = {
    vocabulary: vocabularyOf(model),
    ...(typeof unknown === "string" && { unknown }),
    ...(typeof prefix === "string" && { prefix }),
    ...(typeof wordCharsMax === "number" && { wordCharsMax }),
    ...(typeof lowercase === "boolean" && { lowercase }),
    ...(typeof stripAccents === "boolean" && { stripAccents }),
    ...(typeof cleanText === "boolean" && { cleanText }),
    splitChinese: normalizer["handle_chinese_chars"] !== false,
    ...frameOf(file["post_processor"]),
  };
  return wordPiece(options);
}

/** Settings of BPE that change how a word is cut, and are not those of the byte-level kind. */
const OTHER_BPE = ["continuing_subword_prefix", "end_of_word_suffix", "byte_fallback", "dropout"];

function readBytePairs(file: Part, model: Part): Tokenizer {
  for (const setting of OTHER_BPE) {
    const value = model[setting];
    if (value !== undefined && value !== null && value !== false && value !== "" && value !== 0)
      throw unsupported("model", `BPE with ${setting}`);
  }
  if (file["normalizer"] !== undefined && file["normalizer"] !== null)
    throw unsupported("normalizer", kindOf(partOf("normalizer", file["normalizer"])));
  const splitter = partOf("pre_tokenizer", file["pre_tokenizer"]);
  if (kindOf(splitter) !== "ByteLevel") throw unsupported("pre_tokenizer", kindOf(splitter));
  if (splitter["use_regex"] === false) throw unsupported("pre_tokenizer", "ByteLevel without use_regex");
  const { merges } = model;
  if (!Array.isArray(merges)) throw unsupported("model", "BPE without merges");
  return bytePairs({
    vocabulary: vocabularyOf(model),
    merges: merges.map((merge: unknown) => (Array.isArray(merge) ? merge.join(" ") : String(merge))),
    ignoreMerges: model["ignore_merges"] === true,
    prefixSpace: splitter["add_prefix_space"] === true,
    ...frameOf(file["post_processor"]),
  });
}

interface Frame {
  readonly before: readonly number[];
  readonly behind: readonly number[];
}

/** The special tokens around one text. */
function frameOf(value: unknown): Frame {
  if (value === undefined || value === null) return { before: [], behind: [] };
  const processor = partOf("post_processor", value);
  switch (kindOf(processor)) {
    case "ByteLevel":
      return { before: [], behind: [] };
    case "BertProcessing":
    case "RobertaProcessing":
      return { before: [numbered(processor["cls"])], behind: [numbered(processor["sep"])] };
    case "TemplateProcessing":
      return templateOf(processor);
    case "Sequence": {
      const frames = listOf(processor["processors"]).map(frameOf);
      return { before: frames.flatMap(({ before }) => before), behind: frames.flatMap(({ behind }) => behind) };
    }
    default:
      throw unsupported("post_processor", kindOf(processor));
  }
}

/** `["[SEP]", 102]` */
function numbered(pair: unknown): number {
  const [, id] = listOf(pair);
  if (typeof id !== "number") throw unsupported("post_processor", "a special token without its number");
  return id;
}

function templateOf(processor: Part): Frame {
  const special = partOf("post_processor", processor["special_tokens"]);
  const before: number[] = [];
  const behind: number[] = [];
  let side = before;
  for (const item of listOf(processor["single"])) {
    const part = partOf("post_processor", item);
    if ("Sequence" in part) {
      side = behind;
      continue;
    }
    const { id } = partOf("post_processor", part["SpecialToken"]);
    const { ids } = partOf("post_processor", special[String(id)]);
    for (const number of listOf(ids)) side.push(Number(number));
  }
  return { before, behind };
}

function vocabularyOf(model: Part): Map<string, number> {
  const entries = Object.entries(partOf("model", model["vocab"]));
  if (!entries.every((entry): entry is [string, number] => typeof entry[1] === "number"))
    throw unsupported("model", "a vocabulary of another form");
  return new Map(entries);
}

function parsed(json: string): unknown {
  return JSON.parse(json) as unknown;
}

function partOf(name: string, value: unknown): Part {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw unsupported(name, "none");
  return value as Part;
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw unsupported("post_processor", "a part of another form");
  return value;
}

/** Old files leave the type of a BPE or WordPiece model out. */
function kindOf(part: Part): string {
  const { type } = part;
  if (typeof type === "string") return type;
  return "merges" in part ? "BPE" : "continuing_subword_prefix" in part ? "WordPiece" : "no type";
}

function unsupported(part: string, kind: string): ModelError {
  return new ModelError("tokenizer_unsupported", `${part}: ${kind} is not read here`);
}
