import { createHash, X509Certificate } from "node:crypto";
import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ClientCertificate, certificateOf, createCertificateTable, readCertificate } from "./certificates.ts";
import type { CertificateSettings } from "../core/identity.ts";
import { openPki } from "../core/test/pki.ts";
import { authenticatorFor, codeOf, groupFor, LIMITS, providerFor, settingsFor } from "./test/authenticator.ts";
import { startIdp } from "./test/idp.ts";

const pki = openPki();

/** What is read of a certificate that the test's authority signs, or another one. */
function issue(name: string, subject: string, names?: string, by = "ca"): X509Certificate {
  return new X509Certificate(pki.issue(name, { subject, by, ...(names === undefined ? {} : { names }) }).cert);
}

let server: Server;
const peers: (ClientCertificate | undefined)[] = [];

beforeAll(async () => {
  const [ca] = ["ca", "other"].map((name) => pki.authority(name));
  const own = pki.issue("server", { subject: "/CN=localhost", names: "DNS:localhost" });
  server = createServer(
    {
      key: own.key,
      cert: own.cert,
      ca: ca?.cert,
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: "TLSv1.3",
    },
    (socket) => {
      peers.push(certificateOf(socket));
      socket.end();
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  server.close();
  pki.remove();
});

/** Connects with the certificate of that name, and gives what the server's side knows of it. */
async function connected(name?: string): Promise<ClientCertificate | undefined> {
  const { port } = server.address() as AddressInfo;
  const pair = name === undefined ? {} : pki.pair(name);
  const ca = pki.pair("ca").cert;
  const socket = connect({ port, host: "127.0.0.1", servername: "localhost", ca, ...pair }).resume();
  await new Promise<void>((resolve, reject) => socket.once("close", () => resolve()).once("error", reject));
  return peers.pop();
}

function row(match: CertificateSettings["match"], name = "batch"): CertificateSettings {
  return {
    name,
    match,
    principal: `service:${name}`,
    roles: ["user"],
    groups: [],
    purposes: ["support"],
    defaultPurpose: "support",
    limits: LIMITS,
  };
}

const gateFor = (...certificates: CertificateSettings[]) => authenticatorFor(settingsFor({ certificates }));

describe("a client certificate", () => {
  test("that the handshake has found genuine proves whom the configuration names, by key, by name or by whole subject", async () => {
    const x509 = issue(
      "batch",
      "/C=DE/O=Example\\, Inc./CN=batch",
      "URI:spiffe://example.org/batch,DNS:batch.internal,email:ops@example.org",
    );
    const certificate = await connected("batch");
    const sha256 = createHash("sha256")
      .update(x509.publicKey.export({ type: "spki", format: "der" }))
      .digest("base64url");
    for (const match of [
      { by: "key", sha256 },
      { by: "name", name: "URI:spiffe://example.org/batch" },
      { by: "name", name: "DNS:batch.internal" },
      { by: "name", name: "email:ops@example.org" },
      { by: "subject", attributes: { CN: "batch", O: "Example, Inc.", C: "DE" } },
    ] as const) {
      const gate = gateFor(row(match));
      const principal = gate.authenticate(undefined, certificate);
      expect(principal).toMatchObject({
        id: "service:batch",
        kind: "service",
        credential: "certificate:batch",
        purposes: ["support"],
        expiresAt: x509.validToDate.getTime(),
      });
      expect(gate.authenticate("", certificate)).toBe(principal);
    }
  });

  test("is nobody's when only a part of it is what was asked for", async () => {
    issue("part", "/O=Example/OU=Web/CN=batch", "DNS:batch.internal.evil.test,URI:spiffe://example.org/batch/x");
    const certificate = await connected("part");
    for (const match of [
      { by: "subject", attributes: { CN: "batch" } },
      { by: "subject", attributes: { CN: "batch", O: "Example", OU: "Web", C: "DE" } },
      { by: "subject", attributes: { CN: "BATCH", O: "Example", OU: "Web" } },
      { by: "name", name: "DNS:batch.internal" },
      { by: "name", name: "URI:spiffe://example.org/batch" },
      { by: "key", sha256: "A".repeat(43) },
    ] as const)
      expect(await codeOf(() => gateFor(row(match)).authenticate(undefined, certificate))).toBe("certificate_invalid");
  });

  test("of another authority, and none at all, are as if nothing had been sent", async () => {
    issue("stranger", "/CN=batch", undefined, "other");
    const gate = gateFor(row({ by: "subject", attributes: { CN: "batch" } }));
    for (const certificate of [await connected("stranger"), await connected()]) {
      expect(certificate).toBeUndefined();
      expect(await codeOf(() => gate.authenticate(undefined, certificate))).toBe("key_missing");
    }
  });

  test("whose names are made to look like others has none of those", () => {
    const x509 = issue(
      "trick",
      "/CN=a + O=Example/OU=x\\nCN=batch",
      "@names\n[names]\nURI.1=http://x/, DNS:batch.internal",
    );
    const { names, subject } = readCertificate(x509);
    expect(names).not.toContain("DNS:batch.internal");
    expect(subject["CN"]).not.toBe("batch");
    expect(Object.keys(subject)).not.toContain("O");
  });

  test("with an attribute twice, or two joined in one, has no single value for it", () => {
    const twice = readCertificate(issue("twice", "/CN=a/CN=batch")).subject;
    expect(twice).toEqual({ CN: undefined });
    const both = issue("joined", "/CN=batch+OU=x");
    const joined = readCertificate(both).subject;
    expect(Object.values(joined)).not.toContain("batch");
    const table = createCertificateTable([row({ by: "subject", attributes: { CN: "batch" } })]);
    expect(() => table(readCertificate(both), Date.now())).toThrow("nobody's");
  });

  test("ends with its own end, though the connection stays open", async () => {
    issue("short", "/CN=batch");
    const certificate = await connected("short");
    let now = Date.now();
    const gate = authenticatorFor(
      settingsFor({ certificates: [row({ by: "subject", attributes: { CN: "batch" } })] }),
      { clock: () => now },
    );
    expect(gate.authenticate(undefined, certificate)).toMatchObject({ id: "service:batch" });
    now = certificate?.expiresAt ?? 0;
    expect(await codeOf(() => gate.authenticate(undefined, certificate))).toBe("certificate_invalid");
  });

  test("is read once for all requests of a connection", () => {
    const x509 = issue("once", "/CN=once");
    let reads = 0;
    const socket = {
      authorized: true,
      getPeerX509Certificate: () => {
        reads += 1;
        return x509;
      },
    } satisfies Pick<TLSSocket, "authorized" | "getPeerX509Certificate">;
    expect(certificateOf(socket)).toBe(certificateOf(socket));
    expect(reads).toBe(1);
  });

  test("beside a bearer is not looked at, and a token that is bound to it comes in with no other", async () => {
    const [mine, other] = [readCertificate(issue("mine", "/CN=batch")), readCertificate(issue("others", "/CN=other"))];
    const idp = await startIdp();
    try {
      const gate = authenticatorFor(
        settingsFor({
          providers: [providerFor(idp.issuer)],
          groups: [groupFor()],
          certificates: [row({ by: "subject", attributes: { CN: "batch" } })],
        }),
      );
      const plain = await idp.token({ groups: ["Support"] });
      expect((await gate.authenticate(plain, mine)).id).toBe("corp:alice");
      expect(await codeOf(() => gate.authenticate("nobody", mine))).toBe("key_invalid");
      const bound = await idp.token({ groups: ["Support"], cnf: { "x5t#S256": mine.thumbprint } });
      for (let round = 0; round < 2; round++) {
        expect(await codeOf(() => gate.authenticate(bound))).toBe("token_invalid");
        expect(await codeOf(() => gate.authenticate(bound, other))).toBe("token_invalid");
        expect((await gate.authenticate(bound, mine)).id).toBe("corp:alice");
      }
    } finally {
      await idp.stop();
    }
  });

  test("of somebody who is disabled is refused", async () => {
    const certificate = readCertificate(issue("gone", "/CN=batch"));
    const gate = gateFor(row({ by: "subject", attributes: { CN: "batch" } }));
    gate.disabled.disable("service:batch");
    expect(await codeOf(() => gate.authenticate(undefined, certificate))).toBe("account_disabled");
  });
});
