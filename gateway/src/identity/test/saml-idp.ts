/**
 * A real SAML identity provider on loopback (samlp), before whose browser window one person is always ready to log in. Its page
 * posts the answer by script; here `answerTo` reads the form out of the page.
 */
import http from "node:http";
import type { AddressInfo } from "node:net";
import samlp from "samlp";
import { type Pair, selfSigned } from "../../core/test/pki.ts";

/** RSA with a certificate that it signed itself, as identity providers have them. */
export const newSigningKey = (bits = 2048): Pair => selfSigned({ rsaBits: bits });

export interface Answer {
  /** Where the page posts to. */
  readonly action: string;
  /** Base64. */
  readonly response: string;
}

export interface SamlIdp {
  readonly issuer: string;
  readonly entryPoint: string;
  readonly signing: Pair;
  /** Who sits before the browser. */
  person: { nameId: string; format: string; attributes: Record<string, unknown> };
  /** Options of samlp that are otherwise in the next answers. */
  change: Record<string, unknown>;
  close(): Promise<void>;
}

export const PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";

export async function startSamlIdp(signing: Pair = newSigningKey()): Promise<SamlIdp> {
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
    const query = Object.fromEntries(new URL(req.url ?? "", origin).searchParams);
    const request = { method: "GET", query };
    const sent = {
      set: (name: string, value: string) => void res.setHeader(name, value),
      send: (body: string) => void res.end(body),
    };
    samlp.parseRequest(request, (thrown, { assertionConsumerServiceURL: acsUrl }) => {
      if (thrown !== null) throw new Error("the request cannot be read", { cause: thrown });
      const answer = samlp.auth({
        issuer: idp.issuer,
        ...idp.signing,
        lifetimeInSeconds: 300,
        recipient: acsUrl,
        destination: acsUrl,
        getPostURL: (_audience: string, _dom: unknown, _request: unknown, done: (none: null, url: string) => void) =>
          done(null, acsUrl),
        getUserFromRequest: () => idp.person,
        profileMapper: ({ nameId, format, attributes }: SamlIdp["person"]) => ({
          getClaims: () => attributes,
          getNameIdentifier: () => ({ nameIdentifier: nameId, nameIdentifierFormat: format }),
        }),
        ...idp.change,
      });
      answer(request, sent, (failed) => {
        res.statusCode = 500;
        res.end(String(failed));
      });
    });
  });
  return idp;
}

/** What the page that the browser was sent to would post. */
export async function answerTo(url: URL): Promise<Answer> {
  const page = await (await fetch(url)).text();
  const [, action] = /<form[^>]* action="([^"]+)"/.exec(page) ?? [];
  const [, response] = /name="SAMLResponse"\s+value="([^"]+)"/.exec(page) ?? [];
  if (action === undefined || response === undefined) throw new Error(`no form but: ${page}`);
  return { action: unescape(action), response: unescape(response) };
}

function unescape(text: string): string {
  return text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code))).replaceAll("&amp;", "&");
}
