/**
 * A time-stamping authority to try things out with (RFC 3161 over HTTP), on this machine alone. It stamps with `openssl ts`, by this
 * machine's clock, under a root that it makes in the folder and that nobody else trusts. Never for anything else.
 *
 *   node examples/evidence/authority.ts <folder> [port]
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

const [folder = "authority", port = "8790"] = process.argv.slice(2);
const REQUEST_BYTES_MAX = 4_096;

const CONFIGURATION = `
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[signer]
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
authorityKeyIdentifier = keyid
[tsa]
default_tsa = stamps
[stamps]
serial = serial
signer_cert = signer.pem
signer_key = signer.key
signer_digest = sha256
certs = root.pem
digests = sha256, sha384, sha512
default_policy = 1.3.6.1.4.1.99999.1
ess_cert_id_alg = sha256
`;

const openssl = (line: string): Buffer =>
  execFileSync("openssl", line.split(" "), { cwd: folder, stdio: ["ignore", "pipe", "ignore"] });

if (!existsSync(join(folder, "signer.pem"))) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, "openssl.cnf"), CONFIGURATION);
  writeFileSync(join(folder, "serial"), "01\n");
  const key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -config openssl.cnf";
  openssl(`req -x509 ${key} -keyout root.key -out root.pem -days 365 -subj /CN=Rehearsal-root -extensions root`);
  openssl(`req ${key} -keyout signer.key -out signer.csr -subj /CN=Rehearsal-stamps`);
  openssl(
    "x509 -req -in signer.csr -CA root.pem -CAkey root.key -out signer.pem -days 365 -extfile openssl.cnf -extensions signer",
  );
}

createServer((request, response) => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > REQUEST_BYTES_MAX) request.destroy();
    else chunks.push(chunk);
  });
  request.on("end", () => {
    writeFileSync(join(folder, "query"), Buffer.concat(chunks));
    try {
      const stamp = openssl("ts -reply -config openssl.cnf -queryfile query");
      response.writeHead(200, { "content-type": "application/timestamp-reply" }).end(stamp);
    } catch {
      response.writeHead(400).end();
    }
  });
}).listen(Number(port), "127.0.0.1", () => {
  console.log(`time-stamping authority for trying out: http://127.0.0.1:${port}, root ${join(folder, "root.pem")}`);
});
