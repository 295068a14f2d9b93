import { describe, expect, test } from "vitest";
import { VerifierError } from "../errors.ts";
import { parseCertificates } from "./certificate.ts";
import { TAG, explicitTag, implicitTag } from "./der.ts";
import { writeDer, writeInteger, writeOid, writeSequence } from "./der-writer.ts";
import {
  OID,
  attribute,
  digest,
  extension,
  issue,
  name,
  named,
  namedBySha1,
  octets,
  pem,
  stamp,
} from "./test/authority.ts";
import type { CertificateOptions, KeyKind, StampOptions } from "./test/authority.ts";
import { verifyTimestamp } from "./verify.ts";
import type { TimestampOptions } from "./verify.ts";

const NOW = Date.parse("2026-11-21T09:00:00Z");
const IMPRINT = digest("sha256", Buffer.from("log.example/evidence\n7\nAAAA\n"));
const NONCE = Uint8Array.of(0, 0, 9, 8, 7, 6, 5, 4, 3, 2);
const DAY_MS = 86_400_000;

const root = issue(NOW, { subject: "Root", ca: true });
const between = issue(NOW, { subject: "Between", by: root, ca: true, pathLength: 0 });
const signer = issue(NOW, { subject: "Stamps of tests", by: between });
const CHAIN = [signer.certificate, between.certificate];
const ROOTS = parseCertificates(pem(root.certificate));

const right: StampOptions = { signer, certificates: CHAIN, imprint: IMPRINT, nonce: NONCE, time: NOW };
const asked: TimestampOptions = {
  imprint: { algorithm: "SHA-256", hash: IMPRINT },
  nonce: NONCE,
  policies: [OID.policy],
  roots: ROOTS,
  now: NOW,
};

/** "ok", or the code of the error. */
async function outcome(response: Uint8Array, options: Partial<TimestampOptions> = {}): Promise<string> {
  try {
    await verifyTimestamp(response, { ...asked, ...options });
    return "ok";
  } catch (error) {
    if (error instanceof VerifierError) return error.code;
    throw error;
  }
}

/** A stamp by a signer of this kind, directly under the root. */
function by(certificate: Partial<CertificateOptions>, options: Partial<StampOptions> = {}): Uint8Array {
  const other = issue(NOW, { subject: "Other", by: root, ...certificate });
  return stamp({ ...right, signer: other, certificates: [other.certificate], ...options });
}

test("a stamp by a chain to a pinned root says when, by whom and until when it holds", async () => {
  const accuracy = writeSequence(writeInteger(1), writeDer(implicitTag(0), Uint8Array.of(1, 0xf4)));
  const authority = writeDer(explicitTag(4), signer.subject);
  const response = stamp({ ...right, accuracy, authority, fraction: ".25" });
  const { serial, ...stated } = await verifyTimestamp(response, asked);
  expect(serial).toMatch(/^01[0-9a-f]{14}$/);
  expect(stated).toEqual({
    time: NOW + 250,
    accuracyMs: 1500,
    policy: OID.policy,
    authority: "CN=Stamps of tests",
    algorithm: "ECDSA P-256 with SHA-256",
    validUntil: NOW + 365 * DAY_MS,
  });
});

test.each<[KeyKind, "sha256" | "sha384" | "sha512", string]>([
  ["rsa", "sha256", "RSA with SHA-256"],
  ["rsa", "sha512", "RSA with SHA-512"],
  ["pss", "sha256", "RSA-PSS with SHA-256"],
  ["P-256", "sha256", "ECDSA P-256 with SHA-256"],
  ["P-384", "sha384", "ECDSA P-384 with SHA-384"],
  ["P-521", "sha512", "ECDSA P-521 with SHA-512"],
  ["ed25519", "sha512", "Ed25519"],
])("a signature by %s with %s verifies, and one changed bit of it does not", async (kind, hash, algorithm) => {
  const response = by({ kind }, { hash });
  expect((await verifyTimestamp(response, asked)).algorithm).toBe(algorithm);
  const changed = response.slice();
  changed[changed.length - 1]! ^= 1;
  expect(await outcome(changed)).toBe("timestamp_signature_failed");
});

