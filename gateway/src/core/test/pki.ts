/** Certificates for tests, made by OpenSSL anew for each run, so that no key lies in the repository and a stranger's tool made them. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** PEM. */
export interface Pair {
  readonly key: string;
  readonly cert: string;
}

export interface PkiPair extends Pair {
  readonly keyFile: string;
  readonly certFile: string;
}

export interface Issue {
  /** As OpenSSL writes it: `/CN=batch/O=Example`. Default: the name as CN. */
  readonly subject?: string;
  /** `subjectAltName`, as OpenSSL writes it. */
  readonly names?: string;
  /** Name of the authority. Default: `ca`. */
  readonly by?: string;
}

export interface Pki {
  /** An authority that signs for itself. */
  authority(name: string): PkiPair;
  /** For clients and servers alike, signed by an authority. */
  issue(name: string, how?: Issue): PkiPair;
  /** One that was made before. */
  pair(name: string): PkiPair;
  remove(): void;
}

const CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
const DAYS = ["-days", "2"];

export function openPki(): Pki {
  const dir = mkdtempSync(join(tmpdir(), "sluice-pki-"));
  const openssl = (...args: string[]): unknown => execFileSync("openssl", args, { cwd: dir, stdio: "pipe" });
  const pairOf = (name: string): PkiPair => {
    const [keyFile, certFile] = [join(dir, `${name}.key`), join(dir, `${name}.crt`)];
    return { keyFile, certFile, key: readFileSync(keyFile, "utf8"), cert: readFileSync(certFile, "utf8") };
  };
  return {
    pair: pairOf,
    authority(name) {
      const files = ["-keyout", `${name}.key`, "-out", `${name}.crt`];
      openssl("req", "-x509", ...CURVE, ...files, "-subj", `/CN=${name}`, ...DAYS);
      return pairOf(name);
    },
    issue(name, { subject = `/CN=${name}`, names, by = "ca" } = {}) {
      const files = ["-keyout", `${name}.key`, "-out", `${name}.csr`];
      openssl("req", ...CURVE, ...files, "-subj", subject, "-utf8");
      const usage = "extendedKeyUsage=clientAuth,serverAuth\n";
      writeFileSync(join(dir, `${name}.ext`), names === undefined ? usage : `${usage}subjectAltName=${names}\n`);
      const signer = ["-CA", `${by}.crt`, "-CAkey", `${by}.key`, "-CAcreateserial", "-extfile", `${name}.ext`];
      openssl("x509", "-req", "-in", `${name}.csr`, "-out", `${name}.crt`, ...signer, ...DAYS);
      return pairOf(name);
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** For `localhost` and 127.0.0.1, signed by itself. */
export function selfSigned({ rsaBits }: { readonly rsaBits?: number } = {}): Pair {
  const dir = mkdtempSync(join(tmpdir(), "sluice-pki-"));
  try {
    const kind = rsaBits === undefined ? CURVE : ["-newkey", `rsa:${rsaBits}`, "-nodes"];
    const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
    const args = ["req", "-x509", ...kind, "-keyout", "key", "-out", "cert", ...names, ...DAYS];
    execFileSync("openssl", args, { cwd: dir, stdio: "pipe" });
    const read = (name: string): string => readFileSync(join(dir, name), "utf8");
    return { key: read("key"), cert: read("cert") };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
