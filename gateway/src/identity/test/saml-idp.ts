/**
 * A real SAML identity provider on loopback (samlp), before whose browser window one person is always ready to log in. Its page
 * posts the answer by script; here `answerTo` reads the form out of the page.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import samlp from "samlp";

export interface SigningKey {
  /** PEM. */
  readonly key: string;
  readonly cert: string;
}

/** RSA with a certificate that it signed itself, as identity providers have them. */
export function newSigningKey(bits = 2048): SigningKey {
  const dir = mkdtempSync(join(tmpdir(), "sluice-saml-"));
  const args = ["req", "-x509", "-newkey", `rsa:${bits}`, "-nodes", "-keyout", "key", "-out", "cert", "-days", "2"];
  execFileSync("openssl", [...args, "-subj", "/CN=idp"], { cwd: dir, stdio: "pipe" });
  const read = (name: string): string => readFileSync(join(dir, name), "utf8");
  const made = { key: read("key"), cert: read("cert") };
  rmSync(dir, { recursive: true });
  return made;
}

export interface Answer {
  /** Where the page posts to. */
  readonly action: string;
  /** Base64. */
  readonly response: string;
}

export interface SamlIdp {
  readonly issuer: string;
  readonly entryPoint: string;
  readonly signing: SigningKey;
  /** Who sits before the browser. */
  person: { nameId: string; format: string; attributes: Record<string, unknown> };
  /** Options of samlp that are otherwise in the next answers. */
  change: Record<string, unknown>;
  close(): Promise<void>;
}

export const PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";

export async function startSamlIdp(signing: SigningKey = newSigningKey()): Promise<SamlIdp> {
  const server = http.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const idp: SamlIdp = {
    issuer: `${origin}/metadata`,
    entryPoint: `${origin}/sso?tenant=1`,
    signing,
    person: { nameId: "mara", format: PERSISTENT, attributes: { groups: ["Support EMEA", "Works council"] } },
    change: {},
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  server.on("request", (req, res) => {
    let asked: Element | undefined;
    const handler = samlp.auth({
      issuer: idp.issuer,
      ...signing,
      lifetimeInSeconds: 300,
      getPostURL: (_audience: string, dom: { documentElement: Element }, _req: unknown, done: Done) => {
        asked = dom.documentElement;
        done(null, asked.getAttribute("AssertionConsumerServiceURL") ?? "");
      },
      getUserFromRequest: () => idp.person,
      profileMapper: (person: SamlIdp["person"]) => ({
        getClaims: () => person.attributes,
        getNameIdentifier: () => ({ nameIdentifier: person.nameId, nameIdentifierFormat: person.format }),
      }),
      ...destinations(req.url ?? ""),
      ...idp.change,
    });
    const query = Object.fromEntries(new URL(req.url ?? "", origin).searchParams);
    const sent = { set: (name: string, value: string) => res.setHeader(name, value), send: (body: string) => res.end(body) };
    handler({ method: "GET", query }, sent, (thrown) => {
      res.statusCode = 500;
      res.end(String(thrown));
    });
  });
  return idp;
}
