/**
 * YAML text → plain value, with the place of every key and value kept, so that whatever is found wrong later can be named by
 * line and column. Strict YAML 1.2 core: duplicate keys, unknown tags, merge keys and a second document are problems.
 */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from "yaml";
import { formatPath, type Path, type Problem } from "./problem.ts";

export interface Source {
  readonly file: string;
  /** Plain JSON value; undefined when the text is not YAML. An empty file is `{}`. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Line and column (from 1) of the key at the end of `path`, or of its value; of the nearest part that exists otherwise. */
  position(path: Path, what: "key" | "value"): { line: number; column: number };
}

/** Aliases may be expanded this often: enough for shared rules, too few to fill memory. */
const ALIASES_MAX = 100;

export function parseSource(text: string, file: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: "1.2",
    schema: "core",
    strict: true,
    uniqueKeys: true,
    stringKeys: true,
    merge: false,
    prettyErrors: false,
    lineCounter: lines,
  });
  const place = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problems: Problem[] = [];
  const fault = (offset: number, message: string, path = ""): void => {
    const { line, column } = place(offset);
    problems.push({ file, line, column, path, message, environment: false });
  };
  for (const each of [...document.errors, ...document.warnings]) fault(each.pos[0], `not valid YAML: ${each.message}`);
  visit(document, {
    Pair(_, { key }) {
      // JavaScript gives this name a meaning of its own, so libraries drop it without a word; nothing here may be ignored.
      if (isScalar(key) && key.value === "__proto__") fault(startOf(key), "unknown key", "__proto__");
    },
  });
  let value: unknown;
  if (document.errors.length === 0) {
    try {
      value = document.toJS({ maxAliasCount: ALIASES_MAX }) ?? {};
    } catch (thrown) {
      if (!(thrown instanceof ReferenceError)) throw thrown;
      fault(0, `not valid YAML: more than ${ALIASES_MAX} aliases`);
    }
  }
  return { file, value, problems, position: (path, what) => place(offsetOf(document, path, what)) };
}

function offsetOf(document: Document, path: Path, what: "key" | "value"): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const [depth, part] of path.entries()) {
    const at = isAlias(node) ? node.resolve(document) : node;
    const isLast = depth === path.length - 1;
    if (isMap(at)) {
      const pair = at.items.find((each) => isScalar(each.key) && String(each.key.value) === String(part));
      if (pair === undefined || !isNode(pair.key)) return offset;
      offset = startOf(pair.key);
      node = pair.value;
      if (isLast && what === "value" && isNode(node)) offset = startOf(node);
    } else if (isSeq(at)) {
      node = at.items[Number(part)];
      if (!isNode(node)) return offset;
      offset = startOf(node);
    } else {
      return offset;
    }
  }
  return offset;
}

function startOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

/** Collects problems and warnings of one source. */
export class Report {
  readonly #source: Source;
  readonly problems: Problem[] = [];
  readonly warnings: Problem[] = [];

  constructor(source: Source) {
    this.#source = source;
    this.problems.push(...source.problems);
  }

  problem(path: Path, message: string, what: "key" | "value" = "value"): void {
    this.problems.push(this.#place(path, message, what, false));
  }

  /** What the file refers to is missing on this machine. */
  missing(path: Path, message: string): void {
    this.problems.push(this.#place(path, message, "value", true));
  }

  warn(path: Path, message: string, what: "key" | "value" = "value"): void {
    this.warnings.push(this.#place(path, message, what, false));
  }

  #place(path: Path, message: string, what: "key" | "value", environment: boolean): Problem {
    return {
      file: this.#source.file,
      ...this.#source.position(path, what),
      path: formatPath(path),
      message,
      environment,
    };
  }
}
