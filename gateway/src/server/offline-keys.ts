/**
 * Keys without a running gateway, for `sluice keys`. The log is opened when there is something to record, so that keys can be
 * looked at while a gateway runs; it holds the log's lock then, and whatever is to be on record goes through it.
 */
import { loadCustody } from "../config/load.ts";
import { SluiceError } from "../core/errors.ts";
import type { RecordEvent } from "../core/event.ts";
import { Custody, type Keys } from "../custody/index.ts";
import { eventLeaf, type EvidenceLog, openEvidence } from "../evidence/index.ts";

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
  const settings = await loadCustody({ file: config, dataDir });
  const custody = new Custody(Date.now);
  let log: Promise<EvidenceLog> | undefined;
  const open = (): Promise<EvidenceLog> => {
    const { dir, origin, checkpointIntervalMs } = settings.evidence;
    return openEvidence({ dir, origin, clock: Date.now, checkpointIntervalMs, onFault: () => {} });
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
  return {
    keys: await custody.keys(settings.custody, { record, progress }),
    async close() {
      await custody.close();
      await (await log?.catch(() => undefined))?.close();
    },
  };
}
