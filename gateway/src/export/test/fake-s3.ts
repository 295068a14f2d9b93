/**
 * An S3 server of ours: versioned buckets with Object Lock, for which every request's signature is computed anew from what the
 * request is (AWS Signature Version 4), and every checksum and lock is checked.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

interface StoredObject {
  readonly body: Buffer;
  readonly mode: string | undefined;
  /** Milliseconds since the epoch. */
  readonly until: number | undefined;
}

export interface FakeS3 {
  readonly url: URL;
  /** All versions by key, the newest last. */
  readonly objects: Map<string, StoredObject[]>;
  readonly refusals: string[];
  /** The bucket has no Object Lock: AWS then refuses the headers. */
  hasLock: boolean;
  /** As some stores do: takes the headers and locks nothing. */
  liesAboutLocks: boolean;
  /** Says that it has taken it, and has not. */
  losesObjects: boolean;
  /** As the owner of the key would. Throws AccessDenied. */
  deleteVersion(key: string, version: number, now: number, mayBypassGovernance?: boolean): void;
  close(): Promise<void>;
}

interface FakeS3Options {
  readonly bucket: string;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

class Refusal extends Error {
  readonly status: number;
  constructor(status: number, code: string) {
    super(code);
    this.status = status;
  }
}

export async function startFakeS3(options: FakeS3Options): Promise<FakeS3> {
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      try {
        const headers = serve(req, Buffer.concat(chunks));
        res.writeHead(200, headers).end();
      } catch (thrown) {
        const refusal = thrown instanceof Refusal ? thrown : new Refusal(500, "InternalError");
        s3.refusals.push(refusal.message);
        res
          .writeHead(refusal.status, { "content-type": "application/xml" })
          .end(req.method === "HEAD" ? undefined : `<Error><Code>${refusal.message}</Code></Error>`);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  function serve(req: IncomingMessage, body: Buffer): Record<string, string> {
    const url = new URL(req.url ?? "", "http://s3");
    checkSignature(req, url, body, options);
    const [, bucket, ...rest] = decodeURIComponent(url.pathname).split("/");
    if (bucket !== options.bucket) throw new Refusal(404, "NoSuchBucket");
    const key = rest.join("/");
    if (req.method === "HEAD") return describe(key);
    if (req.method !== "PUT") throw new Refusal(405, "MethodNotAllowed");
    return put(key, req, body);
  }

  function put(key: string, req: IncomingMessage, body: Buffer): Record<string, string> {
    const checksum = req.headers["x-amz-checksum-sha256"];
    if (checksum !== undefined && checksum !== createHash("sha256").update(body).digest("base64"))
      throw new Refusal(400, "BadDigest");
    const mode = req.headers["x-amz-object-lock-mode"];
    const until = req.headers["x-amz-object-lock-retain-until-date"];
    if ((mode === undefined) !== (until === undefined)) throw new Refusal(400, "InvalidArgument");
    if (mode !== undefined && !s3.hasLock) throw new Refusal(400, "InvalidRequest");
    if (mode !== undefined && checksum === undefined) throw new Refusal(400, "InvalidRequest");
    if (mode !== undefined && !["COMPLIANCE", "GOVERNANCE"].includes(String(mode)))
      throw new Refusal(400, "InvalidArgument");
    if (until !== undefined && !(Date.parse(String(until)) > Date.now())) throw new Refusal(400, "InvalidArgument");
    if (s3.losesObjects) return {};
    const isLocked = mode !== undefined && !s3.liesAboutLocks;
    const stored = {
      body,
      mode: isLocked ? String(mode) : undefined,
      until: isLocked ? Date.parse(String(until)) : undefined,
    };
    s3.objects.set(key, [...(s3.objects.get(key) ?? []), stored]);
    return { etag: '"x"' };
  }

  function describe(key: string): Record<string, string> {
    const newest = s3.objects.get(key)?.at(-1);
    if (newest === undefined) throw new Refusal(404, "NotFound");
    const { body, mode, until } = newest;
    return {
      "content-length": String(body.length),
      ...(mode === undefined || until === undefined
        ? {}
        : { "x-amz-object-lock-mode": mode, "x-amz-object-lock-retain-until-date": new Date(until).toISOString() }),
    };
  }

  const s3: FakeS3 = {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    objects: new Map(),
    refusals: [],
    hasLock: true,
    liesAboutLocks: false,
    losesObjects: false,
    deleteVersion(key, version, now, mayBypassGovernance = false) {
      const versions = s3.objects.get(key) ?? [];
      const { mode, until } = versions[version] ?? {};
      const isKept = until !== undefined && now < until && !(mode === "GOVERNANCE" && mayBypassGovernance);
      if (isKept) throw new Error("AccessDenied");
      s3.objects.set(key, versions.toSpliced(version, 1));
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return s3;
}

function checkSignature(
  req: IncomingMessage,
  url: URL,
  body: Buffer,
  { region, accessKey, secretKey }: FakeS3Options,
): void {
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/.exec(
      req.headers.authorization ?? "",
    );
  if (match === null) throw new Refusal(403, "AccessDenied");
  const [, id, day = "", place, names = "", signature = ""] = match;
  if (id !== accessKey || place !== region) throw new Refusal(403, "InvalidAccessKeyId");
  const stamp = String(req.headers["x-amz-date"]);
  const time = Date.parse(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (!stamp.startsWith(day) || !(Math.abs(Date.now() - time) < 900_000))
    throw new Refusal(403, "RequestTimeTooSkewed");
  const signed = names.split(";");
  // Every header of theirs has to be signed, the host too.
  const owned = Object.keys(req.headers).filter((name) => name.startsWith("x-amz-"));
  if (!signed.includes("host") || owned.some((name) => !signed.includes(name))) throw new Refusal(403, "AccessDenied");
  const hash = String(req.headers["x-amz-content-sha256"]);
  if (hash !== createHash("sha256").update(body).digest("hex")) throw new Refusal(400, "XAmzContentSHA256Mismatch");
  const query = [...url.searchParams]
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .toSorted()
    .join("&");
  const canonical = [
    req.method,
    url.pathname,
    query,
    ...signed.map((name) => `${name}:${String(req.headers[name]).trim().replace(/\s+/g, " ")}`),
    "",
    names,
    hash,
  ].join("\n");
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", stamp, scope, createHash("sha256").update(canonical).digest("hex")].join("\n");
  const mac = (key: string | Buffer, data: string): Buffer => createHmac("sha256", key).update(data).digest();
  const key = mac(mac(mac(mac(`AWS4${secretKey}`, day), region), "s3"), "aws4_request");
  if (!timingSafeEqual(mac(key, text), Buffer.from(signature, "hex"))) throw new Refusal(403, "SignatureDoesNotMatch");
}
