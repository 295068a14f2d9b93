/** Reads what a verb works on: a file, or stdin. Text is UTF-8 or refused, since offsets and placeholders would be wrong in anything else. */
import { readFile } from "node:fs/promises";
import { CliError, EXIT, systemCode } from "./exit.ts";

const INPUT_BYTES_MAX = 256 * 1_024 * 1_024;

/** `-` or nothing is stdin. Throws a CliError (3) when it cannot be read, (2) when it is not UTF-8 or too long. */
export async function readText(path: string | undefined): Promise<string> {
  const isStdin = path === undefined || path === "-";
  const bytes = isStdin ? await readStdin() : await readBytes(path);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CliError(EXIT.usage, "input_not_utf8", `${isStdin ? "stdin" : path} is not UTF-8 text`);
  }
}

/** Throws a CliError (3) when it cannot be read. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (thrown) {
    const code = systemCode(thrown);
    if (code === undefined) throw thrown;
    throw new CliError(EXIT.environment, code, `cannot read ${path} (${code})`);
  }
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of process.stdin as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > INPUT_BYTES_MAX) throw new CliError(EXIT.usage, "input_too_long", "stdin is longer than 256 MiB");
    chunks.push(chunk);
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
