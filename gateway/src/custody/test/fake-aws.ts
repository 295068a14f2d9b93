/**
 * Stands in for AWS KMS and Secrets Manager: the calls that are used, in JSON 1.1 over HTTP, with AES-GCM that is real. A request
 * without a Signature Version 4 of today is refused.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export const ACCESS_KEY = "AKIACANARY0000000000";
export const SECRET_KEY = "canary/secret/access/key/000000000000000";

export interface FakeAws {
  readonly endpoint: URL;
  readonly secrets: Map<string, string>;
  /** `X-Amz-Target` of every request. */
  readonly asked: string[];
  down: boolean;
  addKey(alias: string): string;
  disable(arn: string, disabled: boolean): void;
  /** Every EncryptionContext that was seen, as CloudTrail would keep it. */
  readonly contexts: string[];
  close(): Promise<void>;
}

interface Key {
  readonly arn: string;
  readonly id: Buffer;
  readonly versions: Buffer[];
  readonly rotations: number[];
  disabled: boolean;
}

interface Body {
  readonly KeyId?: string;
  readonly Plaintext?: string;
  readonly CiphertextBlob?: string;
  readonly EncryptionContext?: Readonly<Record<string, string>>;
  readonly SecretId?: string;
}

/** The client finds its credentials in the environment, as on a machine. */
export async function startFakeAws(): Promise<FakeAws> {
  process.env["AWS_ACCESS_KEY_ID"] = ACCESS_KEY;
  process.env["AWS_SECRET_ACCESS_KEY"] = SECRET_KEY;
  process.env["AWS_REGION"] = "eu-central-1";
  const keys = new Map<string, Key>();
  const server = createServer((request, response) => {
    void read(request).then((text) => {
      if (fake.down) {
        request.socket.destroy();
        return;
      }
      const target = String(request.headers["x-amz-target"]);
      fake.asked.push(target);
      const { status, body } = signed(request)
        ? answer(target.split(".")[1] ?? "", JSON.parse(text) as Body)
        : refuse("MissingAuthenticationTokenException");
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const fake: FakeAws = {
    endpoint: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    secrets: new Map(),
    asked: [],
    contexts: [],
    down: false,
    addKey(alias) {
      const id = randomBytes(16);
      const arn = `arn:aws:kms:eu-central-1:111122223333:key/${id.toString("hex")}`;
      const key: Key = { arn, id, versions: [randomBytes(32)], rotations: [], disabled: false };
      keys.set(arn, key).set(alias, key);
      return arn;
    },
    disable(arn, disabled) {
      const key = keys.get(arn);
      if (key !== undefined) key.disabled = disabled;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  function answer(action: string, body: Body): { status: number; body: unknown } {
    if (action === "GetSecretValue") {
      const value = fake.secrets.get(body.SecretId ?? "");
      if (value === undefined) return refuse("ResourceNotFoundException");
      return { status: 200, body: { Name: body.SecretId, SecretString: value, VersionId: "v" } };
    }
    const key = keys.get(body.KeyId ?? "");
    if (key === undefined) return refuse("NotFoundException");
    if (action === "DescribeKey") {
      const KeyState = key.disabled ? "Disabled" : "Enabled";
      const KeyMetadata = { KeyId: key.arn, Arn: key.arn, KeySpec: "SYMMETRIC_DEFAULT", KeyState, CreationDate: 1.7e9 };
      return { status: 200, body: { KeyMetadata } };
    }
    if (key.disabled) return refuse("DisabledException");
    switch (action) {
      case "Encrypt":
        return encrypt(key, body);
      case "Decrypt":
        return decrypt(key, body);
      case "RotateKeyOnDemand":
        key.versions.push(randomBytes(32));
        key.rotations.push(Date.now() / 1_000);
        return { status: 200, body: { KeyId: key.arn } };
      case "ListKeyRotations":
        return {
          status: 200,
          body: {
            Rotations: key.rotations.map((RotationDate) => ({ KeyId: key.arn, RotationDate })),
            Truncated: false,
          },
        };
      default:
        return refuse("UnknownOperationException");
    }
  }

  /** Blob: key id ‖ version ‖ nonce ‖ ciphertext ‖ tag. */
  function encrypt(key: Key, body: Body): { status: number; body: unknown } {
    fake.contexts.push(JSON.stringify(body.EncryptionContext));
    const head = Buffer.concat([key.id, Buffer.of(key.versions.length)]);
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", key.versions.at(-1) ?? Buffer.alloc(0), nonce);
    cipher.setAAD(Buffer.concat([head, contextBytes(body)]));
    const sealed = [cipher.update(body.Plaintext ?? "", "base64"), cipher.final(), cipher.getAuthTag()];
    const CiphertextBlob = Buffer.concat([head, nonce, ...sealed]).toString("base64");
    return { status: 200, body: { CiphertextBlob, KeyId: key.arn, EncryptionAlgorithm: "SYMMETRIC_DEFAULT" } };
  }

  function decrypt(key: Key, body: Body): { status: number; body: unknown } {
    const blob = Buffer.from(body.CiphertextBlob ?? "", "base64");
    const known = [...keys.values()].find(({ id }) => blob.subarray(0, 16).equals(id));
    if (blob.length < 45 || known === undefined) return refuse("InvalidCiphertextException");
    if (known !== key) return refuse("IncorrectKeyException");
    const version = key.versions[(blob[16] ?? 0) - 1];
    if (version === undefined) return refuse("InvalidCiphertextException");
    const decipher = createDecipheriv("aes-256-gcm", version, blob.subarray(17, 29));
    decipher.setAAD(Buffer.concat([blob.subarray(0, 17), contextBytes(body)])).setAuthTag(blob.subarray(-16));
    try {
      const plaintext = Buffer.concat([decipher.update(blob.subarray(29, -16)), decipher.final()]);
      return { status: 200, body: { Plaintext: plaintext.toString("base64"), KeyId: key.arn } };
    } catch {
      return refuse("InvalidCiphertextException");
    }
  }

  return fake;
}

const contextBytes = (body: Body): Buffer =>
  Buffer.from(JSON.stringify(Object.entries(body.EncryptionContext ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))));

const refuse = (name: string) => ({ status: 400, body: { __type: name, message: "canary text of an error" } });

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function signed(request: IncomingMessage): boolean {
  const day = new Date().toISOString().slice(0, 10).replaceAll("-", "");
  const form = new RegExp(
    `^AWS4-HMAC-SHA256 Credential=${ACCESS_KEY}/${day}/eu-central-1/(?:kms|secretsmanager)/aws4_request, ` +
      "SignedHeaders=[a-z0-9;-]*host[a-z0-9;-]*x-amz-date[a-z0-9;-]*, Signature=[0-9a-f]{64}$",
  );
  return form.test(request.headers.authorization ?? "") && request.headers["x-amz-date"]?.slice(0, 8) === day;
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
