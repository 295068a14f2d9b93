/** The rights room, joined to the log, the keys of data subjects and recordings. It decides nothing; evidence.ts says when it opens. */
import { createHmac, randomBytes } from "node:crypto";
import { join } from "node:path";
import { standardWebhook } from "../channels/webhook.ts";
import type { Config } from "../config/load.ts";
import type { RecordingArchive } from "../core/recording.ts";
import { addressRefusal, checkedLookup } from "../protocols/http/address.ts";
import { openRights, replayRights, type Rights, type RightsSettings } from "../rights/index.ts";
import type { Subjects } from "../subjects/index.ts";
import { SharedKeys } from "./database/shared-keys.ts";
import type { EvidencePartsOptions } from "./evidence.ts";

type Settings = () => Config;

/** Before anything is opened that could give a key away. Returns how many erasures the database had not known. */
export function replayErased(
  { log, database }: EvidencePartsOptions,
  config: Settings,
  subjects: Subjects,
): Promise<number> {
  const { destruction } = subjects;
  const { gateway } = config().subjects;
  return replayRights({ log, database, gateway, destruction, settings: () => settingsOf(config()), clock: Date.now });
}

export async function openRightsOf(
  { log, record, epochKeys, database, onFault }: EvidencePartsOptions,
  config: Settings,
  subjects: Subjects,
  archive: RecordingArchive,
): Promise<Rights> {
  const { dir, origin } = config().evidence;
  const shared = await SharedKeys.open(database.sql);
  // The one that all gateways of this database have for tags of data subjects; for a use of its own.
  const subjectKey = await shared.keep("subject-index", join(dir, "keys", "subject-index.key"));
  return openRights({
    database,
    log,
    origin,
    subjects,
    archive,
    epochKeys,
    record,
    gateway: config().subjects.gateway,
    settings: () => settingsOf(config()),
    tagKey: createHmac("sha256", subjectKey).update("sluice erasure tags").digest(),
    addresses: { lookup: checkedLookup, refusal: addressRefusal },
    signed: (id, body, secret) => standardWebhook(id, body, Date.now(), secret),
    clock: Date.now,
    monotonic: () => performance.now(),
    random: randomBytes,
    onFault,
  });
}

function settingsOf({ erasure, retention, purposes }: Config): RightsSettings {
  return { erasure, retention, purposes: new Map([...purposes].map(([id, purpose]) => [id, purpose.retention])) };
}
