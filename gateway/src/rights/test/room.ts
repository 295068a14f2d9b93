/**
 * Everything that an erasure touches, and nothing that stands in for it: a log, a database, keys of epochs, data subjects, recordings and
 * this room, on a folder of their own. What is outside, sinks, a test brings itself. A crash is a step that throws and everything closed.
 */
import { createHash, createHmac, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ErasureSettings, RetentionSettings } from "../../core/rights.ts";
import type { Purpose } from "../../core/connection.ts";
import type { ControlEvent } from "../../core/event.ts";
import type { Secret } from "../../core/secret.ts";
import type { Identifier } from "../../core/subjects.ts";
import { connectionFor, SUPPORT } from "../../core/test/connection.ts";
import { Custody } from "../../custody/index.ts";
import { eventLeaf, type EvidenceLog, intentLeaf, openEvidence } from "../../evidence/index.ts";
import { addressRefusal, checkedLookup } from "../../protocols/http/address.ts";
import { Recordings } from "../../recordings/recordings.ts";
import { START, textWith } from "../../recordings/test/room.ts";
import { type Database, openDatabase } from "../../server/database.ts";
import { openSubjects, type Subjects } from "../../subjects/index.ts";
import { subjectMigrations } from "../../subjects/migrations.ts";
import { openRights, replayRights, type Rights } from "../index.ts";
import { rightsMigrations } from "../migrations.ts";

export const ORIGIN = "test.example/rights";
export const MAIL = "jane.roe@example.com";
export const OTHER = "john.doe@example.org";
export const DAY_MS = 86_400_000;
export const BY = "person:officer";

export const email = (value: string): Identifier => ({ type: "EMAIL", value });

/** Where the process may die: before or after what it names. */
export type Point =
  | `${"before" | "after"} ${"subject.erased" | "erasure.settled" | "retention.pruned" | "hold.placed"}`
  | `${"before" | "after"} ${"destroy" | "sign"}`;

class Crash extends Error {}

export interface RoomOptions {
  readonly url?: Secret;
  readonly erasure?: Partial<ErasureSettings>;
  /** In place of a log of its own. */
  readonly openLog?: (clock: () => number) => Promise<EvidenceLog>;
}

export class Room {
  readonly dir = mkdtempSync(join(tmpdir(), "sluice-rights-"));
  readonly events: ControlEvent[] = [];
  readonly faults: string[] = [];
  now = Date.now();
  /** So much of it was no time, but somebody's hand at the clock. */
  jumped = 0;
  readonly gateway = "one";
  /** The process dies when it gets here. */
  crashAt: Point | undefined;
  erasure: ErasureSettings;
  retention: RetentionSettings = { metadataMs: 365 * DAY_MS, everyMs: DAY_MS };
  purposes = new Map([
    ["support", "P30D"],
    ["research", "P90D"],
  ]);
  log!: EvidenceLog;
  database!: Database;
  subjects!: Subjects;
  recordings!: Recordings;
  rights!: Rights;
  /** Erasures that the last opening learned of from the log. */
  replayed = 0;
  readonly #url: Secret | undefined;
  readonly #openLog: RoomOptions["openLog"];
  readonly #tagKey = randomBytes(32);
  #custody: Custody | undefined;
  #isOpen = false;

  constructor({ url, erasure, openLog }: RoomOptions) {
    this.#url = url;
    this.#openLog = openLog;
    this.erasure = {
      sinks: [],
      datasets: [],
      giveUpMs: 7 * DAY_MS,
      rememberMs: 90 * DAY_MS,
      holdLongestMs: 365 * DAY_MS,
      ...erasure,
    };
  }

  static async open(options: RoomOptions = {}): Promise<Room> {
    const room = new Room(options);
    await room.reopen();
    return room;
  }

