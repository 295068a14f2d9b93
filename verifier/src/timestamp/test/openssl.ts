/**
 * The other opinion: the same stamps judged by `openssl ts -verify`. Local authorities are made with openssl itself (a root, an
 * intermediate, a signer by RSA and one by EC; `openssl ts -reply` with the configuration below), and one that makes what
 * openssl would not. Mutations come from a seed, so that a disagreement can be found again.
 */

import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VerifierError } from "../../errors.ts";
import type { VerifierErrorCode } from "../../errors.ts";
import { parseCertificates } from "../certificate.ts";
import type { Certificate } from "../certificate.ts";
import { TAG, explicitTag } from "../der.ts";
import { writeDer, writeInteger, writeOid, writeSequence } from "../der-writer.ts";
import { formatTimestampRequest } from "../request.ts";
import { readResponse } from "../response.ts";
import { verifyTimestamp } from "../verify.ts";
import { OID, attribute, digest, extension, issue, name, named, namedBySha1, pem, stamp } from "./authority.ts";
import type { CertificateOptions, StampOptions } from "./authority.ts";

/** What openssl accepts and we refuse: the rule, and the message by which it is known. docs/timestamps.md explains each. */
export const STRICTER: readonly {
  readonly rule: string;
  readonly code: VerifierErrorCode;
  readonly message?: RegExp;
}[] = [
  { rule: "DER and nothing of BER, nothing after the end, no value out of its range", code: "der_malformed" },
  { rule: "nothing critical that is not understood", code: "timestamp_malformed", message: /has a critical extension/ },
  {
    rule: "the versions and counts of the standard",
    code: "timestamp_malformed",
    message: /version 3|issuer and serial|the digest is not/,
  },
  {
    rule: "the signer's certificate in the token, once",
    code: "timestamp_signer_invalid",
    message: /not in the token/,
  },
  { rule: "granted, not grantedWithMods", code: "timestamp_modified" },
  { rule: "one purpose, known or not", code: "timestamp_signer_invalid", message: /not for time-stamping alone/ },
  { rule: "the content type is signed", code: "timestamp_attributes_invalid", message: /another type of content/ },
  { rule: "each signed attribute once", code: "timestamp_attributes_invalid", message: /an attribute twice/ },
  {
    rule: "a certificate named by SHA-256 or better",
    code: "timestamp_attributes_invalid",
    message: /by SHA-256 or better/,
  },
  {
    rule: "authorities that may issue for time-stamping, and nothing unknown that is critical",
    code: "timestamp_chain_invalid",
    message: /for other purposes|may not sign|not evaluated here/,
  },
  { rule: "no time that is yet to come", code: "timestamp_in_future" },
  { rule: "certificates valid at the time of the stamp, not of the check", code: "timestamp_chain_expired" },
  { rule: "names the same byte for byte", code: "timestamp_signer_invalid", message: /names another authority/ },
  { rule: "names the same byte for byte", code: "timestamp_chain_untrusted", message: /no pinned root issued/ },
  { rule: "SHA-2, RSA from 2,048 bits, the curves of the table", code: "timestamp_algorithm_unsupported" },
];

interface Asked {
  readonly query: string;
  readonly imprint: Uint8Array;
  readonly nonce: Uint8Array;
}

export interface Case {
  readonly label: string;
  readonly response: Uint8Array;
  /** File and certificates of the roots; whether the request asks for a policy; seconds since 1970 of the check. */
  readonly roots: "real" | "made";
  readonly time: number;
}

export interface Tally {
  readonly cases: number;
  readonly accepted: number;
  /** Refused by both. */
  readonly refused: number;
  /** Refused by us alone: rule → how often. */
  readonly stricter: ReadonlyMap<string, number>;
  /** What must not be: each a sentence. */
  readonly wrong: readonly string[];
}

/** mulberry32: enough to choose bits with, and the same everywhere. */
export function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

