/**
 * What is asked of the SAML library: requests, metadata, and whether a signature holds. It is loaded when somebody first logs in
 * with SAML. It decides about keys and canonical forms; times, audiences and all else are decided by saml-assertion.ts, with the
 * clock as a parameter.
 */
import type { SAML, SamlConfig } from "@node-saml/node-saml";
import type { SamlProviderSettings } from "../core/identity.ts";
import type { UnprovenResponse } from "./saml-response.ts";

/** What the library wants to have and does not look at. */
const NOT_ASKED = "-";

/** URL at the provider, with a request of this id. `fresh`: the person is to log in anew (SAML Core section 3.4.1, ForceAuthn). */
export async function requestUrl(
  provider: SamlProviderSettings,
  acsUrl: string,
  requestId: string,
  fresh: boolean,
): Promise<URL> {
  const saml = await open(provider, acsUrl, { generateUniqueId: () => requestId, forceAuthn: fresh });
  return new URL(await saml.getAuthorizeUrlAsync("", undefined, {}));
}

/** What the provider is told of us (SAML Metadata section 2.4.4). */
export async function spMetadata(provider: SamlProviderSettings, acsUrl: string): Promise<string> {
  const { decryption } = provider;
  if (decryption === undefined) return (await open(provider, acsUrl, {})).generateServiceProviderMetadata(null, null);
  const saml = await open(provider, acsUrl, { decryptionPvk: decryption.key.reveal() });
  // The library offers what it can; what is taken here is less.
  return saml
    .generateServiceProviderMetadata(decryption.certificate, null)
    .replace(/\s*<EncryptionMethod Algorithm="[^"]*-cbc"\s*\/>/g, "");
}

/** The assertion as its signature covers it, in canonical form; undefined when none holds. */
export async function signedAssertion({
  xml,
  isSigned,
  certificates,
}: Pick<UnprovenResponse, "xml" | "isSigned"> & Pick<SamlProviderSettings, "certificates">): Promise<
  string | undefined
> {
  const { SAML, ValidateInResponseTo } = await import("@node-saml/node-saml");
  const saml = new SAML({
    callbackUrl: NOT_ASKED,
    issuer: NOT_ASKED,
    idpCert: [...certificates],
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: isSigned,
    audience: false,
    acceptedClockSkewMs: -1,
    validateInResponseTo: ValidateInResponseTo.never,
  });
  try {
    const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: Buffer.from(xml).toString("base64") });
    return profile?.getAssertionXml?.();
  } catch {
    // Not passed on, not even as a cause: the library quotes what it has read.
    return undefined;
  }
}

async function open(provider: SamlProviderSettings, acsUrl: string, change: Partial<SamlConfig>): Promise<SAML> {
  const { SAML } = await import("@node-saml/node-saml");
  const { nameIdFormat, subjectAttribute } = provider;
  return new SAML({
    callbackUrl: acsUrl,
    entryPoint: provider.entryPoint,
    issuer: provider.entityId,
    idpCert: [...provider.certificates],
    identifierFormat: subjectAttribute === undefined ? nameIdFormat : null,
    wantAssertionsSigned: true,
    // How somebody is to log in is the provider's to say; the library's default forbids a second factor.
    disableRequestedAuthnContext: true,
    ...change,
  });
}
