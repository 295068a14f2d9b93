/**
 * Has the log's checkpoints stamped by time-stamping authorities. Promises that only a stamp that verifies is kept, that it is
 * durable beside its checkpoint before the log names it, and that an authority that is away is on record as a gap, from when to
 * when. The log waits for none of this. One stamp of the newest checkpoint covers every entry before it, so there is no queue:
 * an authority that comes back after a day stamps once, and has then stamped that day.
 */
import type { Clock } from "../core/clock.ts";
import { SluiceError, toSluiceError } from "../core/errors.ts";
import type { ControlEvent, RecordEvent } from "../core/event.ts";
import type { TimestampAuthority, TimestampSettings } from "../core/timestamps.ts";
import {
  ORDER_SLACK_MS,
  STAMP_EVENT,
  type Timestamp,
  VerifierError,
  checkpointImprint,
  formatTimestampRequest,
  parseNote,
  parseTimestampRoots,
  sha256,
  stampPath,
  stampedCheckpointPath,
  verifyTimestamp,
} from "@sluice/verifier";
import { type AddressCheck, Client } from "./client.ts";
import { BACK_EVENT, GAP_EVENT, type ReadableLog, type Recalled, hasNews, recall } from "./recall.ts";
import { isDue } from "./schedule.ts";

interface Published {
  readonly size: number;
  /** The signed note. */
  readonly checkpoint: string;
}

/** The part of the evidence log that is needed here. */
export interface StampableLog extends ReadableLog {
  onPublished(listener: (published: Published) => void): () => void;
  /** See EvidenceLog. */
  keep(path: string, bytes: Uint8Array): Promise<void>;
  file(path: string): Promise<{ readonly body: Uint8Array } | undefined>;
}

export interface StampsOptions {
  readonly settings: TimestampSettings;
  readonly log: StampableLog;
  readonly record: RecordEvent;
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
  readonly addresses: AddressCheck;
  /** What goes wrong in the background. Must not throw. */
  readonly onFault: (error: SluiceError) => void;
}

/** How often the schedule is looked at. */
const LOOK_MS = 1_000;
/** A single failure is a hiccup of the network and no gap. */
const GAP_AFTER_MS = 60_000;
/** Beyond this an authority's clock and ours contradict one another, and neither is believed. */
const SKEW_MS = 60_000;
const NONCE_BYTES = 16;
const NEWEST_MAX = 1_000;

/** Events after which a stamp is made at once: what was done to keys, and to what the law lets people ask for. */
const URGENT =
  /^(?:subject\.erased|subject\.(?:held|released)|hold\.|keys?\.(?:created|rotated|destroyed)$|root\.rotated$|log\.)/;

interface Asked {
  authority: TimestampAuthority;
  size: number;
  askedAt?: number;
  until?: number;
  failures: number;
  failingSince?: number;
  /** The gap is on record, and began then. */
  gapSince?: number;
  /** Time of its last stamp. */
  last?: number;
  busy?: true;
  /** Whether the entries between these sizes are about anything but stamps. */
  looked?: { readonly from: number; readonly to: number; readonly news: boolean };
}

export class Stamps {
  readonly #options: StampsOptions;
  readonly #client: Client;
  readonly #stopped = new AbortController();
  readonly #stopListening: () => void;
  readonly #looking: NodeJS.Timeout;
  readonly #running = new Set<Promise<void>>();
  #asked: Asked[] = [];
  #everyMs = 0;
  #newest: Published | undefined;
  #soon = 0;
  /** No stamp of a longer log is of an earlier time than this. */
  #earliest = 0;
  readonly #paths: string[] = [];

