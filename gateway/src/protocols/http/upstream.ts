/**
 * A connection made ready to dial: its pool of sockets, its headers with the credential, its paths. Certificates are always
 * verified, and no address is dialled that the connection may not have.
 */
import { isIP } from "node:net";
import type { Pool } from "undici";
import UndiciPool from "undici/lib/dispatcher/pool.js";
import type { Connection } from "../../core/connection.ts";
import type { SluiceError } from "../../core/errors.ts";
import { addressRefusal, checkedLookup } from "./address.ts";
import { KEY_EXCHANGE_GROUPS } from "./tls.ts";

/** Sockets to one upstream; more exchanges at once wait, under the total timeout. */
const SOCKETS_MAX = 1_024;
const KEEP_ALIVE_MS = 30_000;
const RESPONSE_HEADER_BYTES_MAX = 64 * 1_024;

/** One pool and what never changes about a connection, so that a request builds none of it. */
export interface Upstream {
  readonly connection: Connection;
  readonly pool: Pool;
  readonly origin: string;
  /** Why a literal address in the URL may not be dialled; those never reach `lookup`. */
  readonly refusal: SluiceError | undefined;
  /** Headers of every request with the credential of now. Throws `secret_unavailable`. */
  readonly headers: (streaming: boolean) => string[];
  /** Path of the family → path and query on this upstream. */
  readonly paths: Map<string, string>;
}

export function openUpstream(connection: Connection): Upstream {
  const { url, limits, name, allowPrivateAddress } = connection;
  const pool = new UndiciPool(url.origin, {
    connections: SOCKETS_MAX,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: RESPONSE_HEADER_BYTES_MAX,
    // Ours are exact to the millisecond and do not count the time a slow client holds the upstream back.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: {
      timeout: limits.connectTimeoutMs,
      lookup: checkedLookup(allowPrivateAddress, name),
      // Said explicitly, because NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment changes only the default.
      rejectUnauthorized: true,
      minVersion: "TLSv1.2",
      ...(KEY_EXCHANGE_GROUPS === undefined ? {} : { ecdhCurve: KEY_EXCHANGE_GROUPS }),
    },
  });
  return {
    connection,
    pool,
    origin: url.origin,
    refusal: literalRefusal(connection),
    headers: headersOf(connection),
    paths: new Map(),
  };
}

/** Made anew when the credential is another one: secrets are rotated while a pool lives. Private, so that no print shows them. */
function headersOf(connection: Connection): Upstream["headers"] {
  let made: { readonly secret: string | undefined; readonly json: string[]; readonly sse: string[] } | undefined;
  return (streaming) => {
    const secret = connection.credential?.secret.reveal();
    if (made === undefined || made.secret !== secret) {
      const [json, sse] = ["application/json", "text/event-stream"].map((accept) =>
        headersFor(connection, accept, secret),
      );
      made = { secret, json: json ?? [], sse: sse ?? [] };
    }
    return streaming ? made.sse : made.json;
  };
}

/** What the connection sets wins over ours, and the credential over both; no header stands twice. */
function headersFor({ headers, credential }: Connection, accept: string, secret: string | undefined): string[] {
  const all = new Map([
    ["content-type", "application/json"],
    ["user-agent", "sluice"],
    // Compressing what is streamed in pieces of 20 bytes costs both sides more than it saves, and delays the pieces.
    ["accept-encoding", "identity"],
    ["accept", accept],
  ]);
  for (const [name, value] of Object.entries(headers)) all.set(name.toLowerCase(), value);
  if (credential !== undefined && secret !== undefined)
    all.set(credential.header.toLowerCase(), credential.prefix + secret);
  return [...all].flat();
}

function literalRefusal({ url, allowPrivateAddress, name }: Connection): SluiceError | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return isIP(host) === 0 ? undefined : addressRefusal(host, allowPrivateAddress, name);
}

/** `https://host/v1` + `/v1/messages` → `/v1/messages`: base URLs are written with and without the version. */
export function upstreamPath(connection: Connection, path: string): string {
  const base = connection.url.pathname.replace(/\/+$/, "");
  const version = /\/v\d+$/.exec(base)?.[0];
  const below = version !== undefined && path.startsWith(`${version}/`) ? path.slice(version.length) : path;
  const query = new URLSearchParams(connection.query).toString();
  return `${base}${below}${query === "" ? "" : `?${query}`}`;
}
