/** Where clients connect. Plaintext beyond loopback is refused: keys and personal data would cross the network in clear. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { isIPv4, isIPv6 } from "node:net";
import { Secret } from "../core/secret.ts";
import type { Listener } from "./config.ts";
import { isLoopback } from "./connections.ts";
import type { Path } from "./problem.ts";
import { lookUp, type References } from "./references.ts";
import type { ConfigDocument } from "./schema.ts";
import type { Report } from "./source.ts";

export function resolveListeners(document: ConfigDocument, references: References, report: Report): Listener[] {
  const seen = new Set<string>();
  return document.listeners.flatMap(({ address, tls }, index) => {
    const path: Path = ["listeners", index];
    const parts = parseAddress(address);
    if (parts === undefined) {
      report.problem([...path, "address"], 'must be host and port, such as "127.0.0.1:8787" or "[::1]:8787"');
      return [];
    }
    const { host, port } = parts;
    if (port !== 0 && seen.has(`${host} ${port}`)) report.problem([...path, "address"], "is listened on twice");
    seen.add(`${host} ${port}`);
    if (tls !== undefined) {
      const resolved = resolveTls(tls, [...path, "tls"], references, report);
      return resolved === undefined ? [] : [{ host, port, tls: resolved }];
    }
    if (!isLoopback(host)) {
      report.problem(
        [...path, "address"],
        `${host} is reached from other machines, and without \`tls\` API keys and personal data would cross the network in clear; ` +
          "give it tls, or listen on 127.0.0.1 behind a proxy on this machine that does TLS",
      );
    }
    return [{ host, port }];
  });
}

/** Port 0 lets the system choose. Undefined when it is no address. */
function parseAddress(address: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(address);
  if (match === null) return undefined;
  const [, ipv6, named, digits] = match;
  const host = ipv6 ?? named ?? "";
  const port = Number(digits);
  if (port > 65_535 || (ipv6 !== undefined && !isIPv6(ipv6)) || (/^[\d.]+$/.test(host) && !isIPv4(host)))
    return undefined;
  return { host, port };
}

function resolveTls(
  tls: { cert: string; key: string; client_ca?: string | undefined },
  path: Path,
  references: References,
  report: Report,
): Listener["tls"] | undefined {
  const cert = lookUp(references, `file:${tls.cert}`);
  const key = lookUp(references, `file:${tls.key}`);
  if ("reason" in cert) report.missing([...path, "cert"], cert.reason);
  if ("reason" in key) report.missing([...path, "key"], key.reason);
  if ("reason" in cert || "reason" in key) return undefined;
  const certificate = parsed(() => new X509Certificate(cert.value));
  const privateKey = parsed(() => createPrivateKey(key.value));
  if (certificate === undefined) report.missing([...path, "cert"], `${tls.cert} is not a PEM certificate`);
  if (privateKey === undefined)
    report.missing([...path, "key"], `${tls.key} is not a PEM private key without passphrase`);
  if (certificate === undefined || privateKey === undefined) return undefined;
  if (!certificate.checkPrivateKey(privateKey)) {
    report.missing([...path, "key"], `${tls.key} is not the key of the first certificate in ${tls.cert}`);
    return undefined;
  }
  const plain = { cert: cert.value, key: new Secret(key.value) };
  if (tls.client_ca === undefined) return plain;
  const authorities = lookUp(references, `file:${tls.client_ca}`);
  if ("reason" in authorities) report.missing([...path, "client_ca"], authorities.reason);
  else if (parsed(() => new X509Certificate(authorities.value)) === undefined)
    report.missing([...path, "client_ca"], `${tls.client_ca} is not a PEM certificate`);
  else return { ...plain, clientCa: authorities.value };
  return undefined;
}

/** OpenSSL's own words quote its input at times, so a failure is only told as such. */
function parsed<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
