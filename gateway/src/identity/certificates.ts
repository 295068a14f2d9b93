/**
 * Client certificate → Principal. That the certificate is genuine is the TLS stack's finding, made at the handshake against the
 * listener's own list of authorities; here it is only looked up whose it is. A certificate is compared as a whole name or a whole
 * key, never by a part of a text.
 */
import { createHash, type X509Certificate } from "node:crypto";
import { SluiceError } from "../core/errors.ts";
import type { Principal } from "../core/principal.ts";
import type { CertificateSettings } from "../core/identity.ts";

/** What counts of a certificate that the handshake has found genuine. */
export interface ClientCertificate {
  /** SHA-256 of the certificate, base64url: what a token may be bound to (RFC 8705 section 3.1). */
  readonly thumbprint: string;
  /** SHA-256 of its public key (SubjectPublicKeyInfo), base64url. */
  readonly keySha256: string;
  /** As `DNS:…`, `URI:…`, `email:…`. */
  readonly names: readonly string[];
  readonly subject: Readonly<Record<string, unknown>>;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** The two members of a TLSSocket that are read. */
export interface TlsPeer {
  /** True when the peer's certificate leads to one of the listener's authorities. */
  readonly authorized: boolean;
  getPeerX509Certificate(): X509Certificate | undefined;
}

const known = new WeakMap<TlsPeer, ClientCertificate>();

/**
 * The certificate of a connection, read once for all of its requests. Undefined when there is none or it is not genuine; whoever
 * demands certificates refuses at the handshake.
 */
export function certificateOf(socket: TlsPeer): ClientCertificate | undefined {
  if (!socket.authorized) return undefined;
  const before = known.get(socket);
  if (before !== undefined) return before;
  const x509 = socket.getPeerX509Certificate();
  if (x509 === undefined) return undefined;
  const certificate = readCertificate(x509);
  known.set(socket, certificate);
  return certificate;
}

export function readCertificate(x509: X509Certificate): ClientCertificate {
  return {
    thumbprint: createHash("sha256").update(x509.raw).digest("base64url"),
    keySha256: createHash("sha256")
      .update(x509.publicKey.export({ type: "spki", format: "der" }))
      .digest("base64url"),
    names: namesOf(x509.subjectAltName ?? ""),
    subject: attributesOf(x509.subject),
    expiresAt: x509.validToDate.getTime(),
  };
}

/**
 * Throws `certificate_invalid` for a certificate of nobody and one that has ended while its connection stayed open. `now` in
 * milliseconds.
 */
export function createCertificateTable(
  all: readonly CertificateSettings[],
): (certificate: ClientCertificate, now: number) => Principal {
  const rows = all.map((each) => ({ match: each.match, principal: principalOf(each) }));
  /** So that a certificate has one Principal, as a key has. */
  const found = new WeakMap<ClientCertificate, Principal>();
  return (certificate, now) => {
    if (now >= certificate.expiresAt)
      throw new SluiceError("certificate_invalid", "the client certificate has expired");
    const before = found.get(certificate);
    if (before !== undefined) return before;
    const row = rows.find(({ match }) => matches(match, certificate));
    if (row === undefined)
      throw new SluiceError("certificate_invalid", "the client certificate is nobody's here (identity.certificates)");
    const principal = { ...row.principal, expiresAt: certificate.expiresAt };
    found.set(certificate, principal);
    return principal;
  };
}

function principalOf(each: CertificateSettings): Principal {
  return {
    id: each.principal,
    kind: "service",
    credential: `certificate:${each.name}`,
    groups: each.groups,
    roles: each.roles,
    purposes: each.purposes,
    ...(each.defaultPurpose === undefined ? {} : { defaultPurpose: each.defaultPurpose }),
    ...(each.connections === undefined ? {} : { connections: each.connections }),
    actors: [],
    limits: each.limits,
  };
}

function matches(match: CertificateSettings["match"], certificate: ClientCertificate): boolean {
  switch (match.by) {
    case "key":
      return match.sha256 === certificate.keySha256;
    case "name":
      return certificate.names.includes(match.name);
    case "subject": {
      const wanted = Object.entries(match.attributes);
      return (
        wanted.length === Object.keys(certificate.subject).length &&
        wanted.every(([name, value]) => certificate.subject[name] === value)
      );
    }
  }
}

/**
 * Node writes names separated by ", " and puts one that holds anything special in JSON quotes. One that does not read so is
 * somebody's attempt to look like two, and then there are none.
 */
function namesOf(text: string): readonly string[] {
  const names: string[] = [];
  const name = /(DNS|URI|email|IP Address|DirName|Registered ID|othername):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)/y;
  while (name.lastIndex < text.length) {
    const match = name.exec(text);
    if (match === null) return [];
    const [, kind = "", value = ""] = match;
    names.push(`${kind}:${value.startsWith('"') ? (JSON.parse(value) as string) : value}`);
  }
  return names;
}

/**
 * `CN=batch`, one a line, or several joined by ` + `. An attribute that stands twice and one that is joined have no single value, so
 * they equal none.
 */
function attributesOf(text: string): Readonly<Record<string, unknown>> {
  const attributes: Record<string, unknown> = {};
  for (const line of text.split("\n")) {
    const equals = line.indexOf("=");
    if (equals < 1) continue;
    const name = line.slice(0, equals);
    const value = line.slice(equals + 1);
    const single = !Object.hasOwn(attributes, name) && !/(?<!\\)\+/.test(value);
    attributes[name] = single ? unescaped(value) : undefined;
  }
  return attributes;
}

/** Node prints subjects as RFC 2253 does: special characters behind a backslash, control characters as two hex digits. */
function unescaped(value: string): string {
  return value.replace(/\\(?:([0-9A-Fa-f]{2})|(.))/g, (_, hex: string | undefined, char: string | undefined) =>
    hex === undefined ? (char ?? "") : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
