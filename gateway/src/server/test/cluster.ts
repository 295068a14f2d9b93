/**
 * Gateways as processes of their own that write one log, behind a tiny load balancer, and what a client of theirs goes through while
 * they are killed: requests, a review, a grant that is revoked, a session. What was answered is kept, and held against the log.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import {
  parseBundle,
  parseLogInfo,
  type Report,
  type Source,
  TILE_WIDTH,
  tilePath,
  verifyLog,
  verifyProof,
} from "@sluice/verifier";
import type { Secret } from "../../core/secret.ts";
import { AUDIENCE, CLIENT, type Idp, startIdp } from "../../identity/test/idp.ts";
import {
  CLIENT_ID,
  CLIENT_SECRET,
  type LoginProvider,
  startLoginProvider,
  TestBrowser,
} from "../../identity/test/login-provider.ts";
import { documentFor } from "./config.ts";
import { freePort } from "./free-port.ts";
import { startUpstream, type Upstream } from "./upstream.ts";

const ORIGIN = "cluster.example/log";
const HEALTH = "My mother has been treated for asthma since May.";
const POLICIES = `
@id("all") permit(principal, action, resource);
@id("health-needs-a-yes")
@approve("officers")
permit(principal, action == Action::"infer", resource) when { context.categories.contains("health") };
`;
const GATEWAYS = 2;
const WRITERS = 4;
const READY_MS = 30_000;
const STORY_MS = 30_000;
const KILL_WITHIN_MS = 600;

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** Index of the record. */
  readonly evidence: number | undefined;
}

export interface Story {
  /** Requests that were answered, by index of their intent. */
  readonly acknowledged: ReadonlySet<number>;
  /** Reviews that were decided and revoked while a gateway was killed. */
  readonly decided: number;
  readonly sessionsEnded: number;
}

export class Cluster {
  readonly folder: string;
  readonly #root: string;
  readonly #gateways: { readonly dir: string; readonly port: number; child: ChildProcess }[] = [];
  readonly #balancer: Server;
  readonly #clients = new Set<Socket>();
  #next = 0;
  readonly #upstream: Upstream;
  readonly #idp: Idp;
  readonly #website: LoginProvider;
  readonly #key: string;
  readonly #officer: string;
  readonly #acknowledged = new Set<number>();
  readonly #checkpoints: string[] = [];
  #decided = 0;
  #sessionsEnded = 0;

