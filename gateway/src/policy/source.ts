/** Policy files → single policies with their places. Knows nothing of what they mean. */

/** Read by the configuration, in any order: `name` is relative to the directory of the policies. */
export interface PolicyFiles {
  readonly files: readonly { readonly name: string; readonly text: string }[];
}

/** Line and column from 1, in the file's own text. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface PolicyProblem extends Place {
  readonly message: string;
}

/** `support.cedar:12:5 unknown group "suport"; did you mean "support"?` */
export function formatPolicyProblem({ file, line, column, message }: PolicyProblem): string {
  return `${file}:${line}:${column} ${message}`;
}

/** A file as Cedar counts in it: in bytes of UTF-8. */
export class PolicyText {
  readonly file: string;
  /** Without comments, each of their bytes a space, so that what is found in it is no comment and offsets stay. */
  readonly code: string;
  readonly #bytes: Buffer;

  constructor(file: string, text: string) {
    this.file = file;
    this.code = withoutComments(text);
    this.#bytes = Buffer.from(text);
  }

  /** `offset`: bytes from the beginning. */
  place(offset: number): Place {
    const before = this.#bytes.subarray(0, offset).toString();
    const lines = before.split("\n");
    return { file: this.file, line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
  }

  /** Offsets in bytes of the policies, which are pieces of `code`, in the order of the file. */
  locate(policies: readonly string[]): { text: string; offset: number }[] {
    const next = new Map<string, number>();
    return policies
      .map((text) => {
        const at = this.code.indexOf(text, next.get(text) ?? 0);
        next.set(text, at + text.length);
        return { text, offset: Buffer.byteLength(this.code.slice(0, Math.max(0, at))) };
      })
      .toSorted((a, b) => a.offset - b.offset);
  }
}

/** Comments go from `//` to the end of the line; in a string these are characters like others. */
function withoutComments(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|\/\/[^\n]*/g, (piece) =>
    piece.startsWith('"') ? piece : " ".repeat(Buffer.byteLength(piece)),
  );
}