test("certificates may be signed by any of the algorithms", async () => {
  for (const kind of ["rsa", "pss", "P-384", "ed25519"] as const) {
    const top = issue(NOW, { subject: "Top", kind, hash: "sha512", ca: true });
    const low = issue(NOW, { subject: "Low", by: top, hash: "sha512" });
    const response = stamp({ ...right, signer: low, certificates: [low.certificate] });
    expect(await outcome(response, { roots: parseCertificates(pem(top.certificate)) })).toBe("ok");
  }
});

describe("a stamp is refused", () => {
  test.each<[string, string, () => Uint8Array]>([
    [
      "that is of another hash",
      "timestamp_imprint_mismatch",
      () => stamp({ ...right, imprint: digest("sha256", NONCE) }),
    ],
    ["that bears another nonce", "timestamp_nonce_mismatch", () => stamp({ ...right, nonce: IMPRINT })],
    [
      "that bears no nonce",
      "timestamp_nonce_mismatch",
      () => stamp({ signer, certificates: CHAIN, imprint: IMPRINT, time: NOW }),
    ],
    ["under another policy", "timestamp_policy_refused", () => stamp({ ...right, policy: "1.2.3.4.2" })],
    ["of a time to come", "timestamp_in_future", () => stamp({ ...right, time: NOW + 61_000 })],
    ["that was granted with modifications", "timestamp_modified", () => stamp({ ...right, status: 1 })],
    ["of another version", "timestamp_malformed", () => stamp({ ...right, version: 2 })],
    ["whose content is something else", "timestamp_malformed", () => stamp({ ...right, contentType: OID.data })],
    ["with two signers", "timestamp_malformed", () => stamp({ ...right, signers: [signer, between] })],
    [
      "with a critical extension",
      "timestamp_malformed",
      () => stamp({ ...right, infoExtensions: [extension("1.2.3", NONCE, true)] }),
    ],
    [
      "without its certificate",
      "timestamp_signer_invalid",
      () => stamp({ ...right, certificates: [between.certificate] }),
    ],
    [
      "that names another authority",
      "timestamp_signer_invalid",
      () => stamp({ ...right, authority: writeDer(explicitTag(4), name("Somebody")) }),
    ],
    ["by a web server's certificate", "timestamp_signer_invalid", () => by({ purposes: [OID.serverAuth] })],
    [
      "by a certificate for one purpose more",
      "timestamp_signer_invalid",
      () => by({ purposes: [OID.timeStamping, OID.serverAuth] }),
    ],
    [
      "by a certificate for one unknown purpose more",
      "timestamp_signer_invalid",
      () => by({ purposes: [OID.timeStamping, "1.2.3.4"] }),
    ],
    [
      "by a certificate whose purpose is not critical",
      "timestamp_signer_invalid",
      () => by({ purposesCritical: false }),
    ],
    ["by a certificate without a purpose", "timestamp_signer_invalid", () => by({ ca: true, usage: 0x80 })],
    ["by a key that may encipher", "timestamp_signer_invalid", () => by({ usage: 0xa0 })],
    ["by a certificate that has expired", "timestamp_chain_expired", () => by({ notAfter: NOW - 1_000 })],
    ["by a certificate that is not yet valid", "timestamp_chain_expired", () => by({ notBefore: NOW + 1_000 })],
    [
      "by a certificate with an unknown critical extension",
      "timestamp_chain_invalid",
      () => by({ extensions: [extension("1.2.3", NONCE, true)] }),
    ],
    [
      "by nobody's certificate",
      "timestamp_chain_untrusted",
      () => by({ by: issue(NOW, { subject: "Root", ca: true }) }),
    ],
    ["that signs no attributes", "timestamp_attributes_invalid", () => stamp({ ...right, noAttributes: true })],
    [
      "that names another certificate",
      "timestamp_attributes_invalid",
      () => stamp({ ...right, named: between.certificate }),
    ],
    ["whose digest has another name", "timestamp_attributes_invalid", () => stamp({ ...right, digestName: "sha512" })],
  ])("%s", async (_, code, response) => {
    expect(await outcome(response())).toBe(code);
  });

  test("that signs an attribute twice, or leaves one out", async () => {
    const drop = (attributes: StampOptions["attributes"]): Uint8Array => stamp({ ...right, attributes: attributes! });
    for (const response of [
      drop((a) => [a.contentType, a.messageDigest]),
      drop((a) => [a.contentType, a.signingCertificate]),
      drop((a) => [a.messageDigest, a.signingCertificate]),
      drop((a) => [a.contentType, a.messageDigest, a.signingCertificate, a.contentType]),
      drop((a) => [attribute(OID.contentType, writeOid(OID.data)), a.messageDigest, a.signingCertificate]),
    ]) {
      expect(await outcome(response)).toBe("timestamp_attributes_invalid");
    }
  });

  test("whose attributes are not in the order of DER, even signed so", async () => {
    const attributes: NonNullable<StampOptions["attributes"]> = (a) => [
      a.signingCertificate,
      a.messageDigest,
      a.contentType,
    ];
    expect(await outcome(stamp({ ...right, attributes, unordered: true }))).toBe("der_malformed");
    expect(await outcome(stamp({ ...right, attributes }))).toBe("ok");
  });

  test("that names its certificate by SHA-1, unless that is asked for", async () => {
    const attributes: NonNullable<StampOptions["attributes"]> = (a) => [
      a.contentType,
      a.messageDigest,
      attribute(OID.signingCertificate, namedBySha1(signer.certificate)),
    ];
    const response = stamp({ ...right, attributes });
    expect(await outcome(response)).toBe("timestamp_attributes_invalid");
    expect(await outcome(response, { allowSha1CertificateId: true })).toBe("ok");
  });

  test("that names a certificate which is not in its chain beside its own", async () => {
    const naming = (...certificates: readonly Uint8Array[]): Uint8Array =>
      stamp({
        ...right,
        attributes: (a) => [
          a.contentType,
          a.messageDigest,
          attribute(OID.signingCertificateV2, named(...certificates)),
        ],
      });
    expect(await outcome(naming(signer.certificate, between.certificate, root.certificate))).toBe("ok");
    const stranger = issue(NOW, { subject: "Stranger", by: root });
    expect(await outcome(naming(signer.certificate, stranger.certificate))).toBe("timestamp_attributes_invalid");
    expect(await outcome(naming(signer.certificate, signer.certificate))).toBe("timestamp_attributes_invalid");
    expect(await outcome(naming(between.certificate, signer.certificate))).toBe("timestamp_attributes_invalid");
    expect(await outcome(naming())).toBe("timestamp_attributes_invalid");
  });

  test("whose parts are not of the types that they stand for, even where nobody looks at them", async () => {
    const outermost = stamp(right);
    outermost[0] = TAG.set;
    expect(await outcome(outermost)).toBe("der_malformed");
    const id = writeSequence(octets(digest("sha256", signer.certificate)));
    const policies = attribute(OID.signingCertificateV2, writeSequence(writeSequence(id), writeSequence(id)));
    const response = stamp({ ...right, attributes: (a) => [a.contentType, a.messageDigest, policies] });
    expect(await outcome(response)).toBe("der_malformed");
  });

  test("when the authority refuses", async () => {
    expect(await outcome(writeSequence(writeSequence(writeInteger(2))))).toBe("timestamp_refused");
    expect(await outcome(writeSequence(writeSequence(writeInteger(0))))).toBe("timestamp_malformed");
  });
});

