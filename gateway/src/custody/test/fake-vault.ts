/**
 * Stands in for Vault or OpenBao: the calls that are used, over TLS, with keys and ciphers that are real. Strange habits of the
 * original are kept where a client could stumble over them: `v0` means `v1`, what is wrong answers 400 with a message, and a
 * deleted version of a secret answers 404 with a body.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { selfSigned } from "../../core/test/pki.ts";

export interface FakeVault {
  readonly url: URL;
  readonly ca: string;
  readonly roleId: string;
  secretId: string;
  /** A token that is always good. */
  readonly rootToken: string;
  /** path → versions; undefined is a deleted one. */
  readonly secrets: Map<string, (Readonly<Record<string, unknown>> | undefined)[]>;
  /** `METHOD path` of every request. */
  readonly asked: string[];
  /** Namespace that requests must name; absent: none. */
  namespace: string | undefined;
  leaseSeconds: number;
  /** Cuts every request. */
  down: boolean;
  /** Ends all tokens that were given out. */
  revoke(): void;
  /** Answers every request so, when set. */
  reply: { readonly status: number; readonly body: string } | undefined;
  close(): Promise<void>;
}

interface Key {
  readonly type: string;
  readonly versions: { readonly key: Buffer; readonly made: number }[];
  minDecryptionVersion: number;
}

export async function startFakeVault(): Promise<FakeVault> {
  const { key, cert: ca } = selfSigned();

  const keys = new Map<string, Key>();
  const tokens = new Map<string, number>();
  const server = createServer({ key, cert: ca }, (request, response) => {
    void read(request).then((text) => {
      if (fake.down) {
        request.socket.destroy();
        return;
      }
      fake.asked.push(`${request.method} ${request.url}`);
      const { status, body } = fake.reply ?? answer(request, text);
      response.writeHead(status, { "content-type": "application/json" });
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const fake: FakeVault = {
    url: new URL(`https://localhost:${(server.address() as AddressInfo).port}`),
    ca,
    roleId: "role-canary-5521",
    secretId: "secret-id-canary-8113",
    rootToken: "hvs.canary-root-token-4402",
    secrets: new Map(),
    asked: [],
    namespace: undefined,
    leaseSeconds: 3_600,
    down: false,
    reply: undefined,
    revoke: () => tokens.clear(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  const ok = (data: unknown) => ({ status: 200, body: JSON.stringify({ data }) });
  const fail = (status: number, ...errors: string[]) => ({ status, body: JSON.stringify({ errors }) });

  function answer(request: IncomingMessage, text: string): { status: number; body: string } {
    const [, version, ...path] = (request.url ?? "").split("/").map(decodeURIComponent);
    const body = (text === "" ? {} : JSON.parse(text)) as Record<string, string | undefined>;
    if (version !== "v1") return fail(404);
    if (fake.namespace !== undefined && request.headers["x-vault-namespace"] !== fake.namespace)
      return fail(404, "no handler for route");
    if (path.join("/") === "auth/approle/login") {
      if (body["role_id"] !== fake.roleId || body["secret_id"] !== fake.secretId)
        return fail(400, "invalid role or secret ID");
      const token = `hvs.${randomBytes(12).toString("hex")}`;
      tokens.set(token, Date.now() + fake.leaseSeconds * 1_000);
      const auth = { client_token: token, lease_duration: fake.leaseSeconds, renewable: true };
      return { status: 200, body: JSON.stringify({ auth }) };
    }
    const token = String(request.headers["x-vault-token"]);
    if (token !== fake.rootToken && (tokens.get(token) ?? 0) <= Date.now()) return fail(403, "permission denied");
    const [mount, verb = "", name = "", more] = path;
    if (mount === "transit") return transit(request.method ?? "", verb, name, more, body);
    if (verb === "data" && request.method === "GET") return secret(path.slice(2).join("/"));
    return fail(404, "no handler for route");
  }

  function secret(path: string): { status: number; body: string } {
    const versions = fake.secrets.get(path);
    if (versions === undefined) return fail(404);
    const data = versions.at(-1);
    const metadata = { version: versions.length, destroyed: false, deletion_time: data === undefined ? "2026" : "" };
    if (data === undefined) return { status: 404, body: JSON.stringify({ data: { data: null, metadata } }) };
    return ok({ data, metadata });
  }

  function transit(
    method: string,
    verb: string,
    name: string,
    more: string | undefined,
    body: Record<string, string | undefined>,
  ): { status: number; body: string } {
    const known = keys.get(name);
    if (verb === "keys" && more === "rotate") {
      if (known === undefined) return fail(400, "key not found");
      known.versions.push({ key: randomBytes(32), made: Date.now() });
      return ok({});
    }
    if (verb === "keys" && method === "POST") {
      if (known === undefined)
        keys.set(name, {
          type: body["type"] ?? "aes256-gcm96",
          versions: [{ key: randomBytes(32), made: Date.now() }],
          minDecryptionVersion: 1,
        });
      return ok({});
    }
    if (verb === "keys") {
      if (known === undefined) return fail(404);
      const made = known.versions.map(({ made: ms }, at) => [at + 1, Math.floor(ms / 1_000)]);
      return ok({
        type: known.type,
        derived: false,
        exportable: false,
        deletion_allowed: false,
        latest_version: known.versions.length,
        keys: Object.fromEntries(made) as unknown,
      });
    }
    if (known === undefined) return fail(400, "encryption key not found");
    const aad = Buffer.from(body["associated_data"] ?? "", "base64");
    if (verb === "encrypt") {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", known.versions.at(-1)?.key ?? Buffer.alloc(0), nonce).setAAD(aad);
      const sealed = [nonce, cipher.update(body["plaintext"] ?? "", "base64"), cipher.final(), cipher.getAuthTag()];
      return ok({ ciphertext: `vault:v${known.versions.length}:${Buffer.concat(sealed).toString("base64")}` });
    }
    if (verb !== "decrypt") return fail(404, "unsupported path");
    const parts = /^vault:v(\d+):(.*)$/s.exec(body["ciphertext"] ?? "");
    if (parts === null) return fail(400, "invalid ciphertext: no prefix");
    const number = Math.max(1, Number(parts[1]));
    if (number > known.versions.length) return fail(400, "invalid ciphertext: version is too new");
    if (number < known.minDecryptionVersion)
      return fail(400, "ciphertext or signature version is disallowed by policy (too old)");
    const sealed = Buffer.from(parts[2] ?? "", "base64");
    if (sealed.length < 28) return fail(400, "invalid ciphertext: could not decode base64");
    const at = known.versions[number - 1]?.key ?? Buffer.alloc(0);
    const decipher = createDecipheriv("aes-256-gcm", at, sealed.subarray(0, 12)).setAAD(aad);
    decipher.setAuthTag(sealed.subarray(-16));
    try {
      const plaintext = Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
      return ok({ plaintext: plaintext.toString("base64") });
    } catch {
      return fail(400, "cipher: message authentication failed");
    }
  }

  return fake;
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
