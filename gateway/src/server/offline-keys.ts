/**
 * Keys without a running gateway, for `sluice keys`. The log is opened when there is something to record, so that keys can be
 * looked at while a gateway runs; it holds the log's lock then, and whatever is to be on record goes through it. So is the database,
 * when it is asked what rooms have sealed: nothing is made by looking.
 */
import { join } from "node:path";
import { loadCustody } from "../config/load.ts";
import { SluiceError } from "../core/errors.ts";
import type { RecordEvent } from "../core/event.ts";
import { Custody, type Keys } from "../custody/index.ts";
import { eventLeaf, type EvidenceLog } from "../evidence/index.ts";
import { sealedReviews } from "../reviews/store.ts";
import { subjectValues } from "../subjects/index.ts";
import { lookAtDatabase } from "./database.ts";
import { openLog } from "./evidence-log.ts";
import { SharedKeys } from "./database/shared-keys.ts";

export interface OfflineKeys {
  readonly keys: Keys;
  close(): Promise<void>;
}

export interface OfflineOptions {
  readonly config?: string | undefined;
  readonly dataDir?: string | undefined;
  readonly progress: (done: number, of: number) => void;
}

/** Throws `config_invalid`. What is done with the keys throws `evidence_locked` while a gateway runs. */
export async function openOfflineKeys({ config, dataDir, progress }: OfflineOptions): Promise<OfflineKeys> {
  const custody = new Custody(Date.now);
  const settings = await loadCustody({ file: config, dataDir, custody });
  const { dir } = settings.evidence;
  let log: Promise<EvidenceLog> | undefined;
  const open = async (): Promise<EvidenceLog> => {
    const shared = await settings.shared();
    const evidence = { ...settings.evidence, ...(shared === undefined ? {} : { shared }) };
    const { url } = shared === undefined ? {} : await settings.database();
    return openLog({ evidence, url }, () => {});
  };
  const record: RecordEvent = async (event, digest) => {
    log ??= open();
    const opened = await log.catch((thrown: unknown) => {
      log = undefined;
      if (!(thrown instanceof SluiceError) || thrown.code !== "evidence_locked") throw thrown;
      const text = "a gateway is running and holds the log; ask it with POST /api/keys/rotate, or stop it first";
      throw new SluiceError("evidence_locked", text, { cause: thrown });
    });
    const actor = event.actor === undefined ? undefined : opened.pseudonym(event.actor);
    return opened.append(eventLeaf({ time: Date.now(), event, actor }), digest);
  };

  let database: ReturnType<typeof lookAtDatabase> | undefined;
  const look = async () => {
    database ??= settings.database().then(({ url }) => lookAtDatabase({ dir, url, onFault: () => {} }));
    return (await database)?.sql;
  };
  const reviews = sealedReviews(look);
  for (const ring of ["reviews", "subjects"] as const) {
    custody.share(ring, async (version, key) => {
      const [{ url }, sql] = [await settings.database(), await look()];
      // A database of this gateway alone knows no key but its own.
      const shared = url === undefined || sql === undefined ? undefined : await SharedKeys.lookAt(sql);
      const entered = await shared?.enter(ring, version, key, join(settings.custody.dir, "keys"));
      return entered ?? (() => Promise.resolve());
    });
  }
  /** Makes no key by itself: what is turned here is turned by hand. */
  const epochKeys = custody.epochs(() => settings.custody, {
    record,
    epochMs: () => Number.POSITIVE_INFINITY,
    onFault: () => {},
  });
  const withSubjects = async () => {
    const sql = await look();
    const tables = (await sql?.introspection.getTables()) ?? [];
    return tables.some(({ name }) => name === "subjects") ? sql : undefined;
  };
  const subjects = subjectValues(withSubjects, () => epochKeys);
  return {
    keys: await custody.keys(settings.custody, { record, progress, rows: { reviews }, subjects }),
    async close() {
      await custody.close();
      await (await database?.catch(() => undefined))?.close();
      await (await log?.catch(() => undefined))?.close();
    },
  };
}