test("a stamp granted with modifications is taken by who asks for that", async () => {
  expect(await outcome(stamp({ ...right, status: 1 }), { allowModified: true })).toBe("ok");
});

test("a stamp outlives its certificate: what counts is the time it states", async () => {
  expect(await outcome(stamp(right), { now: NOW + 3_650 * DAY_MS })).toBe("ok");
});

describe("a chain is refused", () => {
  const under = (middle: Partial<CertificateOptions>): Uint8Array => {
    const authority = issue(NOW, { subject: "Middle", by: root, ca: true, ...middle });
    const low = issue(NOW, { subject: "Low", by: authority });
    return stamp({ ...right, signer: low, certificates: [low.certificate, authority.certificate] });
  };
  test.each<[string, string, Partial<CertificateOptions>]>([
    ["through a certificate that is no authority's", "timestamp_chain_invalid", { ca: false, usage: 0x04 }],
    ["through one that may not sign certificates", "timestamp_chain_invalid", { usage: 0x02 }],
    ["through one that is for other purposes", "timestamp_chain_invalid", { purposes: [OID.serverAuth] }],
    ["through one that has expired", "timestamp_chain_expired", { notAfter: NOW - 1_000 }],
    [
      "through one with name constraints",
      "timestamp_chain_invalid",
      { extensions: [extension("2.5.29.30", writeSequence(), false)] },
    ],
  ])("%s", async (_, code, middle) => {
    expect(await outcome(under(middle))).toBe(code);
  });

  test("through a time-stamping certificate", async () => {
    const low = issue(NOW, { subject: "Low", by: signer });
    const certificates = [low.certificate, ...CHAIN];
    expect(await outcome(stamp({ ...right, signer: low, certificates }))).toBe("timestamp_chain_invalid");
  });

  test("of a signer that bears its issuer's name, which nobody can tell from one that vouches for itself", async () => {
    const low = issue(NOW, { subject: "Root", by: root });
    expect(await outcome(stamp({ ...right, signer: low, certificates: [low.certificate] }))).toBe(
      "timestamp_chain_untrusted",
    );
  });

  test("that is longer than one of its certificates allows", async () => {
    const lower = issue(NOW, { subject: "Lower", by: between, ca: true });
    const low = issue(NOW, { subject: "Low", by: lower });
    const certificates = [low, lower, between].map(({ certificate }) => certificate);
    expect(await outcome(stamp({ ...right, signer: low, certificates }))).toBe("timestamp_chain_invalid");
  });

  test("that ends at a pinned certificate which is no root", async () => {
    const roots = parseCertificates(pem(between.certificate));
    expect(await outcome(stamp(right), { roots })).toMatch(/^timestamp_chain_/);
    expect(
      await outcome(stamp({ ...right, certificates: [signer.certificate] }), { roots: [...roots, ...ROOTS] }),
    ).toBe("ok");
  });

  test("in bounded time, however many certificates bear the issuer's name", async () => {
    const crowd = Array.from({ length: 18 }, () =>
      issue(NOW, { subject: "Between", ca: true, keyOf: between, by: root }),
    );
    const certificates = [signer.certificate, ...crowd.map(({ certificate }) => certificate)];
    const roots = parseCertificates(pem(issue(NOW, { subject: "Root", ca: true }).certificate));
    expect(await outcome(stamp({ ...right, certificates }), { roots })).toMatch(/^timestamp_chain_/);
  });
});

test("whatever bytes come, there is a named error and never another", async () => {
  const response = stamp(right);
  for (let cut = 0; cut < response.length; cut += 7) {
    expect(await outcome(response.subarray(0, cut))).toBe("der_malformed");
    const changed = response.slice();
    changed[cut]! ^= 0x55;
    expect(await outcome(changed)).not.toBe("ok");
  }
  expect(await outcome(Buffer.concat([response, Uint8Array.of(0)]))).toBe("der_malformed");
  expect(await outcome(new Uint8Array(70_000))).toBe("der_malformed");
});

test("a file without a certificate is no roots", () => {
  expect(() => parseCertificates("")).toThrow(VerifierError);
  expect(() => parseCertificates(pem(octets(NONCE)))).toThrow("a certificate is not in order");
  expect(() => parseCertificates(pem(signer.certificate).replace("M", "!"))).toThrow("base64");
});