  private constructor(parts: {
    root: string;
    upstream: Upstream;
    idp: Idp;
    website: LoginProvider;
    key: string;
    officer: string;
  }) {
    this.#root = parts.root;
    this.folder = join(parts.root, "shared");
    this.#upstream = parts.upstream;
    this.#idp = parts.idp;
    this.#website = parts.website;
    this.#key = parts.key;
    this.#officer = parts.officer;
    this.#balancer = createServer((client) => {
      this.#clients.add(client);
      client.on("error", () => client.destroy());
      client.on("close", () => this.#clients.delete(client));
      const ports = this.#gateways.map((_, at) => this.#gateways[(this.#next + at) % GATEWAYS]?.port ?? 0);
      this.#next += 1;
      const dial = ([port, ...others]: number[]): void => {
        if (port === undefined) return void client.destroy();
        const server = connect(port, "127.0.0.1");
        server.once("error", () => dial(others));
        server.once("connect", () => {
          server.removeAllListeners("error");
          server.on("error", () => client.destroy());
          server.on("close", () => client.destroy());
          client.on("close", () => server.destroy());
          client.pipe(server).pipe(client);
        });
      };
      dial(ports);
    });
  }

  static async start(database: Secret): Promise<Cluster> {
    const root = mkdtempSync(join(tmpdir(), "sluice-cluster-"));
    const upstream = await startUpstream((_, res) => {
      res.writeHead(200, { "content-type": "application/json" });
      res.end(JSON.stringify({ choices: [{ index: 0, message: { role: "assistant", content: "ok" } }] }));
    });
    const idp = await startIdp();
    const balancerPort = await freePort();
    const website = await startLoginProvider([`http://127.0.0.1:${balancerPort}/login/callback`]);
    const main = { kind: "openai", url: `${upstream.url}/v1`, credential: "none", recipient: "acme", models: ["m"] };
    const { document, token } = await documentFor({ main: { ...main, allow_private_address: true } });
    Object.assign((document["purposes"] as Record<string, object>)["support"] ?? {}, { condition: "eu-gdpr:A9-2-h" });
    for (const key of Object.values(document.keys)) key["limits"] = { requests_per_minute: 100_000 };
    const officer = await idp.token({ sub: "olga", groups: ["Officers"] });
    const cluster = new Cluster({ root, upstream, idp, website, key: token, officer });
    mkdirSync(cluster.folder);
    writeFileSync(join(root, "database-url"), database.reveal(), { mode: 0o600 });
    writeFileSync(join(root, "client-secret"), CLIENT_SECRET, { mode: 0o600 });
    mkdirSync(join(root, "policies"));
    writeFileSync(join(root, "policies", "all.cedar"), POLICIES);
    await new Promise<void>((resolve) => cluster.#balancer.listen(balancerPort, "127.0.0.1", resolve));
    const oidc = { kind: "oidc", groups_claim: "groups" };
    for (let at = 0; at < GATEWAYS; at++) {
      const [dir, port] = [join(root, `gateway-${at}`), await freePort()];
      mkdirSync(dir);
      if (at > 0) {
        for (const shared of ["keys", "custody"]) {
          cpSync(join(root, "gateway-0", "data", shared), join(dir, "data", shared), { recursive: true });
        }
      }
      const config = {
        ...document,
        listeners: [{ address: `127.0.0.1:${port}` }],
        evidence: { dir: "./data", origin: ORIGIN, public: true, shared: { folder: cluster.folder } },
        database: { url: `file:${join(root, "database-url")}` },
        policies: { dir: join(root, "policies") },
        reviews: { wait: "100ms", grant: "30m", pending_per_principal_max: 1000, hourly_per_principal_max: 10_000 },
        identity: {
          resource: `http://127.0.0.1:${balancerPort}`,
          providers: {
            corp: { ...oidc, issuer: idp.issuer, audience: [AUDIENCE], device: { client_id: CLIENT } },
            website: {
              ...oidc,
              issuer: website.issuer,
              audience: ["sluice"],
              client_id: CLIENT_ID,
              client_secret: `file:${join(root, "client-secret")}`,
            },
          },
          groups: {
            officers: {
              from: ["corp:Officers", "website:Support EMEA"],
              roles: ["user", "approver"],
              purposes: ["support"],
            },
          },
        },
      };
      writeFileSync(join(dir, "sluice.yaml"), JSON.stringify(config));
      cluster.#gateways.push({ dir, port, child: await launch(dir, port) });
    }
    return cluster;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#balancer.address() as AddressInfo).port}`;
  }

  /** Kills a gateway at any moment of a story that goes on meanwhile, and starts it again. Throws what has not survived. */
  async round(): Promise<void> {
    const victim = this.#gateways[randomInt(GATEWAYS)];
    if (victim === undefined) throw new Error("assertion: there are gateways");
    const browser = new TestBrowser();
    await browser.follow(`${this.url}/login?return=/reviews`, `${this.url}/reviews`);
    const cookie = [...browser.cookies(new URL(this.url).host)].map((pair) => pair.join("=")).join("; ");
    const stop = new AbortController();
    const writing = Promise.all(Array.from({ length: WRITERS }, () => this.#write(stop.signal)));
    const story = Promise.all([this.#review(), this.#session(cookie)]);
    story.catch(() => undefined);
    try {
      await pause(randomInt(KILL_WITHIN_MS));
      victim.child.kill("SIGKILL");
      await new Promise((resolve) => victim.child.once("exit", resolve));
      await story;
    } finally {
      stop.abort();
      await writing;
    }
    const checkpoint = await this.#file("checkpoint");
    if (checkpoint !== undefined) this.#checkpoints.push(checkpoint.toString("utf8"));
    victim.child = await launch(victim.dir, victim.port);
  }

  /** What was answered so far. */
  get story(): Story {
    return { acknowledged: this.#acknowledged, decided: this.#decided, sessionsEnded: this.#sessionsEnded };
  }

  /**
   * The log as an auditor sees it who kept a checkpoint of each round. Adds what the client has against it: an answer whose record
   * is not there, or is no intent, or whose receipt does not verify.
   */
  async audit(): Promise<Report & { readonly missing: readonly string[] }> {
    const last = Math.max(...this.#acknowledged);
    const proof = await this.#ask("GET", `/evidence/proof/${last}`);
    const source: Source = { read: (path) => this.#file(path) };
    const { vkeys } = parseLogInfo((await this.#file("log.json")) ?? new Uint8Array());
    const report = await verifyLog(source, { vkeys, origin: ORIGIN, earlier: this.#checkpoints });
    const entries: Uint8Array[] = [];
    const { size = 0 } = report;
    for (let at = 0; at * TILE_WIDTH < size; at++) {
      const width = Math.min(TILE_WIDTH, size - at * TILE_WIDTH);
      entries.push(...parseBundle((await this.#file(tilePath("entries", at, width))) ?? new Uint8Array()));
    }
    const missing: string[] = [];
    for (const index of this.#acknowledged) {
      const entry = entries[index];
      const type = entry === undefined ? "nothing" : typeOf(entry);
      if (type !== "intent") missing.push(`record ${index}: ${type}`);
    }
    const verified = await verifyProof(proof.text, entries[last] ?? new Uint8Array(), { vkeys, origin: ORIGIN });
    if (!verified.ok) missing.push(`the receipt of record ${last}`);
    return { ...report, missing };
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#gateways.map(async ({ child }) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        child.kill("SIGTERM");
        const late = setTimeout(() => child.kill("SIGKILL"), READY_MS);
        await new Promise((resolve) => child.once("exit", resolve));
        clearTimeout(late);
      }),
    );
    for (const client of this.#clients) client.destroy();
    await new Promise((resolve) => this.#balancer.close(resolve));
    await this.#website.close();
    await this.#idp.stop();
    await this.#upstream.close();
    rmSync(this.#root, { recursive: true, force: true });
  }

  /** One request after the other; the indexes of those that one client gets must grow. */
  async #write(signal: AbortSignal): Promise<void> {
    let last = -1;
    while (!signal.aborted) {
      const answer = await this.#chat("hello").catch(() => undefined);
      if (answer === undefined || answer.status !== 200) {
        await pause(10);
        continue;
      }
      if (answer.evidence === undefined) throw new Error("an answer has no receipt");
      if (answer.evidence <= last) throw new Error(`record ${answer.evidence} came after record ${last}`);
      if (this.#acknowledged.has(answer.evidence)) throw new Error(`two answers have the record ${answer.evidence}`);
      last = answer.evidence;
      this.#acknowledged.add(last);
    }
  }

  /** Asked at one gateway, decided wherever the officer lands, good for the request at any, and revoked for all of them. */
  async #review(): Promise<void> {
    const asked = await this.#until(
      () => this.#chat(HEALTH),
      ({ text }) => /rv-[0-9a-f]+/.test(text),
    );
    const review = /rv-[0-9a-f]+/.exec(asked.text)?.[0] ?? "";
    const vote = (): Promise<Answer> =>
      this.#ask("POST", `/api/reviews/${review}/votes`, this.#officer, { decision: "approve" });
    // A vote whose answer was lost is found to be given already.
    await this.#until(vote, ({ status }) => status === 200 || status === 409);
    const allowed = await this.#until(
      () => this.#chat(HEALTH),
      ({ status }) => status === 200,
    );
    if (allowed.evidence !== undefined) this.#acknowledged.add(allowed.evidence);
    const grant = await this.#until(
      () => this.#ask("GET", `/api/reviews/${review}`, this.#officer),
      ({ text }) => /gr-[0-9a-f]+/.test(text),
    );
    const id = /gr-[0-9a-f]+/.exec(grant.text)?.[0] ?? "";
    const revoke = (): Promise<Answer> => this.#ask("POST", `/api/grants/${id}/revoke`, this.#officer, {});
    await this.#until(revoke, ({ status }) => status === 200 || status === 409);
    for (let at = 0; at < GATEWAYS; at++) {
      const refused = await this.#until(
        () => this.#chat(HEALTH),
        () => true,
      );
      if (refused.status !== 403) throw new Error(`a revoked grant was good for a request: ${refused.status}`);
    }
    this.#decided += 1;
  }

  /** Known to all gateways until it ends, and to none afterwards. */
  async #session(cookie: string): Promise<void> {
    const page = (): Promise<Answer> =>
      this.#ask("GET", "/reviews", undefined, undefined, { cookie, accept: "text/html" });
    const shown = await this.#until(page, ({ status }) => status === 200);
    const csrf = /name="csrf" value="([^"]+)"/.exec(shown.text)?.[1] ?? "";
    const form = { cookie, "sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded" };
    const logout = (): Promise<Answer> =>
      this.#ask("POST", "/logout", undefined, new URLSearchParams({ csrf }).toString(), form);
    await this.#until(logout, ({ status }) => status === 200 || status === 401);
    for (let at = 0; at < GATEWAYS; at++) {
      const { status } = await this.#until(
        () => this.#ask("GET", "/reviews", undefined, undefined, { cookie }),
        () => true,
      );
      if (status !== 401) throw new Error(`a session that was ended is still good: ${status}`);
    }
    this.#sessionsEnded += 1;
  }

  /** Asks again while nobody answers, or a gateway says that it cannot just now. */
  async #until(ask: () => Promise<Answer>, isAnswer: (answer: Answer) => boolean): Promise<Answer> {
    const deadline = performance.now() + STORY_MS;
    for (;;) {
      const answer = await ask().catch((error: unknown) => String(error));
      if (typeof answer !== "string" && answer.status < 500 && isAnswer(answer)) return answer;
      if (performance.now() > deadline) {
        throw new Error(
          `no answer: ${typeof answer === "string" ? answer : `${answer.status} ${answer.text.slice(0, 300)}`}`,
        );
      }
      await pause(20);
    }
  }

  #chat(content: string): Promise<Answer> {
    return this.#ask("POST", "/v1/chat/completions", this.#key, { model: "m", messages: [{ role: "user", content }] });
  }

  #ask(
    method: string,
    path: string,
    key?: string,
    body?: object | string,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const asked = request(this.url + path, {
        method,
        // Each request on a connection of its own, so that the load balancer sends each to another gateway.
        agent: false,
        timeout: STORY_MS,
        headers: {
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
          ...(typeof body === "object" ? { "content-type": "application/json" } : {}),
          ...headers,
        },
      });
      asked.on("error", reject);
      asked.on("timeout", () => asked.destroy(new Error("timeout")));
      asked.on("response", (response) => {
        const pieces: Buffer[] = [];
        response.on("error", reject);
        response.on("data", (piece: Buffer) => pieces.push(piece));
        response.on("end", () => {
          const evidence = response.headers["sluice-evidence"];
          resolve({
            status: response.statusCode ?? 0,
            text: Buffer.concat(pieces).toString("utf8"),
            evidence: evidence === undefined ? undefined : Number(evidence),
          });
        });
      });
      asked.end(body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body));
    });
  }

  #file(path: string): Promise<Buffer | undefined> {
    try {
      return Promise.resolve(readFileSync(join(this.folder, path)));
    } catch {
      return Promise.resolve(undefined);
    }
  }
}

function typeOf(entry: Uint8Array): string {
  const leaf = JSON.parse(Buffer.from(entry).toString("utf8")) as { type?: string };
  return leaf.type ?? "nothing";
}

const MAIN = join(import.meta.dirname, "../../cli/main.ts");

/** Resolves when it is ready for requests. */
async function launch(dir: string, port: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", MAIN, "start"], { cwd: dir });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => (said += bytes.toString()));
  const deadline = performance.now() + READY_MS;
  for (;;) {
    const ready = await fetch(`http://127.0.0.1:${port}/ready`).catch(() => undefined);
    if (ready?.status === 200) return child;
    if (child.exitCode !== null || performance.now() > deadline) throw new Error(`a gateway did not start: ${said}`);
    await pause(50);
  }
}
