/**
 * Presidio's operators: what `/anonymize` puts in place of a result and what `/deanonymize` puts back. They are theirs, so
 * that what was written with them can be read; docs/presidio.md says what to take instead. Encryption is AES in CBC mode
 * (NIST SP 800-38A) without authentication: whoever can change a token can change what it decrypts to.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from "node:crypto";
import { SluiceError } from "../../core/errors.ts";
import { CodePoints } from "./code-points.ts";

export type Anonymizer =
  | { readonly type: "replace"; readonly new_value?: string | undefined }
  | { readonly type: "redact" }
  | { readonly type: "keep" }
  | {
      readonly type: "mask";
      readonly masking_char: string;
      readonly chars_to_mask: number;
      readonly from_end?: boolean | undefined;
    }
  | { readonly type: "hash"; readonly hash_type?: "sha256" | "sha512" | undefined; readonly salt?: string | undefined }
  | { readonly type: "encrypt"; readonly key: string; readonly deterministic?: boolean | undefined };

export type Deanonymizer = { readonly type: "decrypt"; readonly key: string } | { readonly type: "deanonymize_keep" };

export const ANONYMIZERS = ["encrypt", "hash", "keep", "mask", "redact", "replace"] as const;
export const DEANONYMIZERS = ["deanonymize_keep", "decrypt"] as const;
const DEFAULT = "DEFAULT";

/** Offsets in code points. */
export interface Span {
  readonly entity_type: string;
  readonly start: number;
  readonly end: number;
}

export interface ScoredSpan extends Span {
  readonly score: number;
}

export interface OperatorResult {
  readonly start: number;
  readonly end: number;
  readonly entity_type: string;
  readonly text: string;
  readonly operator: string;
}

export interface EngineResult {
  readonly text: string;
  /** Last one first, as theirs come. */
  readonly items: OperatorResult[];
}

/** Throws field_invalid for a place outside of the text or a parameter that is none. */
export function anonymize(
  text: string,
  results: readonly ScoredSpan[],
  anonymizers: Readonly<Record<string, Anonymizer>>,
): EngineResult {
  const points = checked(text, results, "analyzer_results");
  const spans = mergedOverSpaces(text, points, withoutConflicts(results));
  const operator = (entity: string): Anonymizer =>
    own(anonymizers, entity) ?? own(anonymizers, DEFAULT) ?? { type: "replace" };
  return operate(text, points, spans, (value, { entity_type }) => {
    const chosen = operator(entity_type);
    return { text: put(chosen, value, entity_type), operator: chosen.type };
  });
}

/** Throws field_invalid as `anonymize`, and for a token that the key does not open. */
export function deanonymize(
  text: string,
  results: readonly Span[],
  deanonymizers: Readonly<Record<string, Deanonymizer>>,
): EngineResult {
  const points = checked(text, results, "anonymizer_results");
  return operate(text, points, results, (value, { entity_type }) => {
    const chosen = own(deanonymizers, entity_type) ?? own(deanonymizers, DEFAULT) ?? { type: "deanonymize_keep" };
    return { text: chosen.type === "decrypt" ? decrypt(chosen.key, value) : value, operator: chosen.type };
  });
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function checked(text: string, spans: readonly Span[], field: string): CodePoints {
  const points = new CodePoints(text);
  for (const [index, { start, end }] of spans.entries()) {
    if (start > end || end > points.length)
      throw new SluiceError(
        "field_invalid",
        `${field}[${index}] does not lie in the text of ${points.length} characters`,
      );
  }
  return points;
}

function put(operator: Anonymizer, value: string, entity: string): string {
  switch (operator.type) {
    case "replace":
      return operator.new_value ?? `<${entity}>`;
    case "redact":
      return "";
    case "keep":
      return value;
    case "mask":
      return mask(value, operator.masking_char, operator.chars_to_mask, operator.from_end === true);
    case "hash":
      return hashed(value, operator.hash_type ?? "sha256", operator.salt);
    case "encrypt":
      return encrypt(operator.key, value, operator.deterministic === true);
  }
}

function mask(value: string, sign: string, count: number, fromEnd: boolean): string {
  const characters = [...value];
  if ([...sign].length !== 1) throw new SluiceError("field_invalid", "masking_char must be one character");
  const masked = Math.min(characters.length, Math.max(0, count));
  const signs = sign.repeat(masked);
  return fromEnd
    ? characters.slice(0, characters.length - masked).join("") + signs
    : signs + characters.slice(masked).join("");
}

const SALT_BYTES_MIN = 16;

/** Without a salt of the caller's each value gets one of its own, which nobody keeps: equal values do not look equal. */
function hashed(value: string, algorithm: "sha256" | "sha512", salt: string | undefined): string {
  if (salt !== undefined && Buffer.byteLength(salt) < SALT_BYTES_MIN)
    throw new SluiceError("field_invalid", `salt must have ${SALT_BYTES_MIN} bytes or more`);
  return createHash(algorithm)
    .update(value)
    .update(salt ?? randomBytes(32))
    .digest("hex");
}

const IV_BYTES = 16;

function encrypt(key: string, value: string, deterministic: boolean): string {
  const bytes = keyBytes(key);
  const iv = deterministic
    ? createHmac("sha256", bytes).update(value).digest().subarray(0, IV_BYTES)
    : randomBytes(IV_BYTES);
  const cipher = createCipheriv(algorithmFor(bytes), bytes, iv);
  const token = Buffer.concat([iv, cipher.update(value, "utf8"), cipher.final()]).toString("base64");
  return token.replaceAll("+", "-").replaceAll("/", "_");
}

function decrypt(key: string, token: string): string {
  const bytes = keyBytes(key);
  const wrong = new SluiceError("field_invalid", "a token in the text cannot be decrypted with this key");
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(token)) throw wrong;
  const sealed = Buffer.from(token, "base64");
  if (sealed.length < 2 * IV_BYTES || sealed.length % IV_BYTES !== 0) throw wrong;
  try {
    const decipher = createDecipheriv(algorithmFor(bytes), bytes, sealed.subarray(0, IV_BYTES));
    const plain = Buffer.concat([decipher.update(sealed.subarray(IV_BYTES)), decipher.final()]);
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(plain);
  } catch {
    throw wrong;
  }
}

