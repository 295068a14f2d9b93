/**
 * WordPiece as BERT has it: clean, split at white space and punctuation, then the longest piece of the vocabulary first. The
 * vocabulary is a `vocab.txt` or that of a `tokenizer.json`. https://github.com/google-research/bert#tokenization
 */
import { addWord, noPieces, type Pieces, type Tokenizer } from "./tokenizer.ts";

export interface WordPieceOptions {
  /** piece → number; those that go on within a word begin with `prefix`. */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** Default "[UNK]". */
  readonly unknown?: string;
  /** Default "##". */
  readonly prefix?: string;
  /** Longer words are unknown; default 100 characters. */
  readonly wordCharsMax?: number;
  /** Whether the model was trained on lower case; default true, as BERT's "uncased". */
  readonly lowercase?: boolean;
  /** Default: what `lowercase` is. */
  readonly stripAccents?: boolean;
  /** Default true: control characters are left out. */
  readonly cleanText?: boolean;
  /** Default true: each Chinese character is a word. */
  readonly splitChinese?: boolean;
  /** Defaults: the numbers of "[CLS]" and "[SEP]". */
  readonly before?: readonly number[];
  readonly behind?: readonly number[];
}

const WORD_CHARS_MAX = 100;

/** Characters of the word under way, normalized, and the place in the text that each came from. */
interface Word {
  chars: string[];
  start: number;
  end: number;
}

/** @throws TypeError when the vocabulary lacks the unknown piece, "[CLS]" or "[SEP]" */
export function wordPiece(options: WordPieceOptions): Tokenizer {
  const { vocabulary, prefix = "##", wordCharsMax = WORD_CHARS_MAX, lowercase = true } = options;
  const { stripAccents = lowercase, cleanText = true, splitChinese = true } = options;
  const known = (piece: string): number => {
    const id = vocabulary.get(piece);
    if (id === undefined) throw new TypeError(`the vocabulary has no piece ${piece}`);
    return id;
  };
  const unknown = [known(options.unknown ?? "[UNK]")];
  let longest = 0;
  for (const piece of vocabulary.keys()) longest = Math.max(longest, piece.length);

  function idsOf(chars: readonly string[]): readonly number[] {
    if (chars.length > wordCharsMax) return unknown;
    const ids: number[] = [];
    for (let at = 0; at < chars.length; ) {
      let end = Math.min(chars.length, at + longest);
      let id: number | undefined;
      for (; end > at && id === undefined; end--)
        id = vocabulary.get((at > 0 ? prefix : "") + chars.slice(at, end).join(""));
      if (id === undefined) return unknown;
      ids.push(id);
      at = end + 1;
    }
    return ids;
  }

  function normalized(char: string): string {
    const plain = stripAccents && char > "\x7f" ? char.normalize("NFD").replaceAll(/\p{Mn}/gu, "") : char;
    return lowercase ? plain.toLowerCase() : plain;
  }

  function split(text: string): Pieces {
    const pieces = noPieces();
    const word: Word = { chars: [], start: 0, end: 0 };
    const endWord = (): void => {
      if (word.chars.length > 0) addWord(pieces, word.start, word.end, idsOf(word.chars));
      word.chars = [];
    };
    let at = 0;
    for (const char of text) {
      const end = at + char.length;
      if (cleanText && UNCLEAN.test(char)) {
        at = end;
        continue;
      }
      if (WHITE.test(char)) endWord();
      else {
        const alone = PUNCTUATION.test(char) || (splitChinese && CHINESE.test(char));
        if (alone) endWord();
        for (const to of normalized(char)) {
          if (word.chars.length === 0) word.start = at;
          word.chars.push(to);
          word.end = end;
        }
        if (alone) endWord();
      }
      at = end;
    }
    endWord();
    return pieces;
  }

  return { split, before: options.before ?? [known("[CLS]")], behind: options.behind ?? [known("[SEP]")] };
}

const WHITE = /^[\t-\r\x85\p{Z}]$/u;
const UNCLEAN = /^(?![\t\n\r])[\p{C}\ufffd]$/u;
/** What Unicode calls so, and all signs of ASCII. */
const PUNCTUATION = /^[\p{P}!-/:-@[-`{-~]$/u;
const CHINESE =
  /^[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b820}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]$/u;

/** piece → line number, of the text of a `vocab.txt`. */
export function readVocabulary(text: string): Map<string, number> {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return new Map(lines.map((line, id) => [line, id]));
}
