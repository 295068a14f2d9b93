/**
 * The list of logs that a witness cosigns for: https://c2sp.org/tlog-list, the format that networks of witnesses publish theirs
 * in. Strict: a list that is not understood as a whole is refused with its line, or a log would silently not be witnessed.
 */
import { type VerifierKey, VerifierError, formatCheckpoint, parseVkey } from "@sluice/verifier";
import { SluiceError } from "../core/errors.ts";

export interface WitnessedLog {
  readonly origin: string;
  readonly key: VerifierKey;
  /** add-checkpoint requests that it may make in a day. */
  readonly requestsPerDay: number;
  readonly contact: string;
}

/** By origin. */
export type LogList = ReadonlyMap<string, WitnessedLog>;

const HEADER = "logs/v0";
const LOGS_MAX = 200_000;
const ORIGIN_BYTES_MAX = 255;
/** "a number in the range [1, 2^31)" */
const QPD_END = 2 ** 31;

/** Throws config_invalid that names the line. `file` is what messages call it. */
export function parseLogList(text: string, file: string): LogList {
  const lines = linesOf(text);
  const fail = (line: number, message: string): never => {
    throw new SluiceError("config_invalid", `${file}, line ${line}: ${message}`);
  };
  const header = lines.shift();
  if (header?.text !== HEADER)
    return fail(header?.number ?? 1, `a list of logs begins with ${HEADER} (c2sp.org/tlog-list)`);
  const logs = new Map<string, WitnessedLog>();
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    const first = line;
    const take = (keyword: string): string | undefined => {
      const match = line?.text.startsWith(`${keyword} `) === true ? line.text.slice(keyword.length).trim() : undefined;
      return match === "" ? undefined : match;
    };
    const vkey = take("vkey") ?? fail(first.number, "a log begins with: vkey <verifier key>");
    const key = keyOf(vkey) ?? fail(first.number, "not a verifier key of a log (Ed25519 or ML-DSA-44)");
    line = lines.shift();
    const named = take("origin");
    if (named !== undefined) line = lines.shift();
    const origin = named ?? key.name;
    const qpd = take("qpd") ?? "";
    if (!/^[1-9][0-9]{0,9}$/.test(qpd) || Number(qpd) >= QPD_END) {
      fail(line?.number ?? first.number, "what comes next is: qpd <requests a day, 1 to 2147483647>");
    }
    line = lines.shift();
    const contact =
      take("contact") ?? fail(line?.number ?? first.number, "what comes next is: contact <how to reach its operator>");
    if (!isOrigin(origin)) fail(first.number, "an origin is one line of at most 255 bytes");
    if (logs.has(origin)) fail(first.number, "two logs must not share an origin");
    if (logs.size >= LOGS_MAX) fail(first.number, `more than ${LOGS_MAX} logs`);
    logs.set(origin, { origin, key, requestsPerDay: Number(qpd), contact });
  }
  return logs;
}

/** "Lines have all leading and trailing space (0x20) and tab (0x09) removed"; blank ones and comments are left out. */
function linesOf(text: string): { readonly text: string; readonly number: number }[] {
  return text
    .split("\n")
    .map((line, at) => ({ text: line.replace(/^[ \t]+|[ \t]+$/g, ""), number: at + 1 }))
    .filter((line) => line.text !== "" && !line.text.startsWith("#"));
}

function keyOf(vkey: string): VerifierKey | undefined {
  try {
    const key = parseVkey(vkey);
    // 0x04 is a witness's alone: https://c2sp.org/tlog-checkpoint
    return key.type === 0x04 ? undefined : key;
  } catch (thrown) {
    if (thrown instanceof VerifierError) return undefined;
    throw thrown;
  }
}

function isOrigin(origin: string): boolean {
  try {
    formatCheckpoint({ origin, size: 0, root: new Uint8Array(32) });
    return Buffer.byteLength(origin) <= ORIGIN_BYTES_MAX;
  } catch (thrown) {
    if (thrown instanceof VerifierError) return false;
    throw thrown;
  }
}
