/**
 * Erasure certificates: a signed note that says which keys were destroyed, when, and what became of copies elsewhere, with the log's
 * entry about it and the proof that the log holds it. Checked offline with the pinned keys of the log. What the signature vouches for is
 * what the operator says; what the proof vouches for is that it cannot say something else later.
 */

import { encodeUtf8 } from "./bytes.ts";
import { canonicalJson } from "./canonical-json.ts";
import { VerifierError } from "./errors.ts";
import { parseLeaf } from "./leaf.ts";
import { type Note, parseNote } from "./note.ts";
import type { Problem, ProblemCode } from "./report.ts";
import { type KeyVerdict, verifyNote } from "./signature.ts";
import type { Trust } from "./trust.ts";
import { verifyProof } from "./verify-proof.ts";
import { KEY_TYPES, parseVkey } from "./vkey.ts";

/** The first line. No origin of a log holds a space, so a certificate is no checkpoint of any log, whatever key signs it. */
export const CERTIFICATE_HEADER = "sluice erasure certificate v1";

/** Times are RFC 3339, UTC. */
export interface Certificate {
  readonly v: 1;
  readonly id: string;
  readonly origin: string;
  readonly request: { readonly reference: string; readonly basis: string; readonly received: string };
  /** Ids of the keys that were destroyed; how many exchanges they were needed to read. */
  readonly scope: { readonly ids: readonly string[]; readonly records: number };
  readonly recorded: string;
  readonly destroyed: string;
  /** Each says when it had cleared its memory, or the moment by which it had to. */
  readonly gateways: readonly {
    readonly gateway: string;
    readonly cleared?: string;
    readonly clearedBy?: string;
  }[];
  /** `residual`: it did not answer; what it held may be there still. `expires`: a copy that nobody is asked to delete from. */
  readonly sinks: readonly {
    readonly sink: string;
    readonly kind: string;
    readonly state: "acknowledged" | "residual" | "expires";
    readonly at: string;
    readonly removed?: number;
    readonly reason?: string;
  }[];
  readonly datasets: readonly { readonly name: string; readonly tainted: string }[];
  /** From then on no older copy of the keys can be opened. Absent: not known when it was issued. */
  readonly backupsDeadBy?: string;
  /** Issued again from the log, after an older database had been put back. */
  readonly restored?: true;
  readonly issued: string;
  /** The log's entry about it, word for word. */
  readonly entry: { readonly index: number; readonly text: string; readonly proof: string };
}

export interface CertificateReport {
  readonly ok: boolean;
  /** Absent when it could not be read. */
  readonly certificate?: Certificate;
  readonly signatures: readonly KeyVerdict[];
  readonly problems: readonly Problem[];
}

/** Throws note_malformed or certificate_malformed. Judges no signature. */
export function parseCertificate(input: Uint8Array | string): { note: Note; certificate: Certificate } {
  const note = parseNote(input);
  const lines = note.text.split("\n");
  if (lines.length !== 3 || lines[0] !== CERTIFICATE_HEADER) {
    throw malformed(`a certificate is the line "${CERTIFICATE_HEADER}" and one of JSON`);
  }
  const text = lines[1] ?? "";
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed("the second line of a certificate is JSON");
  }
  if (!isCertificate(value)) throw malformed("the certificate lacks what every certificate says");
  if (canonicalJson(value) !== text) throw malformed("the certificate is not in canonical JSON");
  return { note, certificate: value };
}

