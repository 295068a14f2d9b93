import { createHash } from "node:crypto";
import { OperatorKeys, type Finding } from "@sluice/detector";
import type { MaskingRules } from "../../core/connection.ts";
import type { Segment } from "../../core/segment.ts";
import {
  createScrubber,
  createVault,
  type Decide,
  type Detection,
  ownDetection,
  type ScrubContext,
  type ScrubberOptions,
  type VaultOptions,
} from "../index.ts";

export const CONTEXT: ScrubContext = { principal: "alice", now: 1_000 };

/** Says of whatever was found that it is to be treated by these rules. */
export function rules(changes: Partial<MaskingRules> = {}): Decide {
  const decided: MaskingRules = {
    request: {},
    response: {},
    default: "placeholder",
    neverRestore: ["secret"],
    opaqueParts: "block",
    ...changes,
  };
  return () => decided;
}

export function segment(text: string, changes: Partial<Segment> = {}): Segment {
  return { path: "messages.0.content", text, final: true, origin: "user", ...changes };
}

/** Bytes that differ from call to call and are the same in every run. */
export function countingBytes(): (bytes: number) => Uint8Array {
  let calls = 0;
  return (bytes) => createHash("sha256").update(String(calls++)).digest().subarray(0, bytes);
}

export function testVault(changes: Partial<VaultOptions> = {}) {
  return createVault({
    random: countingBytes(),
    ttlMs: 1_000,
    conversationsMax: 10,
    bytesMax: 1_000_000,
    placeholdersMax: 1_000,
    ...changes,
  });
}

export function testScrubber(changes: Partial<ScrubberOptions> = {}) {
  return createScrubber({
    hashKey: new Uint8Array(32).fill(7),
    keys: (purpose) =>
      new OperatorKeys({ master: new Uint8Array(32).fill(7), keyId: "k", purpose: purpose || "p", epoch: "1" }),
    random: (bytes) => Buffer.alloc(bytes, 3),
    vault: testVault(),
    textCharsMax: 4_000_000,
    sliceMs: 5,
    timeoutMs: 30_000,
    clock: () => performance.now(),
    yieldNow: () => new Promise((resolve) => setImmediate(resolve)),
    detection: () => OWN,
    ...changes,
  });
}

const OWN = ownDetection({});

/** A detector of the test's own that finds in each text, however it comes, what `find` says. */
export function detectionOf(find: (text: string) => Finding[]): Detection {
  return {
    types: OWN.types,
    seenInLines: [],
    detect: (texts) => texts.map(find),
    *detectSteps(texts) {
      yield;
      return texts.map(find);
    },
    signals: () => [],
    detectStream: () => ({
      push: (text) => ({ text, findings: find(text) }),
      end: () => ({ text: "", findings: [] }),
    }),
  };
}

export const texts = (segments: readonly Segment[]): string[] => segments.map(({ text }) => text);
