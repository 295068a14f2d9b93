import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ModelError, readTokenizer, readVocabulary, type Tokenizer, wordPiece } from "./index.ts";

interface Vectors {
  readonly tokenizers: readonly {
    readonly name: string;
    readonly tokenizer: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    readonly cases: readonly { readonly text: string; readonly ids: number[]; readonly words: [number, number][] }[];
  }[];
}

/** Made by the original implementation, see the file's first line. */
const { tokenizers } = JSON.parse(readFileSync(new URL("test/tokenizers.json", import.meta.url), "utf8")) as Vectors;

/** Words as the original cuts them, without the white space that it counts to them. */
function wordsOf(tokenizer: Tokenizer, text: string): [number, number][] {
  const { start, end } = tokenizer.split(text);
  return start.map((from, word): [number, number] => [from, end[word] as number]).filter(([from, to]) => from < to);
}

describe.each(tokenizers.map(({ name, tokenizer, cases }) => [name, tokenizer, cases] as const))(
  "%s",
  (_, json, cases) => {
    const tokenizer = readTokenizer(json);

    it.each(cases.map(({ text, ids, words }) => [text, ids, words] as const))("%j", (text, ids, words) => {
      const { before, behind } = tokenizer;
      expect([...before, ...tokenizer.split(text).ids, ...behind]).toEqual(ids);
      expect(wordsOf(tokenizer, text)).toEqual(words);
    });

    it("the file may be given as its text", () => {
      expect(readTokenizer(JSON.stringify(json)).split("any parcel")).toEqual(tokenizer.split("any parcel"));
    });

    it("what looks like a special token in a text is text", () => {
      for (const special of ["[CLS]", "[SEP]", "<s>", "</s>"]) {
        const { ids } = tokenizer.split(`a ${special} b`);
        for (const id of [...tokenizer.before, ...tokenizer.behind]) expect(ids).not.toContain(id);
      }
    });

    it("time is linear in texts that are one word, or none", () => {
      const seconds = (text: string): number => {
        const start = process.cpuUsage();
        tokenizer.split(text);
        const { user, system } = process.cpuUsage(start);
        return (user + system) / 1e6;
      };
      for (const unit of ["a", "ab", " ", "\n", "1", "'", "é", "中", "##", "e\u0301", "\u200b"]) {
        const once = unit.repeat(4_000);
        seconds(once);
        // A quadratic one takes sixty-four times as long.
        expect(seconds(once.repeat(8)), JSON.stringify(unit)).toBeLessThan(Math.max(seconds(once), 0.005) * 40);
      }
    });
  },
);

describe("refused, naming the part", () => {
  const [bert, , gpt] = tokenizers.map(({ tokenizer }) => tokenizer);

  it.each([
    ["model: Unigram", { ...bert, model: { type: "Unigram", vocab: [] } }],
    ["model: WordLevel", { ...bert, model: { type: "WordLevel", vocab: {} } }],
    ["model: BPE with byte_fallback", { ...gpt, model: { ...gpt?.["model"], byte_fallback: true } }],
    ["model: BPE with end_of_word_suffix", { ...gpt, model: { ...gpt?.["model"], end_of_word_suffix: "</w>" } }],
    ["normalizer: NFC", { ...gpt, normalizer: { type: "NFC" } }],
    ["normalizer: none", { ...bert, normalizer: null }],
    ["pre_tokenizer: Metaspace", { ...gpt, pre_tokenizer: { type: "Metaspace" } }],
    ["pre_tokenizer: ByteLevel without use_regex", { ...gpt, pre_tokenizer: { type: "ByteLevel", use_regex: false } }],
    ["pre_tokenizer: Whitespace", { ...bert, pre_tokenizer: { type: "Whitespace" } }],
    ["post_processor: Other", { ...bert, post_processor: { type: "Other" } }],
    ["tokenizer: none", []],
  ])("%s", (message, json) => {
    expect(() => readTokenizer(json)).toThrow(new ModelError("tokenizer_unsupported", `${message} is not read here`));
  });
});

describe("a vocab.txt", () => {
  const vocabulary = readVocabulary("[PAD]\n[UNK]\n[CLS]\n[SEP]\nun\n##aff\n##able\naff\n");

  it("gives the pieces of a word, the longest first", () => {
    const tokenizer = wordPiece({ vocabulary });
    expect(tokenizer.split("Unaffable unable unseen").ids).toEqual([4, 5, 6, 4, 6, 1]);
    expect([tokenizer.before, tokenizer.behind]).toEqual([[2], [3]]);
  });

  it("without the pieces that every model has is refused", () => {
    expect(() => wordPiece({ vocabulary: readVocabulary("a\nb") })).toThrow(
      TypeError("the vocabulary has no piece [UNK]"),
    );
  });
});

it("special tokens are read from every form of them", () => {
  const [bert] = tokenizers;
  const frame = (processor: unknown): unknown => {
    const { before, behind } = readTokenizer({ ...bert?.tokenizer, post_processor: processor });
    return [before, behind];
  };
  expect(frame({ type: "BertProcessing", sep: ["[SEP]", 3], cls: ["[CLS]", 2] })).toEqual([[2], [3]]);
  const template = {
    type: "TemplateProcessing",
    single: [{ SpecialToken: { id: "A" } }, { SpecialToken: { id: "B" } }, { Sequence: { id: "A" } }],
    special_tokens: { A: { ids: [5] }, B: { ids: [6, 7] } },
  };
  expect(frame(template)).toEqual([[5, 6, 7], []]);
  expect(frame({ type: "Sequence", processors: [{ type: "ByteLevel" }, template] })).toEqual([[5, 6, 7], []]);
  expect(frame({ type: "ByteLevel" })).toEqual([[], []]);
});
