/** A gateway whose log is stamped by authorities that are `openssl ts -reply` behind a socket, and audited over HTTP. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { httpSource, parseLogInfo, parseTimestampRoots, verifyLog } from "@sluice/verifier";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { issue, pem } from "../../../verifier/src/timestamp/test/authority.ts";
import { documentFor } from "./test/config.ts";
import { type Started, startForTest } from "./test/running.ts";

const CONFIGURATION = `[tsa]
default_tsa = here
[here]
serial = serial
default_policy = 1.2.3.4.1
digests = sha256
signer_digest = sha256
ess_cert_id_alg = sha256
accuracy = secs:1
`;

const folder = mkdtempSync(join(tmpdir(), "sluice-timestamps-"));
const servers: Server[] = [];
let gateway: Started;
let roots = "";

/** Where it is asked. Requests come one at a time: two would write one file. */
async function openAuthority(name: string): Promise<{ url: string; roots: string }> {
  const root = issue(Date.now(), { subject: `Root ${name}`, ca: true });
  const signer = issue(Date.now(), { subject: name, by: root });
  const file = (suffix: string): string => join(folder, `${name}.${suffix}`);
  writeFileSync(file("pem"), pem(signer.certificate));
  writeFileSync(file("key"), signer.privateKey.export({ type: "pkcs8", format: "pem" }));
  writeFileSync(file("roots"), pem(root.certificate));
  roots += pem(root.certificate);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      writeFileSync(file("tsq"), Buffer.concat(chunks));
      const args = ["-queryfile", file("tsq"), "-signer", file("pem"), "-inkey", file("key"), "-out", file("tsr")];
      execFileSync("openssl", ["ts", "-reply", "-config", "conf", ...args], { cwd: folder, stdio: "pipe" });
      response.writeHead(200, { "content-type": "application/timestamp-reply" }).end(readFileSync(file("tsr")));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/tsr`, roots: file("roots") };
}

// Debian: apt-get install openssl
describe.skipIf(spawnSync("openssl", ["version"]).status !== 0)("a gateway with time-stamping authorities", () => {
  beforeAll(async () => {
    writeFileSync(join(folder, "conf"), CONFIGURATION);
    writeFileSync(join(folder, "serial"), "01\n");
    const authorities: object[] = [];
    for (const name of ["one", "two"])
      authorities.push({ ...(await openAuthority(name)), allow_private_address: true });
    const { document } = await documentFor({});
    gateway = await startForTest(() => JSON.stringify({ ...document, rehearsal: true, timestamps: { authorities } }));
  });

  afterAll(async () => {
    await gateway.stop();
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("has its log stamped by both soon after it starts, and serves what an auditor needs", async () => {
    const source = httpSource(`${gateway.url}/evidence/`, fetch);
    const { vkeys } = parseLogInfo((await source.read("log.json")) ?? "");
    const audit = () =>
      verifyLog(source, { vkeys, timestamps: { roots: parseTimestampRoots(roots), now: Date.now() } });
    let report = await audit();
    while ((report.timestamps?.verified ?? 0) < 2) {
      await new Promise((resolve) => {
        setTimeout(resolve, 200);
      });
      report = await audit();
    }
    expect(report.problems).toEqual([]);
    expect(report.timestamps?.authorities).toEqual(["CN=one", "CN=two"]);

    const [path = ""] = await stampsNamed();
    const stamp = await fetch(`${gateway.url}/evidence/${path}`);
    expect(stamp.headers.get("content-type")).toBe("application/timestamp-reply");
    expect(stamp.headers.get("cache-control")).toContain("immutable");
    for (const wrong of ["ts/", "ts/index", "ts/01.checkpoint", path.replace(".tsr", ".key"), "ts/../checkpoint.x"]) {
      expect((await fetch(`${gateway.url}/evidence/${wrong}`)).status).toBe(404);
    }
  });
});

/** Paths that the log's own entries name. */
async function stampsNamed(): Promise<string[]> {
  const source = httpSource(`${gateway.url}/evidence/`, fetch);
  const size = Number(
    Buffer.from((await source.read("checkpoint")) ?? "")
      .toString()
      .split("\n")[1],
  );
  const bundle = await source.read(`tile/entries/000.p/${size}`);
  return (
    Buffer.from(bundle ?? "")
      .toString("latin1")
      .match(/ts\/\d+\.\d+\.tsr/g) ?? []
  );
}