export const hasOpenssl = (): boolean => spawnSync("openssl", ["version"]).status === 0;

/** What a certificate may have beside what it must. */
const OPTIONAL = [
  extension("2.5.29.17", writeSequence(writeDer(0x82, Buffer.from("tsa.example"))), false),
  extension("2.5.29.32", writeSequence(writeSequence(writeOid("1.2.3"))), false),
];
const DAY_MS = 86_400_000;
const NONCE = Uint8Array.of(0x5a, 2, 3, 4, 5, 6, 7, 8, 9);

/** A folder with authorities, a request, and stamps; `close` removes it. */
export class Opinion {
  readonly #dir = mkdtempSync(join(tmpdir(), "sluice-openssl-"));
  readonly #asked: Asked;
  /** Whole seconds, as tokens state them. */
  readonly now = Math.floor(Date.now() / 1000) * 1000;
  readonly #root = issue(this.now, { subject: "Root", ca: true });
  readonly #between = issue(this.now, { subject: "Between", by: this.#root, ca: true, pathLength: 0 });
  readonly #signer = issue(this.now, { subject: "Stamps", by: this.#between });
  #real: readonly { readonly kind: string; readonly response: Uint8Array; readonly time: number }[] = [];

  constructor() {
    const imprint = createHash("sha256").update("log.example/evidence\n7\nAAAA\n").digest();
    this.#asked = { query: this.#path("query"), imprint, nonce: NONCE };
    const request = { imprint: { algorithm: "SHA-256", hash: imprint }, nonce: NONCE, policy: OID.policy } as const;
    writeFileSync(this.#asked.query, formatTimestampRequest(request));
    writeFileSync(this.#path("made.pem"), pem(this.#root.certificate));
  }

  close(): void {
    rmSync(this.#dir, { recursive: true, force: true });
  }

  /** Stamps that `openssl ts -reply` made for the request, by an RSA and an EC signer. */
  real(): readonly { readonly kind: string; readonly response: Uint8Array; readonly time: number }[] {
    if (this.#real.length > 0) return this.#real;
    const run = (...args: readonly string[]): void => {
      execFileSync("openssl", args, { cwd: this.#dir, stdio: "pipe" });
    };
    writeFileSync(this.#path("conf"), CONFIGURATION);
    writeFileSync(this.#path("serial"), "01\n");
    const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
    run(
      "req",
      "-x509",
      ...ec,
      "-nodes",
      "-config",
      "conf",
      "-extensions",
      "root",
      "-subj",
      "/CN=Real Root",
      "-keyout",
      "root.key",
      "-out",
      "real.pem",
      "-days",
      "30",
    );
    this.#issueReal(run, "between", "Real Between", ec, "real.pem", "root.key", "between");
    for (const [kind, newKey] of [
      ["rsa", ["-newkey", "rsa:2048"]],
      ["ec", ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"]],
    ] as const) {
      this.#issueReal(run, kind, `Real ${kind}`, newKey, "between.pem", "between.key", "stamps");
      run(
        "ts",
        "-reply",
        "-config",
        "conf",
        "-queryfile",
        "query",
        "-signer",
        `${kind}.pem`,
        "-inkey",
        `${kind}.key`,
        "-chain",
        "between.pem",
        "-out",
        `${kind}.tsr`,
      );
    }
    // openssl stamps by its own clock, so the check is made a moment later.
    const time = Date.now() + 1_000;
    this.#real = ["rsa", "ec"].map((kind) => ({ kind, response: readFileSync(this.#path(`${kind}.tsr`)), time }));
    return this.#real;
  }

  #issueReal(
    run: (...args: readonly string[]) => void,
    file: string,
    subject: string,
    newKey: readonly string[],
    issuer: string,
    issuerKey: string,
    extensions: string,
  ): void {
    run(
      "req",
      "-new",
      ...newKey,
      "-nodes",
      "-config",
      "conf",
      "-subj",
      `/CN=${subject}`,
      "-keyout",
      `${file}.key`,
      "-out",
      `${file}.csr`,
    );
    run(
      "x509",
      "-req",
      "-in",
      `${file}.csr`,
      "-CA",
      issuer,
      "-CAkey",
      issuerKey,
      "-CAcreateserial",
      "-days",
      "20",
      "-extfile",
      "conf",
      "-extensions",
      extensions,
      "-out",
      `${file}.pem`,
    );
  }

  /** One case of each kind of wrong stamp, and a few right ones. */
  structural(): Case[] {
    const right: StampOptions = {
      signer: this.#signer,
      certificates: [this.#signer.certificate, this.#between.certificate],
      imprint: this.#asked.imprint,
      nonce: NONCE,
      time: this.now,
    };
    const by = (certificate: Partial<CertificateOptions>, options: Partial<StampOptions> = {}): Uint8Array => {
      const other = issue(this.now, { subject: "Other", by: this.#root, ...certificate });
      return stamp({ ...right, signer: other, certificates: [other.certificate], ...options });
    };
    const through = (middle: Partial<CertificateOptions>): Uint8Array => {
      const authority = issue(this.now, { subject: "Middle", by: this.#root, ca: true, ...middle });
      const low = issue(this.now, { subject: "Low", by: authority });
      return stamp({ ...right, signer: low, certificates: [low.certificate, authority.certificate] });
    };
    const own = writeDer(explicitTag(4), this.#signer.subject);
    const stranger = issue(this.now, { subject: "Stranger", by: this.#root });
    const [signer, between] = [this.#signer.certificate, this.#between.certificate];
    const naming = (...certificates: readonly Uint8Array[]): NonNullable<StampOptions["attributes"]> => {
      return (a) => [a.contentType, a.messageDigest, attribute(OID.signingCertificateV2, named(...certificates))];
    };
    const { nonce: _, ...withoutNonce } = right;
    const responses: Record<string, Uint8Array> = {
      right: stamp(right),
      "right, with everything optional": stamp({
        ...right,
        authority: own,
        fraction: ".5",
        accuracy: writeSequence(writeInteger(1)),
      }),
      "right, by RSA": by({ kind: "rsa" }),
      "right, by P-521 with SHA-512": by({ kind: "P-521" }, { hash: "sha512" }),
      "right, naming its whole chain": stamp({ ...right, attributes: naming(signer, between, this.#root.certificate) }),
      "right, a signed time beside": stamp({
        ...right,
        attributes: (a) => [a.contentType, a.messageDigest, a.signingCertificate, a.time],
      }),
      "granted with modifications": stamp({ ...right, status: 1 }),
      "status of a refusal with a token": stamp({ ...right, status: 2 }),
      refused: writeSequence(writeSequence(writeInteger(2))),
      "wrong purpose": by({ purposes: [OID.serverAuth] }),
      "one purpose more": by({ purposes: [OID.timeStamping, OID.serverAuth] }),
      "one unknown purpose more": by({ purposes: [OID.timeStamping, "1.2.3.4"] }),
      "purpose not critical": by({ purposesCritical: false }),
      "no purpose": by({ ca: true, usage: 0x80 }),
      "key for enciphering too": by({ usage: 0xa0 }),
      "key for certificates": by({ usage: 0x04 }),
      "no key usage": by({ usage: 0 }),
      "wrong nonce": stamp({ ...right, nonce: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) }),
      "no nonce": stamp(withoutNonce),
      "wrong imprint": stamp({ ...right, imprint: digest("sha256", NONCE) }),
      "short imprint": stamp({ ...right, imprint: this.#asked.imprint.subarray(0, 20) }),
      "wrong policy": stamp({ ...right, policy: "1.2.3.4.2" }),
      "wrong version": stamp({ ...right, version: 2 }),
      "wrong content type": stamp({ ...right, contentType: OID.data }),
      "wrong authority": stamp({ ...right, authority: writeDer(explicitTag(4), name("Somebody")) }),
      "authority by an address": stamp({ ...right, authority: writeDer(0x86, Buffer.from("https://tsa.example")) }),
      "critical extension": stamp({ ...right, infoExtensions: [extension("1.2.3", NONCE, true)] }),
      "expired signer": by({ notAfter: this.now - 1_000 }),
      "signer not yet valid": by({ notBefore: this.now + 2_000 }),
      "expired intermediate": through({ notAfter: this.now - 1_000 }),
      "untrusted chain": by({ by: issue(this.now, { subject: "Root", ca: true }) }),
      "another key of the root's name": by({
        by: issue(this.now, { subject: "Root", ca: true, notAfter: this.now + DAY_MS }),
      }),
      "intermediate left out": stamp({ ...right, certificates: [signer] }),
      "signer left out": stamp({ ...right, certificates: [between] }),
      "two signers": stamp({
        ...right,
        signers: [this.#signer, stranger],
        certificates: [signer, between, stranger.certificate],
      }),
      "no signer": stamp({ ...right, signers: [] }),
      "no attributes": stamp({ ...right, noAttributes: true }),
      "no content type": stamp({ ...right, attributes: (a) => [a.messageDigest, a.signingCertificate] }),
      "no message digest": stamp({ ...right, attributes: (a) => [a.contentType, a.signingCertificate] }),
      "no signing certificate": stamp({ ...right, attributes: (a) => [a.contentType, a.messageDigest] }),
      "content type twice": stamp({
        ...right,
        attributes: (a) => [a.contentType, a.contentType, a.messageDigest, a.signingCertificate],
      }),
      "signing certificate twice": stamp({
        ...right,
        attributes: (a) => [a.contentType, a.messageDigest, a.signingCertificate, a.signingCertificate],
      }),
      "wrong message digest": stamp({
        ...right,
        attributes: (a) => [
          a.contentType,
          attribute(OID.messageDigest, writeDer(TAG.octetString, digest("sha256", NONCE))),
          a.signingCertificate,
        ],
      }),
      "attributes reordered and signed so": stamp({
        ...right,
        unordered: true,
        attributes: (a) => [a.signingCertificate, a.messageDigest, a.contentType],
      }),
      "another certificate named": stamp({ ...right, named: between }),
      "a stranger named beside": stamp({ ...right, attributes: naming(signer, stranger.certificate) }),
      "named in another order": stamp({ ...right, attributes: naming(between, signer) }),
      "none named": stamp({ ...right, attributes: naming() }),
      "named by SHA-1": stamp({
        ...right,
        attributes: (a) => [a.contentType, a.messageDigest, attribute(OID.signingCertificate, namedBySha1(signer))],
      }),
      "named right by SHA-256 and wrong by SHA-1": stamp({
        ...right,
        attributes: (a) => [
          a.contentType,
          a.messageDigest,
          a.signingCertificate,
          attribute(OID.signingCertificate, namedBySha1(between)),
        ],
      }),
      "digest by another name": stamp({ ...right, digestName: "sha512" }),
      "through no authority": through({ ca: false, usage: 0x04 }),
      "through one that may not sign": through({ usage: 0x02 }),
      "through one for servers": through({ purposes: [OID.serverAuth] }),
      "through one with name constraints": through({
        extensions: [
          extension(
            "2.5.29.30",
            writeSequence(writeDer(explicitTag(1), writeSequence(writeDer(explicitTag(4), name("Low"))))),
            false,
          ),
        ],
      }),
      "through a path too long": ((): Uint8Array => {
        const lower = issue(this.now, { subject: "Lower", by: this.#between, ca: true });
        const low = issue(this.now, { subject: "Low", by: lower });
        return stamp({ ...right, signer: low, certificates: [low.certificate, lower.certificate, between] });
      })(),
      "unknown critical extension": by({ extensions: [extension("1.2.3", writeOid("1.2.3"), true)] }),
      "by the root itself": by({ by: this.#root, keyOf: this.#root, subject: "Root" }),
      "by a self-made certificate": by({ by: undefined } as never),
    };
    return Object.entries(responses).map(([label, response]) => ({ label, response, roots: "made", time: this.now }));
  }

  /** `count` stamps that openssl or our own authority made, each changed by a step or three. */
  mutated(count: number, seed: number): Case[] {
    const random = seeded(seed);
    const sources: Case[] = [
      ...this.real().map(({ kind, response, time }): Case => ({ label: kind, response, roots: "real", time })),
      ...this.structural().filter(({ label }) => label.startsWith("right")),
    ];
    return Array.from({ length: count }, (_, at) => {
      if (random(2) === 0) return this.#resigned(`${at} of seed ${seed}`, random);
      const source = sources[random(sources.length)]!;
      let response = source.response;
      const steps: string[] = [];
      for (let step = random(3) === 0 ? 2 : 1; step > 0; step--) {
        const [label, mutate] = MUTATIONS[random(MUTATIONS.length)]!;
        steps.push(label);
        response = mutate(response, random);
      }
      return { ...source, label: `${at} of seed ${seed}: ${source.label}, ${steps.join(", ")}`, response };
    });
  }

  /** A change that the signature over it does not betray: within what is stamped, the signed attributes or the signer's certificate. */
  #resigned(label: string, random: (below: number) => number): Case {
    const [what, mutate] = MUTATIONS[random(MUTATIONS.length)]!;
    const change = (bytes: Uint8Array): Uint8Array => mutate(bytes, random);
    const place = ["TSTInfo", "attributes", "certificate", "intermediate"][random(4)]!;
    const of = (wanted: string): { change?: typeof change } => (place === wanted ? { change } : {});
    const between = issue(this.now, {
      subject: "Between",
      by: this.#root,
      ca: true,
      keyOf: this.#between,
      ...of("intermediate"),
    });
    const signer = issue(this.now, {
      subject: "Stamps",
      by: between,
      keyOf: this.#signer,
      extensions: OPTIONAL,
      ...of("certificate"),
    });
    const response = stamp({
      signer,
      certificates: [signer.certificate, between.certificate],
      imprint: this.#asked.imprint,
      nonce: NONCE,
      time: this.now,
      authority: writeDer(explicitTag(4), signer.subject),
      fraction: ".5",
      accuracy: writeSequence(writeInteger(1)),
      ...of("TSTInfo"),
      ...(place === "attributes"
        ? {
            unordered: random(2) === 0,
            attributes: (a): readonly Uint8Array[] =>
              partsOf(change(Buffer.concat([a.contentType, a.messageDigest, a.signingCertificate]))) ?? [a.contentType],
          }
        : {}),
    });
    return { label: `${label}: signed with ${what} in ${place}`, response, roots: "made", time: this.now };
  }

  /** What `openssl cms` says of the signature of an RSA-PSS stamp, which `openssl ts` does not read; and once a bit of it is changed. */
  byCms(): { readonly right: boolean; readonly changed: boolean; readonly ours: Case } {
    const signer = issue(this.now, { subject: "Other", by: this.#root, kind: "pss" });
    const { imprint } = this.#asked;
    const response = stamp({ signer, imprint, nonce: NONCE, time: this.now });
    const token = Buffer.from(readResponse(response).token?.bytes ?? []);
    const verify = (bytes: Uint8Array): boolean => {
      writeFileSync(this.#path("token"), bytes);
      const trust = ["-CAfile", "made.pem", "-purpose", "timestampsign"];
      const args = ["cms", "-verify", "-inform", "DER", "-in", "token", ...trust, "-binary"];
      return spawnSync("openssl", args, { cwd: this.#dir, stdio: "ignore" }).status === 0;
    };
    const right = verify(token);
    token[token.length - 1]! ^= 1;
    return { right, changed: verify(token), ours: { label: "pss", response, roots: "made", time: this.now } };
  }

  /** What we say of a stamp: undefined when it is accepted. */
  ours(each: Case): Promise<VerifierError | undefined> {
    return this.#judge(each, this.#roots(each.roots));
  }

  /** Both opinions of every case. */
  async compare(cases: readonly Case[]): Promise<Tally> {
    const theirs = this.#askOpenssl(cases);
    const roots = { real: this.#roots("real"), made: this.#roots("made") };
    const stricter = new Map<string, number>();
    const wrong: string[] = [];
    let accepted = 0;
    let refused = 0;
    for (const [at, each] of cases.entries()) {
      const refusal = await this.#judge(each, roots[each.roots]);
      const isAccepted = theirs[at] === true;
      if (refusal === undefined && isAccepted) accepted += 1;
      else if (refusal !== undefined && !isAccepted) refused += 1;
      else if (refusal === undefined) wrong.push(`${each.label}: openssl refuses what we accept`);
      else {
        const rule = ruleOf(refusal);
        if (rule === undefined)
          wrong.push(`${each.label}: we refuse by no rule of the list: ${refusal.code} ${refusal.message}`);
        else stricter.set(rule, (stricter.get(rule) ?? 0) + 1);
      }
    }
    return { cases: cases.length, accepted, refused, stricter, wrong };
  }

  #roots(name_: "real" | "made"): Certificate[] {
    if (name_ === "real") this.real();
    return parseCertificates(readFileSync(this.#path(`${name_}.pem`), "utf8"));
  }

  async #judge({ response, time }: Case, roots: readonly Certificate[]): Promise<VerifierError | undefined> {
    const { imprint, nonce } = this.#asked;
    try {
      await verifyTimestamp(response, {
        imprint: { algorithm: "SHA-256", hash: imprint },
        nonce,
        policies: [OID.policy],
        roots,
        now: time,
      });
      return undefined;
    } catch (error) {
      // Anything else is a bug of ours, and ends the comparison.
      if (error instanceof VerifierError) return error;
      throw error;
    }
  }

  /** One shell for all of them: a process for each is what takes the time. */
  #askOpenssl(cases: readonly Case[]): boolean[] {
    const folder = this.#path("cases");
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    for (const [at, { response }] of cases.entries()) writeFileSync(join(folder, String(at)), response);
    const list = cases.map(({ roots, time }, at) => `${at} ${roots}.pem ${Math.floor(time / 1000)}`).join("\n");
    const script = `while read -r at roots time; do
  openssl ts -verify -queryfile query -in "cases/$at" -CAfile "$roots" -attime "$time" >/dev/null 2>&1 && echo "$at yes" || echo "$at no"
done`;
    const input = `${list}\n`;
    const output = execFileSync("sh", ["-c", script], { cwd: this.#dir, input, encoding: "utf8", stdio: "pipe" });
    const answers = output.trim().split("\n");
    if (answers.length !== cases.length) throw new Error("openssl did not answer for every case");
    return answers.map((answer) => answer.endsWith("yes"));
  }

  #path(file: string): string {
    return join(this.#dir, file);
  }
}

function ruleOf(refusal: VerifierError): string | undefined {
  return STRICTER.find(({ code, message = /^/ }) => code === refusal.code && message.test(refusal.message))?.rule;
}

type Mutation = (bytes: Uint8Array, random: (below: number) => number) => Uint8Array;

const splice = (bytes: Uint8Array, at: number, remove: number, insert: Uint8Array): Uint8Array =>
  Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);

const MUTATIONS: readonly (readonly [string, Mutation])[] = [
  [
    "a bit flipped",
    (bytes, random) => {
      const changed = Uint8Array.from(bytes);
      const at = random(bytes.length);
      changed[at]! ^= 1 << random(8);
      return changed;
    },
  ],
  ["a byte removed", (bytes, random) => splice(bytes, random(bytes.length), 1, new Uint8Array(0))],
  ["a byte put in", (bytes, random) => splice(bytes, random(bytes.length), 0, Uint8Array.of(random(256)))],
  ["cut off", (bytes, random) => bytes.subarray(0, random(bytes.length))],
  ["bytes at the end", (bytes, random) => splice(bytes, bytes.length, 0, new Uint8Array(1 + random(4)))],
  ["a length in a longer form", (bytes, random) => inTree(bytes, random, (element) => [longer(element)])],
  ["an element removed", (bytes, random) => inTree(bytes, random, () => [])],
  ["an element twice", (bytes, random) => inTree(bytes, random, (element) => [element, element])],
  ["an element emptied", (bytes, random) => inTree(bytes, random, (element) => [writeDer(element[0]!)])],
  [
    "an element of another type",
    (bytes, random) =>
      inTree(bytes, random, (element) => {
        const changed = Uint8Array.from(element);
        changed[0] = [TAG.integer, TAG.octetString, TAG.sequence, TAG.set, TAG.null, TAG.utf8String][random(6)]!;
        return [changed];
      }),
  ],
  ["two elements swapped", (bytes, random) => inTree(bytes, random, undefined)],
];

/** The same element with its length in one byte more than it needs. */
function longer(element: Uint8Array): Uint8Array {
  const first = element[1]!;
  const count = first < 0x80 ? 0 : first & 0x7f;
  const length = count === 0 ? Uint8Array.of(first) : element.subarray(2, 2 + count);
  return Buffer.concat([
    Uint8Array.of(element[0]!, 0x80 | (length.length + 1), 0),
    length,
    element.subarray(2 + count),
  ]);
}

/**
 * Changes one element somewhere in the tree and writes the lengths around it anew. With no function: swaps the parts of some
 * structure. Whoever cannot be taken apart is left as it is.
 */
function inTree(
  bytes: Uint8Array,
  random: (below: number) => number,
  change: ((element: Uint8Array) => Uint8Array[]) | undefined,
): Uint8Array {
  const parts = partsOf(bytes);
  if (parts === undefined) return bytes;
  const descend = (content: readonly Uint8Array[], depth: number): Uint8Array[] => {
    if (content.length === 0) return [];
    const at = random(content.length);
    const element = content[at]!;
    const inside = partsOf(element.subarray(headOf(element)));
    const isDeep = (element[0]! & 0x20) !== 0 && inside !== undefined && inside.length > 0 && depth < 12;
    if (isDeep && random(6) !== 0) {
      return content.with(at, writeDer(element[0]!, ...descend(inside, depth + 1)));
    }
    if (change === undefined) {
      const other = random(content.length);
      return content.with(at, content[other]!).with(other, element);
    }
    return content.toSpliced(at, 1, ...change(element));
  };
  return Buffer.concat(descend(parts, 0));
}

const headOf = (element: Uint8Array): number => (element[1]! < 0x80 ? 2 : 2 + (element[1]! & 0x7f));

function partsOf(content: Uint8Array): Uint8Array[] | undefined {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < content.length; ) {
    if (at + 2 > content.length) return undefined;
    const head = headOf(content.subarray(at));
    const first = content[at + 1]!;
    let length = first;
    if (first >= 0x80) length = content.subarray(at + 2, at + head).reduce((value, byte) => value * 256 + byte, 0);
    if (at + head + length > content.length) return undefined;
    parts.push(content.subarray(at, at + head + length));
    at += head + length;
  }
  return parts;
}

const CONFIGURATION = `[tsa]
default_tsa = here
[here]
serial = serial
default_policy = ${OID.policy}
digests = sha256, sha512
signer_digest = sha256
ess_cert_id_alg = sha256
accuracy = secs:1
tsa_name = yes
[req]
distinguished_name = nobody
[nobody]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[between]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid, issuer:always
[stamps]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
`;
