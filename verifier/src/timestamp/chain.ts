/**
 * From a time-stamping certificate to a pinned root (RFC 5280 section 6, without policies and revocation): names chain,
 * signatures verify, every certificate was valid at the moment that the stamp states, and each that signs another may.
 */

import { equalBytes } from "../bytes.ts";
import { VerifierError } from "../errors.ts";
import type { VerifierErrorCode } from "../errors.ts";
import { verifySignature } from "./algorithms.ts";
import type { Certificate } from "./certificate.ts";

/** Root and signer included. */
const CHAIN_MAX = 6;
/** A hostile token must not buy much work: it may bring many certificates of one name. */
const SIGNATURES_MAX = 24;

export const TIME_STAMPING = "1.3.6.1.5.5.7.3.8";
const ANY_PURPOSE = "2.5.29.37.0";

export interface ChainOptions {
  readonly signer: Certificate;
  /** Certificates that nobody vouches for. */
  readonly others: readonly Certificate[];
  readonly roots: readonly Certificate[];
  /** Milliseconds since 1970. */
  readonly time: number;
}

/**
 * The signer first, the root last. Throws timestamp_chain_untrusted, timestamp_chain_expired or timestamp_chain_invalid: of all ways that
 * were tried, the failure of the one that came furthest.
 */
export async function findChain(options: ChainOptions): Promise<Certificate[]> {
  const search = new Search(options);
  if (isSelfIssued(options.signer)) throw untrusted("the stamp's certificate names itself as its issuer");
  assertUsable(options.signer, options.time);
  const chain = await search.climb([options.signer]);
  if (chain === undefined) throw search.failure;
  return chain;
}

class Search {
  readonly #options: ChainOptions;
  #signatures = 0;
  #reached = 0;
  failure = untrusted("no pinned root issued the certificates of the stamp");

  constructor(options: ChainOptions) {
    this.#options = options;
  }

  async climb(chain: readonly Certificate[]): Promise<Certificate[] | undefined> {
    const last = chain.at(-1)!;
    if (chain.length >= CHAIN_MAX) return undefined;
    for (const root of this.#options.roots) {
      if (await this.#issued(root, last, chain, isSelfIssued)) return [...chain, root];
    }
    for (const issuer of this.#options.others) {
      if (chain.some(({ bytes }) => equalBytes(bytes, issuer.bytes)) || isSelfIssued(issuer)) continue;
      if (!(await this.#issued(issuer, last, chain, mayStamp))) continue;
      const whole = await this.climb([...chain, issuer]);
      if (whole !== undefined) return whole;
    }
    return undefined;
  }

  async #issued(
    issuer: Certificate,
    subject: Certificate,
    chain: readonly Certificate[],
    isFit: (issuer: Certificate) => boolean,
  ): Promise<boolean> {
    if (!isNamedIssuer(issuer, subject)) return false;
    try {
      assertUsable(issuer, this.#options.time);
      assertMaySign(issuer, chain);
      if (!isFit(issuer)) throw invalid("a certificate of the chain is for other purposes, or no root");
      this.#signatures += 1;
      if (this.#signatures > SIGNATURES_MAX) throw invalid("the stamp brings too many certificates");
      const { algorithm, signed: message, signature } = subject;
      if (!(await verifySignature({ algorithm, key: issuer.key, message, signature }))) {
        throw untrusted("a certificate of the chain was not signed by the issuer it names");
      }
      return true;
    } catch (error) {
      if (!(error instanceof VerifierError)) throw error;
      if (chain.length >= this.#reached) this.failure = error;
      this.#reached = Math.max(this.#reached, chain.length);
      return false;
    }
  }
}

/** By name, and by the identifiers of its key where both sides have them (RFC 5280 section 4.2.1.1). */
function isNamedIssuer(issuer: Certificate, subject: Certificate): boolean {
  if (!equalBytes(issuer.subject.bytes, subject.issuer)) return false;
  const { issuerKeyId: id, issuerCertificate: named } = subject;
  if (id !== undefined && issuer.keyId !== undefined && !equalBytes(id, issuer.keyId)) return false;
  return named === undefined || (equalBytes(named.issuer, issuer.issuer) && equalBytes(named.serial, issuer.serial));
}

function isSelfIssued(certificate: Certificate): boolean {
  return equalBytes(certificate.issuer, certificate.subject.bytes);
}

function assertUsable(certificate: Certificate, time: number): void {
  if (time < certificate.notBefore || time > certificate.notAfter) {
    throw failed("timestamp_chain_expired", "a certificate of the chain was not valid at the time of the stamp");
  }
  const [oid] = certificate.refused;
  if (oid !== undefined) throw invalid(`a certificate has an extension that is not evaluated here: ${oid}`);
}

function assertMaySign(issuer: Certificate, below: readonly Certificate[]): void {
  if (!issuer.isAuthority) throw invalid("a certificate that is no authority's signed another");
  // Old roots have no key usage; pinning them says what they are for.
  const maySign = issuer.keyUsage?.has("keyCertSign") ?? isSelfIssued(issuer);
  if (!maySign) throw invalid("a certificate of the chain may not sign certificates");
  // RFC 5280 section 4.2.1.9: "non-self-issued intermediate certificates that may follow", the last one not counted.
  const intermediates = below.slice(1).filter((certificate) => !isSelfIssued(certificate)).length;
  if (issuer.pathLength !== undefined && intermediates > issuer.pathLength) {
    throw invalid("the chain is longer than one of its certificates allows");
  }
}

/** A purpose on an authority's certificate limits what it issues, as everybody but RFC 5280 says. */
function mayStamp({ purposes }: Certificate): boolean {
  return purposes === undefined || purposes.oids.includes(TIME_STAMPING) || purposes.oids.includes(ANY_PURPOSE);
}

function failed(code: VerifierErrorCode, message: string): VerifierError {
  return new VerifierError(code, message);
}

function invalid(message: string): VerifierError {
  return failed("timestamp_chain_invalid", message);
}

function untrusted(message: string): VerifierError {
  return failed("timestamp_chain_untrusted", message);
}
