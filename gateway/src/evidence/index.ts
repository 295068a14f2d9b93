/**
 * The door of the evidence room: RECORD. Events go in as leaves, receipts come out, and anyone can check the result with a
 * static file server and a verifier.
 */

export { type Entry, type EvidenceLog, type EvidenceOptions, openEvidence } from "./log.ts";
export type { JsonValue } from "./canonical-json.ts";
export {
  type Authority,
  type Leaf,
  type Receipt,
  type ScrubFacts,
  configLeaf,
  denialLeaf,
  eventLeaf,
  intentLeaf,
  outcomeLeaf,
  startLeaf,
  stopLeaf,
} from "./leaf.ts";
export { watchClock } from "./clock-watch.ts";
export { type Continued, freezeLog } from "./freezing.ts";
export { type KeysChanged, addKeys, retireKeys } from "./rotation.ts";
export { type Inspection, inspectLog, originOf } from "./repair.ts";
export type { ServedFile } from "./served-files.ts";
export { FolderFiles, type SharedFiles } from "./shared/files.ts";
export { S3Files } from "./shared/s3.ts";
export type { SessionLock } from "./shared/lease.ts";
export { openSharedEvidence } from "./shared/log.ts";
export { SHARED_MARK } from "./shared/opening.ts";
export { APPENDS_WAITING_MAX } from "./sequencer.ts";
export { pseudonymOf } from "./keys.ts";