  async reopen(): Promise<void> {
    await this.stop();
    this.crashAt = undefined;
    const clock = (): number => this.now;
    const onFault = (error: { code: string }): void => void this.faults.push(error.code);
    const own = { dir: join(this.dir, "log"), origin: ORIGIN, clock, checkpointIntervalMs: 5 };
    this.log = await (this.#openLog?.(clock) ?? openEvidence(own));
    this.database = await openDatabase({
      dir: this.dir,
      url: this.#url,
      migrations: [...rightsMigrations, ...subjectMigrations],
      clock,
      onFault,
    });
    const custody = new Custody(clock);
    this.#custody = custody;
    const keys = {
      dir: join(this.dir, "custody"),
      refreshMs: DAY_MS,
      keepMs: DAY_MS,
      cacheMs: 60_000,
      root: { provider: "file", path: join(this.dir, "custody", "root.key") },
      aws: {},
    } as const;
    const record = (event: ControlEvent) => this.#record(event);
    const epochKeys = custody.epochs(() => keys, { record, epochMs: () => 30 * DAY_MS, onFault });
    const subjects = await openSubjects({
      dir: this.dir,
      database: this.database,
      alone: this.#url === undefined,
      epochKeys,
      log: this.log,
      record,
      keyDestroyed: () => Promise.resolve(),
      settings: () => ({ gateway: this.gateway, backupsMs: 30 * DAY_MS, region: "DE", stripTags: true }),
      clock,
      random: randomBytes,
      onFault,
    });
    this.subjects = subjects;
    const settings = () => ({ erasure: this.erasure, retention: this.retention, purposes: this.purposes });
    const destruction = {
      backupsDeadBy: () => subjects.destruction.backupsDeadBy(),
      destroy: async (ids: readonly string[]) => {
        this.#reach("before destroy");
        const acknowledged = await subjects.destruction.destroy(ids);
        this.#reach("after destroy");
        return acknowledged;
      },
    };
    const { database, gateway } = this;
    this.replayed = await replayRights({ database, gateway, log: this.log, destruction, settings, clock });
    this.recordings = await Recordings.open({
      dir: join(this.dir, "recordings"),
      origin: ORIGIN,
      settings: {
        mode: "sealed",
        shared: "all-of",
        rules: [],
        exchangeBytesMax: 1_048_576,
        atLimit: "end",
        fileBytesMax: 1_048_576,
      },
      epochs: epochKeys,
      subjects: subjects.keys,
      index: subjects.index,
      log: this.log,
      clock,
      onFault,
    });
    const { log } = this;
    this.rights = openRights({
      database: this.database,
      log: {
        get published() {
          return log.published;
        },
        get minimum() {
          return log.minimum;
        },
        entries: (from, to) => log.entries(from, to),
        proof: (index) => log.proof(index),
        prune: (to) => log.prune(to),
        shared: log.shared,
        signText: async (text) => {
          this.#reach("before sign");
          const note = await log.signText(text);
          this.#reach("after sign");
          return note;
        },
      },
      subjects: {
        index: subjects.index,
        destruction,
        normalize: (identifier) => subjects.normalize(identifier),
        retire: (before) => subjects.retire(before),
      },
      origin: ORIGIN,
      archive: this.recordings,
      epochKeys,
      record,
      gateway,
      settings,
      tagKey: this.#tagKey,
      addresses: { lookup: checkedLookup, refusal: addressRefusal },
      signed: (id, body, secret) => ({
        "webhook-id": id,
        "webhook-timestamp": "0",
        "webhook-signature": createHmac("sha256", secret).update(body).digest("base64"),
      }),
      clock,
      monotonic: () => this.now - this.jumped,
      random: randomBytes,
      onFault,
    });
    this.#isOpen = true;
  }

  /** An exchange about these people. Gives the index of its intent. */
  async exchange(
    people: readonly (readonly [type: string, value: string])[],
    {
      purpose = "support",
      connection = "main",
      retention,
    }: { readonly purpose?: string; readonly connection?: string; readonly retention?: string } = {},
  ): Promise<number> {
    const text = textWith("messages.0.content", "Write to ", people, "about the contract.");
    const recording = await this.recordings.begin({ ...START, purpose, connection, retention, texts: [text] });
    const about: Purpose = { ...SUPPORT, id: purpose };
    const leaf = intentLeaf({
      time: this.now,
      principal: this.log.pseudonym("service:crm"),
      intent: {
        action: "infer",
        family: "openai",
        target: "some-model",
        endpoint: "chat.completions",
        segments: [],
        opaqueParts: {},
        streaming: false,
        requestBytes: 1,
      },
      connection: connectionFor({ name: connection }),
      model: "some-model",
      purpose: about,
      policy: "p",
      scrubbed: { found: {}, categories: {}, special: {}, operators: {} },
      authority: { retention },
    });
    const digest = createHash("sha256").update(text.text).digest();
    const { index } = await this.log.append({ ...leaf, recording: { ...recording.mark } }, digest);
    await recording.durable;
    recording.recorded(index);
    await recording.end({ status: "completed" });
    await this.subjects.index.sync();
    await this.published(index);
    return index;
  }

  async published(index: number): Promise<void> {
    while (this.log.published <= index) await new Promise((resolve) => setTimeout(resolve, 2));
  }

  /** The certificate, once it is there. */
  async certificate(id: string): Promise<string> {
    for (let tries = 0; tries < 200; tries++) {
      await this.rights.erasures.resume();
      const { erasure } = await this.rights.erasures.status(id);
      if (erasure.hasCertificate) return this.rights.erasures.certificate(id);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error("there is no certificate");
  }

  /** Names of what is on record, in order. */
  names(): string[] {
    return this.events.map(({ name }) => name);
  }

  async stop(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.rights.close();
    await this.recordings.close();
    await this.subjects.close();
    await this.#custody?.close();
    await this.database.close();
    await this.log.close();
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }

  async #record(event: ControlEvent): Promise<{ index: number }> {
    this.#reach(`before ${event.name}` as Point);
    const actor = event.actor === undefined ? undefined : this.log.pseudonym(event.actor);
    const receipt = await this.log.append(eventLeaf({ time: this.now, event, actor }));
    this.events.push(event);
    this.#reach(`after ${event.name}` as Point);
    return receipt;
  }

  /** From then on nothing is done any more, like in a process that is no more. */
  #reach(point: Point): void {
    if (this.crashAt === point) throw new Crash(point);
  }
}