  private constructor(options: StampsOptions) {
    this.#options = options;
    this.#client = new Client(options.addresses);
    this.configure(options.settings);
    this.#stopListening = options.log.onPublished((published) => {
      this.#newest = published;
      if (this.#soon > 0 && published.size >= this.#soon) this.#look();
    });
    this.#looking = setInterval(() => this.#look(), LOOK_MS);
    this.#looking.unref();
  }

  /** Reads on the log what was stamped before. Rejects with the log's error. */
  static async open(options: StampsOptions): Promise<Stamps> {
    const stamps = new Stamps(options);
    try {
      for (const event of await recall(options.log)) stamps.#recalled(event);
      const body = (await options.log.file("checkpoint"))?.body;
      const checkpoint = body === undefined ? "" : Buffer.from(body).toString("utf8");
      if (checkpoint !== "") stamps.#newest ??= { size: Number(checkpoint.split("\n")[1]), checkpoint };
    } catch (thrown) {
      await stamps.close();
      throw thrown;
    }
    return stamps;
  }

  /** Authorities that stay keep what is known of them. */
  configure({ authorities, everyMs }: TimestampSettings): void {
    const before = new Map(this.#asked.map((each) => [each.authority.name, each]));
    this.#everyMs = everyMs;
    this.#asked = authorities.map((authority) => {
      const known = before.get(authority.name);
      if (known === undefined) return { authority, size: 0, failures: 0 };
      known.authority = authority;
      return known;
    });
  }

  /** An event goes on record. Some are to be stamped at once. */
  heard(event: ControlEvent, recorded: Promise<{ readonly index: number }>): void {
    if (!URGENT.test(event.name)) return;
    recorded.then(
      ({ index }) => this.soon(index + 1),
      () => undefined,
    );
  }

  /** Stamps as soon as a checkpoint covers so many entries. */
  soon(size: number): void {
    this.#soon = Math.max(this.#soon, size);
  }

  /** Paths of the newest stamps and of what they are of, so many at most. */
  newest(most: number): readonly string[] {
    return this.#paths.slice(-most).toReversed();
  }

  /** The same with their content, for who takes them along. Rejects with the log's error. */
  async newestFiles(most: number): Promise<readonly { readonly path: string; readonly bytes: Uint8Array }[]> {
    const files = await Promise.all(
      this.newest(most).map(async (path) => ({ path, bytes: (await this.#options.log.file(path))?.body })),
    );
    return files.flatMap(({ path, bytes }) => (bytes === undefined ? [] : [{ path, bytes }]));
  }

  /** Asks whoever is to be asked now, and waits for the answers. */
  async look(): Promise<void> {
    this.#look();
    await Promise.all(this.#running);
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    clearInterval(this.#looking);
    this.#stopListening();
    await Promise.all(this.#running);
    await this.#client.close();
  }

  #look(): void {
    const newest = this.#newest;
    if (newest === undefined || this.#stopped.signal.aborted) return;
    for (const asked of this.#asked) {
      if (asked.busy === true) continue;
      asked.busy = true;
      const running = this.#consider(asked, newest).finally(() => {
        delete asked.busy;
        this.#running.delete(running);
      });
      this.#running.add(running);
    }
  }

  /** Never rejects. */
  async #consider(asked: Asked, newest: Published): Promise<void> {
    try {
      if (asked.looked?.to !== newest.size || asked.looked.from !== asked.size) {
        const [from, to] = [asked.size, newest.size];
        asked.looked = { from, to, news: await hasNews(this.#options.log, from, to) };
      }
    } catch (thrown) {
      // A log that cannot be read says so itself, and is looked at again in a second.
      if (!(thrown instanceof SluiceError)) this.#options.onFault(toSluiceError(thrown));
      return;
    }
    const { news } = asked.looked;
    const [now, soon] = [this.#options.clock(), this.#soon];
    if (isDue(asked, { now, everyMs: this.#everyMs, published: newest.size, news, soon }))
      await this.#ask(asked, newest);
  }

  /** Never rejects. */
  async #ask(asked: Asked, newest: Published): Promise<void> {
    asked.askedAt = this.#options.clock();
    try {
      await this.#stamp(asked, newest);
      asked.failures = 0;
      delete asked.failingSince;
      await this.#back(asked);
    } catch (thrown) {
      if (this.#stopped.signal.aborted) return;
      asked.failures += 1;
      asked.failingSince ??= asked.askedAt;
      await this.#gap(asked, toSluiceError(thrown)).catch((error: unknown) =>
        this.#options.onFault(toSluiceError(error)),
      );
    }
  }

  async #stamp(asked: Asked, { size, checkpoint }: Published): Promise<void> {
    const { authority } = asked;
    const { log, record } = this.#options;
    const { response, stamp } = await this.#request(authority, checkpointImprint(parseNote(checkpoint).text), size);
    const hash = sha256(response);
    const [path, of] = [stampPath(size, hash), stampedCheckpointPath(size)];
    if ((await log.file(of)) === undefined) await log.keep(of, Buffer.from(checkpoint));
    await log.keep(path, response);
    const facts = {
      authority: authority.name,
      sha256: Buffer.from(hash).toString("base64"),
      size,
      time: iso(stamp.time),
      until: iso(stamp.validUntil),
    };
    await record({ name: STAMP_EVENT, target: path, facts });
    this.#made(asked, { size, time: stamp.time, until: stamp.validUntil, paths: [of, path] });
  }

  async #request(
    authority: TimestampAuthority,
    imprint: ReturnType<typeof checkpointImprint>,
    size: number,
  ): Promise<{ response: Uint8Array; stamp: Timestamp }> {
    const { clock, random } = this.#options;
    const { policies, roots } = authority;
    const nonce = random(NONCE_BYTES);
    const [policy, ...more] = policies ?? [];
    const wanted = policy === undefined || more.length > 0 ? {} : { policy };
    const before = clock();
    const response = await this.#client.ask(
      authority,
      formatTimestampRequest({ imprint, nonce, ...wanted }),
      this.#stopped.signal,
    );
    const now = clock();
    try {
      const accepted = policies === undefined ? {} : { policies };
      const options = { imprint, nonce, ...accepted, roots: parseTimestampRoots(roots), now, skewMs: SKEW_MS };
      const stamp = await verifyTimestamp(response, options);
      const latest = stamp.time + (stamp.accuracyMs ?? 0);
      // The nonce is fresh, so the stamp is: another time is another clock.
      if (latest < before - SKEW_MS) throw invalid(authority, "its clock is more than a minute behind ours");
      if (latest + ORDER_SLACK_MS < this.#earliest)
        throw invalid(authority, `a shorter log than ${size} was stamped later`);
      return { response, stamp };
    } catch (thrown) {
      if (thrown instanceof VerifierError) throw invalid(authority, `${thrown.code}: ${thrown.message}`);
      throw thrown;
    }
  }

  #made(asked: Asked, made: { size: number; time: number; until: number; paths: readonly string[] }): void {
    asked.size = made.size;
    asked.until = made.until;
    asked.last = made.time;
    this.#earliest = Math.max(this.#earliest, made.time);
    for (const path of made.paths) if (!this.#paths.includes(path)) this.#paths.push(path);
    if (this.#paths.length > NEWEST_MAX) this.#paths.splice(0, this.#paths.length - NEWEST_MAX);
  }

  async #gap(asked: Asked, error: SluiceError): Promise<void> {
    const now = this.#options.clock();
    const since = asked.failingSince ?? now;
    if (asked.gapSince !== undefined || now - since < GAP_AFTER_MS) return;
    const from = asked.last ?? since;
    const facts = { authority: asked.authority.name, code: error.code, from: iso(from), to: iso(now) };
    await this.#options.record({ name: GAP_EVENT, facts });
    asked.gapSince = from;
    this.#options.onFault(error);
  }

  async #back(asked: Asked): Promise<void> {
    if (asked.gapSince === undefined) return;
    const to = iso(asked.last ?? this.#options.clock());
    const facts = { authority: asked.authority.name, from: iso(asked.gapSince), size: asked.size, to };
    await this.#options.record({ name: BACK_EVENT, facts });
    delete asked.gapSince;
  }

  #recalled({ index, name, facts }: Recalled): void {
    if (URGENT.test(name)) this.soon(index + 1);
    const asked = this.#asked.find(({ authority }) => authority.name === facts["authority"]);
    if (asked === undefined) return;
    const [time = 0, until = 0, from = 0] = ["time", "until", "from"].map((key) => Date.parse(String(facts[key])));
    if (name === GAP_EVENT) asked.gapSince = from;
    else if (name === BACK_EVENT) delete asked.gapSince;
    else if (typeof facts["size"] === "number") {
      const size = facts["size"];
      const hash = Buffer.from(String(facts["sha256"]), "base64");
      this.#made(asked, { size, time, until, paths: [stampedCheckpointPath(size), stampPath(size, hash)] });
      asked.askedAt = time;
    }
  }
}

const iso = (time: number): string => new Date(time).toISOString();

function invalid({ name }: TimestampAuthority, reason: string): SluiceError {
  return new SluiceError("timestamp_invalid", `the stamp of the authority ${name} is refused: ${reason}`);
}
