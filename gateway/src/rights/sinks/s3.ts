/**
 * Deletes all objects below a prefix in an S3-compatible store, older versions and delete markers too, so that what is gone stays gone
 * where the bucket keeps versions. What a lock protects is refused by the store, and becomes a residual.
 */
import { AwsClient } from "aws4fetch";
import type { CallableSink } from "../../core/rights.ts";
import type { SinkTools } from "./open.ts";
import { type Sink, sinkRefused, sinkUnavailable } from "./sink.ts";

type Settings = Extract<CallableSink, { readonly kind: "s3" }>;

interface ObjectVersion {
  readonly key: string;
  readonly version: string;
}

/** What is left of more than these is deleted by the next call; the sink has not answered until nothing is left. */
const OBJECTS_MAX = 100_000;
const PAGE = 1_000;
const DELETING_MAX = 4;

export function createS3Sink(settings: Settings, { send }: SinkTools, objectsMax = OBJECTS_MAX): Sink {
  const { name, endpoint, region, bucket, prefix, accessKey, secretKey } = settings;

  /** Path-style: one endpoint serves buckets of any name, private ones too. */
  function urlOf(key: string, query: Readonly<Record<string, string>>): URL {
    const path = key.split("/").map(encodeURIComponent).join("/");
    const url = new URL(`${endpoint.pathname.replace(/\/$/, "")}/${bucket}${key === "" ? "" : `/${path}`}`, endpoint);
    for (const [member, value] of Object.entries(query)) url.searchParams.set(member, value);
    return url;
  }

  async function call(method: "GET" | "DELETE", url: URL, gone: readonly number[] = []): Promise<string> {
    const client = new AwsClient({
      accessKeyId: accessKey.reveal(),
      secretAccessKey: secretKey.reveal(),
      service: "s3",
      region,
    });
    const signed = await client.sign(url, { method });
    const headers = Object.fromEntries(signed.headers);
    return send(settings, { method, url: new URL(signed.url), headers }, gone);
  }

  async function* versionsBelow(place: string): AsyncGenerator<readonly ObjectVersion[]> {
    let marker: Readonly<Record<string, string>> = {};
    for (let listed = 0; listed < objectsMax; ) {
      const page = await call(
        "GET",
        urlOf("", { versions: "", prefix: place, "encoding-type": "url", "max-keys": String(PAGE), ...marker }),
      );
      if (!page.includes("<ListVersionsResult")) throw sinkRefused(name, "does not list its objects");
      const found = versionsIn(page);
      // Nothing else is ever deleted, whatever the store lists.
      if (found.some(({ key }) => !key.startsWith(place))) throw sinkRefused(name, "lists what was not asked for");
      yield found;
      listed += found.length;
      const nextKey = textOf(page, "NextKeyMarker");
      if (textOf(page, "IsTruncated") !== "true" || nextKey === undefined) return;
      const nextVersion = textOf(page, "NextVersionIdMarker");
      marker = {
        "key-marker": decoded(nextKey),
        ...(nextVersion === undefined ? {} : { "version-id-marker": nextVersion }),
      };
    }
    throw sinkUnavailable(name, `held more than ${objectsMax} objects of one person, and has some left`);
  }

  return {
    async erase(identifiers) {
      let removed = 0;
      let isWhole = true;
      for (const { value, normalised } of identifiers) {
        for (const each of new Set([value, normalised])) {
          // A prefix of nothing would be the whole bucket; one with a slash or dots, somebody else's part of it.
          if (each === "" || each.includes("/") || /^\.+$/.test(each)) {
            isWhole = false;
            continue;
          }
          for await (const versions of versionsBelow(prefix.replace("{value}", () => each))) {
            const queue = [...versions];
            const worker = async (): Promise<void> => {
              for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
                const query = next.version === "null" ? {} : { versionId: next.version };
                await call("DELETE", urlOf(next.key, query), [404]);
                removed += 1;
              }
            };
            await Promise.all(Array.from({ length: DELETING_MAX }, worker));
          }
        }
      }
      // What was not looked for is not gone.
      if (!isWhole) throw sinkRefused(name, "cannot be asked for an identifier that holds a slash, or dots alone");
      return { removed };
    },
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html; keys are URL-encoded, so that no XML is to be undone. */
function versionsIn(page: string): readonly ObjectVersion[] {
  return [...page.matchAll(/<(Version|DeleteMarker)>([\s\S]*?)<\/\1>/g)].flatMap(([, , inner = ""]) => {
    const key = textOf(inner, "Key");
    return key === undefined ? [] : [{ key: decoded(key), version: textOf(inner, "VersionId") ?? "null" }];
  });
}

function textOf(xml: string, element: string): string | undefined {
  return new RegExp(`<${element}>([^<]*)</${element}>`).exec(xml)?.[1];
}

function decoded(text: string): string {
  return decodeURIComponent(text.replaceAll("+", " "));
}
