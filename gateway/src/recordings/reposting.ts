/**
 * Sees to it that what is recorded is found by its subjects after a crash, too. The index may lose what it was told last; a cursor
 * beside the recordings says up to which intent it has everything on the disk, and from there on the recordings are read again at
 * the start. A posting may come twice.
 */
import { open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import type { SluiceError } from "../core/errors.ts";
import type { Posting, SubjectId, SubjectIndex } from "../core/subjects.ts";
import { unavailable } from "./file.ts";
import { isMissing } from "./disk.ts";
import { type IntentLog, intentOf } from "./intents.ts";
import type { Recording } from "./running.ts";

const SYNC_MS = 5_000;
const CURSOR = ".cursor";

export interface RepostingOptions {
  /** Where this gateway writes. */
  readonly dir: string;
  readonly log: IntentLog;
  readonly index: Pick<SubjectIndex, "post" | "sync">;
  readonly firstOpenFile: () => number;
  /** Of the recording with this id, where this gateway has made it. */
  readonly subjectsAt: (place: number, id: string) => Promise<readonly SubjectId[]>;
  readonly onFault: (error: SluiceError) => void;
}

interface State {
  /** Every recording of an intent below it is in the index. */
  readonly log: number;
  /** Files below it were closed in order. */
  readonly file: number;
}

export class Reposting {
  readonly #options: RepostingOptions;
  /** What is under way → an index that its intent is not below. */
  readonly #running = new Map<Recording, number>();
  #state: State = { log: 0, file: 0 };
  #timer: NodeJS.Timeout | undefined;
  #saving: Promise<void> = Promise.resolve();
  /** A recording began since the last sync. */
  #isDirty = false;

  constructor(options: RepostingOptions) {
    this.#options = options;
  }

  async read(): Promise<{ readonly from: State; readonly hasState: boolean }> {
    const state = await readCursor(this.#options.dir);
    // What cannot be read costs a longer start.
    if (state !== undefined) this.#state = state;
    return { from: this.#state, hasState: state !== undefined };
  }

  /** Posts again, and from now on keeps the cursor. `hasFiles`: else there is nothing to post. */
  async start(hasFiles: boolean): Promise<void> {
    const { log, index } = this.#options;
    const to = log.published;
    if (hasFiles) {
      await this.postAgain(this.#state.log, (posting) => index.post(posting));
      await index.sync();
    }
    await this.#save({ log: to, file: this.#options.firstOpenFile() });
    this.#timer = setInterval(() => this.#tick(), SYNC_MS).unref();
  }

  /** Posts what the recordings here of these intents and later ones say. A log may hold those of other gateways too. */
  async postAgain(from: number, post: (posting: Posting) => void): Promise<void> {
    const { log, subjectsAt } = this.#options;
    const to = log.published;
    for await (const { index: record, bytes } of log.entries(Math.min(Math.max(from, log.minimum), to), to)) {
      if (!bytes.includes('"recording":')) continue;
      const mark = intentOf(bytes)?.recording;
      if (mark === undefined) continue;
      for (const subject of await subjectsAt(mark.place, mark.id)) post({ subject, record, place: mark.place });
    }
  }

  /** Before a recording begins: its intent will not be below. */
  floor(): number {
    return this.#options.log.size;
  }

  began(recording: Recording, floor: number): void {
    this.#running.set(recording, floor);
    this.#isDirty = true;
  }

  over(recording: Recording): void {
    this.#running.delete(recording);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#tick();
    await this.#saving;
  }

  #tick(): void {
    // A file that was closed meanwhile is told too: others may prune it.
    if (!this.#isDirty && this.#options.firstOpenFile() === this.#state.file) return;
    this.#isDirty = this.#running.size > 0;
    this.#saving = this.#saving
      .then(() => this.#sync())
      .catch((thrown: unknown) => this.#options.onFault(unavailable(thrown)));
  }

  async #sync(): Promise<void> {
    const { log, index, firstOpenFile } = this.#options;
    let cursor = log.size;
    for (const [recording, floor] of this.#running) cursor = Math.min(cursor, recording.index ?? floor);
    const file = firstOpenFile();
    await index.sync();
    await this.#save({ log: cursor, file });
  }

  async #save(state: State): Promise<void> {
    const temporary = `${this.#path}.new`;
    const handle = await open(temporary, "w", 0o600);
    try {
      await handle.writeFile(`${state.log} ${state.file}`);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    // Losing the name in a crash brings the older one back, which costs a longer start.
    await rename(temporary, this.#path);
    this.#state = state;
  }

  get #path(): string {
    return join(this.#options.dir, CURSOR);
  }
}

/** Of the gateway that writes in this folder. Undefined when there is none, or it cannot be read. */
export async function readCursor(dir: string): Promise<State | undefined> {
  try {
    const [log, file] = (await readFile(join(dir, CURSOR), "utf8")).split(" ").map(Number);
    if (log === undefined || file === undefined) return undefined;
    return Number.isSafeInteger(log) && Number.isSafeInteger(file) ? { log, file } : undefined;
  } catch (error) {
    if (!isMissing(error)) throw error;
    return undefined;
  }
}
