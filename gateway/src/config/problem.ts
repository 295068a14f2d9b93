/**
 * A problem of the configuration, with its place in the file. It names keys and references and never holds a value, so it may
 * be printed and logged: the value in question may be a secret that somebody pasted.
 */

export interface Problem {
  /** File as the user named it. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** Where in the document: `connections.openai.url`, `listeners[0].address`. Empty for the whole file. */
  readonly path: string;
  readonly message: string;
  /** The file is right, and what it refers to (a variable, a file) is not there: the machine must change, not the file. */
  readonly environment: boolean;
}

/** Keys and indexes from the root of the document. */
export type Path = readonly (string | number)[];

/** `sluice.yaml:12:5 connections.openai.urll: unknown key; did you mean "url"?` */
export function formatProblem(problem: Problem): string {
  const place = `${problem.file}:${problem.line}:${problem.column}`;
  return problem.path === "" ? `${place} ${problem.message}` : `${place} ${problem.path}: ${problem.message}`;
}

export function formatPath(path: Path): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (/^[\w-]+$/.test(part)) text += text === "" ? part : `.${part}`;
    else text += `[${JSON.stringify(part)}]`;
  }
  return text;
}
