/**
 * What an auditor installs who does not trust the log: formats, tree and verification of a Sluice evidence log. Trees, notes
 * and proofs are those of any C2SP tlog-tiles log. No dependency, no file access, WebCrypto only; made to run in Node,
 * workers and browsers alike.
 */

export { VerifierError, type VerifierErrorCode } from "./errors.ts";
export { sha256 } from "./sha256.ts";
export {
  HASH_BYTES,
  type LeafRange,
  type Subtree,
  consistencyRanges,
  emptyRoot,
  foldSubtrees,
  inclusionRanges,
  leafHash,
  nodeHash,
  subtreesOf,
  verifyConsistency,
  verifyInclusion,
} from "./tree.ts";
export {
  TILE_HEIGHT,
  TILE_LEVEL_MAX,
  TILE_WIDTH,
  type Tile,
  type TileLevel,
  type TileSlice,
  bundleWidth,
  parseTilePath,
  sliceOf,
  tilePath,
  tileWidth,
  tilesFor,
} from "./tile.ts";
export { BUNDLE_BYTES_MAX, ENTRY_BYTES_MAX, formatBundle, parseBundle } from "./bundle.ts";
export { type ReadTile, completeRoot, proveConsistency, proveInclusion } from "./prove.ts";
export { KEY_TYPES, type VerifierKey, formatVkey, keyIdOf, parseVkey } from "./vkey.ts";
export { NOTE_BYTES_MAX, NOTE_SIGNATURES_MAX, type Note, type NoteSignature, formatNote, parseNote } from "./note.ts";
export { type Checkpoint, formatCheckpoint, parseCheckpoint } from "./checkpoint.ts";
export {
  type CosignedCheckpoint,
  ED25519_SIGNATURE_BYTES,
  ML_DSA_44_SIGNATURE_BYTES,
  type TimestampedSignature,
  cosignedMessage,
  cosignedText,
  formatTimestampedSignature,
  parseTimestampedSignature,
} from "./cosignature.ts";
export { type KeyVerdict, type NoteVerdict, type SignatureStatus, verifyNote } from "./signature.ts";
export { PROOF_EXTRA_BYTES_MAX, PROOF_HASHES_MAX, type Proof, formatProof, parseProof } from "./proof.ts";
export { JSON_DEPTH_MAX, canonicalJson } from "./canonical-json.ts";
export { type LogInfo, formatLogInfo, parseLogInfo } from "./log-info.ts";
export { type Leaf, parseLeaf } from "./leaf.ts";
export { SALT_BYTES, verifyCommitment } from "./commitment.ts";
export { type Problem, type ProblemCode } from "./report.ts";
export { type Trust } from "./trust.ts";
export {
  POLICY_BYTES_MAX,
  POLICY_NAMES_MAX,
  type Policy,
  type PolicyGroup,
  type PolicyLog,
  type PolicyWitness,
  parsePolicy,
} from "./policy.ts";
export { type QuorumGap, type QuorumVerdict, describeGaps, judgeQuorum } from "./quorum.ts";
export { FILE_BYTES_MAX, type Fetcher, type Source, httpSource } from "./source.ts";
export { readUnpacked } from "./packed.ts";
export { PROBLEMS_MAX, type Report, type VerifyLogOptions, verifyLog } from "./verify-log.ts";
export {
  CERTIFICATE_HEADER,
  type Certificate,
  type CertificateReport,
  parseCertificate,
  verifyCertificate,
} from "./certificate.ts";
export {
  type Certificate as TimestampCertificate,
  parseCertificates as parseTimestampRoots,
} from "./timestamp/certificate.ts";
export { formatTimestampRequest } from "./timestamp/request.ts";
export {
  ORDER_SLACK_MS,
  STAMP_EVENT,
  type StampTrust,
  type StampsReport,
  checkpointImprint,
  stampPath,
  stampedCheckpointPath,
} from "./timestamp/log-stamps.ts";
export { type Timestamp, type TimestampOptions, verifyTimestamp } from "./timestamp/verify.ts";
export { verifyContinuation } from "./continuation.ts";
export { type ProofReport, verifyProof } from "./verify-proof.ts";
export {
  CHUNK_BODY_BYTES_MAX,
  CHUNK_CHECKSUM_BYTES,
  CHUNK_HEADER_BYTES,
  CHUNK_KINDS,
  CHUNK_MAGIC,
  type ChunkHeader,
  type ChunkKind,
  type ExpectedRecording,
  type RecordingFinding,
  type RecordingFindingCode,
  type RecordingReport,
  readChunkHeader,
  verifyRecording,
} from "./recording.ts";
