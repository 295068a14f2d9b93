import { expect, test } from "vitest";
import { canonicalJson } from "./canonical-json.ts";
import { CERTIFICATE_HEADER, type Certificate, parseCertificate, verifyCertificate } from "./certificate.ts";
import { formatCheckpoint } from "./checkpoint.ts";
import { VerifierError } from "./errors.ts";
import { formatNote } from "./note.ts";
import { formatProof } from "./proof.ts";
import { leafHash } from "./tree.ts";
import { KEY_TYPES, formatVkey, parseVkey } from "./vkey.ts";

const ORIGIN = "log.example/evidence";
const TIME = "2026-11-22T04:23:03.574Z";
const LEAF = {
  facts: { basis: "A17-1-b", ids: ["AAAAAAAAAAA"], reference: "DSR-1" },
  name: "subject.erased",
  target: "er-1",
  time: TIME,
  type: "event",
  v: 1,
};

interface Signer {
  readonly vkey: string;
  sign(text: string): Promise<string>;
}

async function signer(name = ORIGIN): Promise<Signer> {
  const { privateKey, publicKey } = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", publicKey));
  const vkey = formatVkey({ name, type: KEY_TYPES.ed25519.type, publicKey: raw });
  return {
    vkey,
    async sign(text) {
      const signature = new Uint8Array(await crypto.subtle.sign("Ed25519", privateKey, new TextEncoder().encode(text)));
      return formatNote({ text, signatures: [{ name, keyId: parseVkey(vkey).keyId, signature }] });
    },
  };
}

/** A log of this one entry, and a certificate about it. */
async function certificate(by: Signer, change: Partial<Certificate> = {}, leaf: object = LEAF): Promise<string> {
  const text = canonicalJson(leaf);
  const root = leafHash(new TextEncoder().encode(text));
  const note = await by.sign(formatCheckpoint({ origin: ORIGIN, size: 1, root }));
  const made: Certificate = {
    v: 1,
    id: "er-1",
    origin: ORIGIN,
    request: { reference: "DSR-1", basis: "A17-1-b", received: TIME },
    scope: { ids: ["AAAAAAAAAAA"], records: 2 },
    recorded: TIME,
    destroyed: TIME,
    gateways: [{ gateway: "one", cleared: TIME }],
    sinks: [{ sink: "crm", kind: "sql", state: "acknowledged", at: TIME, removed: 2 }],
    datasets: [],
    issued: TIME,
    entry: { index: 0, text, proof: formatProof({ index: 0, hashes: [], note }) },
    ...change,
  };
  return by.sign(`${CERTIFICATE_HEADER}\n${canonicalJson(made)}\n`);
}

const codesOf = async (note: string, by: Signer, origin?: string): Promise<string[]> => {
  const { problems } = await verifyCertificate(note, {
    vkeys: [by.vkey],
    ...(origin === undefined ? {} : { origin }),
  });
  return problems.map(({ code }) => code);
};

test("a certificate that the log signed about an entry that it holds is in order", async () => {
  const by = await signer();
  const report = await verifyCertificate(await certificate(by), { vkeys: [by.vkey] });
  expect(report).toMatchObject({ ok: true, problems: [], certificate: { id: "er-1" } });
});

test("one that says otherwise than the log's entry is not", async () => {
  const by = await signer();
  const changes: Partial<Certificate>[] = [
    { id: "er-2" },
    { scope: { ids: ["BBBBBBBBBBB"], records: 2 } },
    { scope: { ids: [], records: 2 } },
    { request: { reference: "DSR-2", basis: "A17-1-b", received: TIME } },
    { recorded: "2026-11-23T00:00:00.000Z" },
  ];
  for (const change of changes)
    expect([change, await codesOf(await certificate(by, change), by)]).toEqual([change, ["certificate_mismatch"]]);
  for (const leaf of [
    { ...LEAF, name: "subject.found" },
    { ...LEAF, type: "intent" },
    { ...LEAF, facts: {} },
  ])
    expect(await codesOf(await certificate(by, {}, leaf), by)).toContain("certificate_mismatch");
});

test("one by a key that is not pinned, of another log, or with a signature that fails is not", async () => {
  const [by, other] = [await signer(), await signer()];
  const note = await certificate(by);
  expect(await codesOf(note, other)).toContain("signature_unverified");
  expect(await codesOf(note, by, "elsewhere.example/log")).toContain("origin_mismatch");
  expect(await codesOf(note.replace("DSR-1", "DSR-7"), by)).toContain("signature_failed");
  const elsewhere = await signer("elsewhere.example/log");
  expect(await codesOf(await certificate(elsewhere), elsewhere)).toContain("origin_mismatch");
});

test("one whose proof is of another entry, or none, is not", async () => {
  const by = await signer();
  const { certificate: good } = parseCertificate(await certificate(by));
  const other = canonicalJson({ ...LEAF, time: "2026-01-01T00:00:00.000Z" });
  expect(await codesOf(await certificate(by, { entry: { ...good.entry, text: other } }), by)).toContain(
    "inclusion_failed",
  );
  expect(await codesOf(await certificate(by, { entry: { ...good.entry, proof: "none" } }), by)).toContain(
    "proof_malformed",
  );
  expect(await codesOf(await certificate(by, { entry: { ...good.entry, index: 1 } }), by)).toContain(
    "certificate_mismatch",
  );
});

test("a checkpoint is no certificate, and a certificate is no checkpoint", async () => {
  const by = await signer();
  const checkpoint = await by.sign(formatCheckpoint({ origin: ORIGIN, size: 1, root: new Uint8Array(32) }));
  expect(await codesOf(checkpoint, by)).toEqual(["certificate_malformed"]);
  const { note } = parseCertificate(await certificate(by));
  expect(() => formatVkey({ name: note.text.split("\n")[0] ?? "", type: 1, publicKey: new Uint8Array(32) })).toThrow(
    VerifierError,
  );
});

test("what is not of the form is refused by name, whatever it is", async () => {
  const by = await signer();
  const { certificate: good } = parseCertificate(await certificate(by));
  const texts = [
    `${CERTIFICATE_HEADER}\n`,
    `${CERTIFICATE_HEADER}\n{}\n`,
    `${CERTIFICATE_HEADER}\n[]\n`,
    `${CERTIFICATE_HEADER}\nnull\n`,
    `${CERTIFICATE_HEADER}\n{"v":1\n`,
    `${CERTIFICATE_HEADER}\n${JSON.stringify(good)}\n\n`,
    `${CERTIFICATE_HEADER}\n ${canonicalJson(good)}\n`,
    `other header\n${canonicalJson(good)}\n`,
  ];
  for (const text of texts)
    expect([text, await codesOf(await by.sign(text), by)]).toEqual([text, ["certificate_malformed"]]);
  for (const [member] of Object.entries(good)) {
    if (member === "backupsDeadBy") continue;
    const { [member]: _gone, ...rest } = good as unknown as Record<string, unknown>;
    const note = await by.sign(`${CERTIFICATE_HEADER}\n${canonicalJson(rest)}\n`);
    expect([member, await codesOf(note, by)]).toEqual([member, ["certificate_malformed"]]);
  }
});
