/**
 * A real rsyslogd that takes messages over TLS with client certificates and writes them into a file as they came. Runs in a folder
 * of its own as somebody without rights. Killed, it is gone as by a power cut; what it had in memory is lost.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { PkiPair } from "../../core/test/pki.ts";

const BINARY = "/usr/sbin/rsyslogd";
/** `nobody` of every Debian. */
const NOBODY = 65_534;

/** Why it cannot be run here; undefined when it can. */
export function whyNoRsyslog(): string | undefined {
  if (!existsSync(BINARY)) return "rsyslogd is not installed (apt-get install rsyslog rsyslog-gnutls)";
  const modules = execFileSync("sh", [
    "-c",
    "ls /usr/lib/*/rsyslog/lmnsd_gtls.so /usr/lib/rsyslog/lmnsd_gtls.so 2>/dev/null || true",
  ]);
  return modules.toString().trim() === "" ? "rsyslog has no TLS (apt-get install rsyslog-gnutls)" : undefined;
}

interface RsyslogOptions {
  readonly port: number;
  readonly ca: PkiPair;
  readonly server: PkiPair;
  /** Name in the client's certificate. */
  readonly peer: string;
  /** It keeps what it has read in memory for a while, about 2,000 messages a second leave it. */
  readonly isSlow?: boolean;
}

export interface Rsyslog {
  start(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Messages that are in the file. */
  lines(): readonly string[];
  remove(): Promise<void>;
}

export function openRsyslog({ port, ca, server, peer, isSlow = false }: RsyslogOptions): Rsyslog {
  const dir = mkdtempSync(join(tmpdir(), "sluice-rsyslog-"));
  const isRoot = userInfo().uid === 0;
  const out = join(dir, "out.log");
  const slowness = isSlow
    ? ' queue.type="LinkedList" queue.size="50000" queue.dequeueBatchSize="10" queue.dequeueSlowdown="5000"'
    : "";
  mkdirSync(join(dir, "work"));
  for (const [name, from] of [
    ["ca.pem", ca.certFile],
    ["server.pem", server.certFile],
    ["server.key", server.keyFile],
  ] as const)
    copyFileSync(from, join(dir, name));
  writeFileSync(
    join(dir, "rsyslog.conf"),
    `global(
  workDirectory="${dir}/work"
  maxMessageSize="64k"
  defaultNetstreamDriver="gtls"
  defaultNetstreamDriverCAFile="${dir}/ca.pem"
  defaultNetstreamDriverCertFile="${dir}/server.pem"
  defaultNetstreamDriverKeyFile="${dir}/server.key"
)
module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="x509/name" permittedPeer=["${peer}"])
template(name="raw" type="string" string="%rawmsg%\\n")
ruleset(name="in"${slowness}) { action(type="omfile" file="${out}" template="raw") }
input(type="imtcp" address="127.0.0.1" port="${port}" ruleset="in")
`,
  );
  if (isRoot)
    for (const name of ["", "work", "ca.pem", "server.pem", "server.key", "rsyslog.conf"])
      chownSync(join(dir, name), NOBODY, NOBODY);
  chmodSync(dir, 0o755);

  let child: ChildProcess | undefined;
  let said = "";
  return {
    async start() {
      const args = ["-n", "-f", join(dir, "rsyslog.conf"), "-i", join(dir, "work", "pid")];
      child = spawn(BINARY, args, {
        cwd: dir,
        stdio: ["ignore", "pipe", "pipe"],
        ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}),
      });
      child.stdout?.on("data", (chunk: Buffer) => (said += chunk.toString()));
      child.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
      for (let tries = 0; tries < 200; tries++) {
        if (await answers(port)) return;
        await sleep(50);
      }
      throw new Error(`rsyslogd does not listen: ${said}`);
    },
    async kill() {
      const dying = child;
      if (dying === undefined || dying.exitCode !== null || dying.signalCode !== null) return;
      const gone = new Promise((resolve) => dying.once("exit", resolve));
      dying.kill("SIGKILL");
      await gone;
      rmSync(join(dir, "work", "pid"), { force: true });
    },
    lines: () =>
      existsSync(out)
        ? readFileSync(out, "utf8")
            .split("\n")
            .filter((line) => line !== "")
        : [],
    async remove() {
      await this.kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
