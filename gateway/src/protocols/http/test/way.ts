/** The real way there and back, for tests of the pure files: a scrubber with ordinary rules, and backs with chosen values. */
import { OperatorKeys, type Issued, PlaceholderMap } from "@sluice/detector";
import type { MaskingRules } from "../../../core/connection.ts";
import { SluiceError } from "../../../core/errors.ts";
import type { Segment } from "../../../core/segment.ts";
import { createBack } from "../../../privacy/back.ts";
import { type Back, createScrubber, createVault, ownDetection, type Scrubbed } from "../../../privacy/index.ts";
import { operatorTable } from "../../../privacy/operator-table.ts";

export const RULES: MaskingRules = {
  request: {},
  response: {},
  default: "placeholder",
  neverRestore: ["secret"],
  opaqueParts: "allow",
};

const DETECTION = ownDetection({});

export const LIMITS = { responseBytesMax: 10_000_000, eventBytesMax: 1_000_000, depthMax: 100 };

const scrubber = createScrubber({
  hashKey: Buffer.alloc(32, 1),
  keys: (purpose) => new OperatorKeys({ master: Buffer.alloc(32, 1), keyId: "k", purpose: purpose || "p", epoch: "1" }),
  random: (bytes) => Buffer.alloc(bytes, 3),
  vault: createVault({
    random: (bytes) => Buffer.alloc(bytes, 2),
    ttlMs: 1000,
    conversationsMax: 1,
    bytesMax: 1000,
    placeholdersMax: 1000,
  }),
  textCharsMax: 10_000_000,
  sliceMs: 1000,
  timeoutMs: 20_000,
  clock: () => performance.now(),
  yieldNow: () => new Promise((resolve) => setImmediate(resolve)),
  detection: () => DETECTION,
});

export function scrub(segments: readonly Segment[], rules: MaskingRules = RULES): Promise<Scrubbed> {
  return scrubber.scrub(segments, () => rules, { principal: "service:tests", now: 0 });
}

/** A back for which these values were issued, in order: `[PERSON_1]`, `[PERSON_2]`, … */
export function backFor(values: readonly string[], rules: MaskingRules = RULES): Back {
  const map = new PlaceholderMap();
  for (const value of values) map.issue("PERSON", value);
  return backOf(map.issued(), rules);
}

function backOf(issued: readonly Issued[], rules: MaskingRules): Back {
  return createBack({
    issued,
    bareWords: new Set(),
    table: operatorTable(rules, DETECTION.types),
    context: { map: new PlaceholderMap(), restorable: true, hash: () => "0" },
    detection: DETECTION,
  });
}

/** The code of the SluiceError that the work throws; "" when it throws none. Anything else that is thrown is a bug. */
export function codeOf(work: () => unknown): string {
  try {
    work();
    return "";
  } catch (thrown) {
    if (thrown instanceof SluiceError) return thrown.code;
    throw thrown;
  }
}