function keyBytes(key: string): Buffer {
  const bytes = Buffer.from(key);
  if (![16, 24, 32].includes(bytes.length))
    throw new SluiceError("field_invalid", "key must be of length 128, 192 or 256 bits");
  return bytes;
}

function algorithmFor(key: Buffer): string {
  return `aes-${key.length * 8}-cbc`;
}

/** Their default: overlapping results of one entity become one; one that lies inside another goes, or is less sure there. */
function withoutConflicts(results: readonly ScoredSpan[]): ScoredSpan[] {
  const merged: ScoredSpan[] = [];
  for (const group of Map.groupBy(results, ({ entity_type }) => entity_type).values()) {
    let chain: ScoredSpan[] = [];
    let end = 0;
    for (const each of group.sort(byPlace)) {
      if (chain.length > 0 && each.start >= end) {
        merged.push(joined(chain));
        chain = [];
      }
      chain.push(each);
      end = chain.length === 1 ? each.end : Math.max(end, each.end);
    }
    merged.push(joined(chain));
  }
  const standing: ScoredSpan[] = [];
  // Of those that begin at one place the longest comes first, of equal ones the surest.
  let reach = -1;
  for (const each of merged.sort((a, b) => byPlace(a, b) || b.score - a.score)) {
    if (each.end <= reach) continue;
    reach = each.end;
    standing.push(each);
  }
  return standing;
}

/** One for a chain of results that overlap, in order. */
function joined(chain: readonly ScoredSpan[]): ScoredSpan {
  const [first] = chain;
  if (first === undefined) throw new Error("assertion: a chain has a first");
  if (chain.length === 1) return first;
  let { end, score } = first;
  for (const each of chain) {
    end = Math.max(end, each.end);
    score = Math.max(score, each.score);
  }
  return { entity_type: first.entity_type, start: first.start, end, score };
}

function byPlace(a: Span, b: Span): number {
  return a.start - b.start || b.end - a.end;
}

/** "Jane" and "Doe" with spaces between them are one, when both are the same entity. */
function mergedOverSpaces(text: string, points: CodePoints, spans: readonly ScoredSpan[]): Span[] {
  const merged: Span[] = [];
  for (const each of spans) {
    const last = merged.at(-1);
    const between = last === undefined ? "" : text.slice(points.unit(last.end), points.unit(each.start));
    if (last?.entity_type === each.entity_type && /^ +$/.test(between))
      merged[merged.length - 1] = { ...each, start: last.start };
    else merged.push(each);
  }
  return merged;
}

function operate(
  text: string,
  points: CodePoints,
  spans: readonly Span[],
  operation: (value: string, span: Span) => { readonly text: string; readonly operator: string },
): EngineResult {
  const parts: string[] = [];
  const items: OperatorResult[] = [];
  let length = 0;
  const append = (part: string): void => {
    parts.push(part);
    length += new CodePoints(part).length;
  };
  let copied = 0;
  for (const span of [...spans].sort(byPlace)) {
    const start = points.unit(span.start);
    const end = points.unit(span.end);
    append(text.slice(copied, Math.max(copied, start)));
    // Where two of different entities overlap, each is operated on as a whole and nothing between them is left standing.
    const done = operation(text.slice(start, end), span);
    const from = length;
    append(done.text);
    items.push({ start: from, end: length, entity_type: span.entity_type, text: done.text, operator: done.operator });
    copied = Math.max(copied, end);
  }
  append(text.slice(copied));
  return { text: parts.join(""), items: items.reverse() };
}
