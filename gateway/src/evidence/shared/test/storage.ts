/** Storage that speaks as much S3 as a log needs, and checks every signature. Objects live in memory. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { AwsV4Signer } from "aws4fetch";
import { Secret } from "../../../core/secret.ts";
import { afterTest } from "../../test/opened.ts";
import type { S3Options } from "../s3.ts";

const BUCKET = "log-bucket";
const REGION = "eu-central-1";
const KEYS_PER_PAGE = 7;

export interface TestStorage {
  readonly options: S3Options;
  readonly objects: Map<string, Buffer>;
  /** Statuses of the next answers, whatever is asked. */
  readonly failures: number[];
}

export async function startStorage(): Promise<TestStorage> {
  const objects = new Map<string, Buffer>();
  const failures: number[] = [];
  const [accessKey, secretKey] = ["AKIDTEST", "secret"];

  async function isSigned(request: IncomingMessage, body: Buffer): Promise<boolean> {
    const signer = new AwsV4Signer({
      method: request.method ?? "",
      url: `http://${request.headers.host}${request.url}`,
      headers: { "x-amz-content-sha256": String(request.headers["x-amz-content-sha256"]) },
      body: Uint8Array.from(body),
      accessKeyId: accessKey,
      secretAccessKey: secretKey,
      service: "s3",
      region: REGION,
      datetime: String(request.headers["x-amz-date"]),
    });
    return (await signer.authHeader()) === request.headers.authorization;
  }

  function answer(request: IncomingMessage, body: Buffer): { status: number; body?: string | Buffer | undefined } {
    const url = new URL(request.url ?? "", "http://storage");
    if (!url.pathname.startsWith(`/${BUCKET}/`)) return { status: 404 };
    const key = decodeURIComponent(url.pathname.slice(BUCKET.length + 2));
    if (url.searchParams.get("list-type") === "2") {
      const prefix = url.searchParams.get("prefix") ?? "";
      const after = url.searchParams.get("start-after") ?? "";
      const keys = [...objects.keys()].filter((each) => each.startsWith(prefix) && each > after).toSorted();
      const page = keys.slice(0, KEYS_PER_PAGE).map((each) => `<Contents><Key>${each}</Key></Contents>`);
      const more = keys.length > KEYS_PER_PAGE;
      return {
        status: 200,
        body: `<ListBucketResult><IsTruncated>${more}</IsTruncated>${page.join("")}</ListBucketResult>`,
      };
    }
    if (request.method === "PUT") {
      objects.set(key, body);
      return { status: 200 };
    }
    if (request.method === "DELETE") return { status: objects.delete(key) ? 204 : 404 };
    const object = objects.get(key);
    return object === undefined ? { status: 404 } : { status: 200, body: object };
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    const failure = failures.shift();
    const isRight = failure === undefined && (await isSigned(request, body));
    const given = isRight ? answer(request, body) : { status: failure ?? 403 };
    response.writeHead(given.status).end(given.body);
  }
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterTest(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as AddressInfo;
  return {
    objects,
    failures,
    options: {
      url: `http://127.0.0.1:${port}/${BUCKET}/sluice`,
      region: REGION,
      accessKey: new Secret(accessKey),
      secretKey: new Secret(secretKey),
    },
  };
}