/** Rejects only for unusable `vkeys` (VerifierError). */
export async function verifyCertificate(input: Uint8Array | string, trust: Trust): Promise<CertificateReport> {
  const read = tryParse(input);
  if ("code" in read) return { ok: false, signatures: [], problems: [read] };
  const { note, certificate } = read;
  const problems: Problem[] = [];
  const report = (code: ProblemCode, message: string): void => {
    problems.push({ code, path: "certificate", message });
  };

  // Certificates bear the Ed25519 signature alone: the other types sign nothing but checkpoints.
  const keys = trust.vkeys.map(parseVkey).filter(({ type }) => type === KEY_TYPES.ed25519.type);
  const { keys: signatures } = await verifyNote(note, keys);
  const verified = signatures.filter(({ status }) => status === "verified");
  for (const { status, name, keyId } of signatures)
    if (status === "failed") report("signature_failed", `the signature by ${name}+${keyId} does not verify`);
  if (verified.length === 0) report("signature_unverified", "no signature by a pinned key was verified");
  const isExpected =
    trust.origin === undefined
      ? verified.some(({ name }) => name === certificate.origin)
      : certificate.origin === trust.origin;
  if (verified.length > 0 && !isExpected) report("origin_mismatch", "the certificate is of another log than expected");

  const { entry } = certificate;
  const proof = await verifyProof(entry.proof, encodeUtf8(entry.text), {
    ...trust,
    ...(trust.origin === undefined ? { origin: certificate.origin } : {}),
  });
  problems.push(...proof.problems);
  if (proof.index !== undefined && proof.index !== entry.index)
    report("certificate_mismatch", "the proof is of another entry of the log");
  for (const mismatch of mismatches(certificate)) report("certificate_mismatch", mismatch);
  return { ok: problems.length === 0, certificate, signatures, problems };
}

/** What the log's entry says otherwise than the certificate. */
function mismatches({ entry, id, scope, request, recorded }: Certificate): string[] {
  const leaf = tryLeaf(entry.text);
  if (leaf === undefined || leaf["type"] !== "event" || leaf["name"] !== "subject.erased")
    return ["the entry is not about an erasure"];
  const facts = leaf["facts"];
  if (typeof facts !== "object" || facts === null) return ["the entry says nothing of what was erased"];
  const said = facts as Record<string, unknown>;
  return [
    ...(leaf["target"] === id ? [] : ["the entry is about another erasure"]),
    ...(canonicalJson(said["ids"] ?? null) === canonicalJson(scope.ids) ? [] : ["the entry names other keys"]),
    ...(said["reference"] === request.reference && said["basis"] === request.basis
      ? []
      : ["the entry names another request"]),
    ...(leaf["time"] === recorded ? [] : ["the entry is of another time"]),
  ];
}

function tryLeaf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return parseLeaf(encodeUtf8(text));
  } catch (error) {
    if (error instanceof VerifierError) return undefined;
    throw error;
  }
}

function tryParse(input: Uint8Array | string): { note: Note; certificate: Certificate } | Problem {
  try {
    return parseCertificate(input);
  } catch (error) {
    if (!(error instanceof VerifierError)) throw error;
    return { code: "certificate_malformed", path: "certificate", message: error.message };
  }
}

/** Members that this file reads, and those that every reader needs; more may stand there. */
function isCertificate(value: unknown): value is Certificate {
  if (!isObject(value)) return false;
  const { v, id, origin, request, scope, recorded, destroyed, issued, gateways, sinks, datasets, entry } = value;
  return (
    v === 1 &&
    [id, origin, recorded, destroyed, issued].every(isText) &&
    isObject(request) &&
    [request["reference"], request["basis"], request["received"]].every(isText) &&
    isObject(scope) &&
    isList(scope["ids"], isText) &&
    isCount(scope["records"]) &&
    isList(gateways, (each) => isObject(each) && isText(each["gateway"])) &&
    isList(sinks, (each) => isObject(each) && [each["sink"], each["kind"], each["state"], each["at"]].every(isText)) &&
    isList(datasets, (each) => isObject(each) && [each["name"], each["tainted"]].every(isText)) &&
    isObject(entry) &&
    isCount(entry["index"]) &&
    isText(entry["text"]) &&
    isText(entry["proof"])
  );
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isList = (value: unknown, of: (each: unknown) => boolean): boolean =>
  Array.isArray(value) && (value as unknown[]).every(of);

function malformed(message: string): VerifierError {
  return new VerifierError("certificate_malformed", message);
}
