/**
 * Keys of data subjects, and of epochs, are destroyed on every gateway of a database: the rows first, then what each has in memory, which
 * each confirms in a table. A gateway that cannot hear drops all that it holds at once, so that a lost message is never a key that lives
 * on; and none holds a key for longer than a minute, whatever happens. That is what an answer that is missing comes to.
 */
import type { EpochKeys } from "../core/epoch-keys.ts";
import { type SluiceError, toSluiceError } from "../core/errors.ts";
import type { Acknowledgement, KeyDestruction, SubjectId } from "../core/subjects.ts";
import type { IndexKeys } from "./index-keys.ts";
import type { Keys } from "./keys.ts";
import type { GatewayRow, Purges } from "./purges.ts";
import type { SubjectRows } from "./rows.ts";

/** Of the database's. */
export interface Wakeups {
  send(topic: string, message: string): Promise<void>;
  listen(topic: string, listener: { heard(message: string): void; missed(): void }): () => void;
}

export interface DestructionOptions {
  readonly rows: SubjectRows;
  readonly purges: Purges;
  readonly keys: Pick<Keys, "forget" | "forgetAll">;
  readonly indexKeys: Pick<IndexKeys, "clear">;
  readonly epochKeys: Pick<EpochKeys, "endsAt" | "forget">;
  readonly wakeups: Wakeups;
  /** What was deleted leaves the files of the database. */
  readonly scrubFreed: () => Promise<void>;
  readonly self: GatewayRow;
  /** No other process has the database open. */
  readonly alone: boolean;
  readonly backupsMs: () => number;
  readonly clock: () => number;
  readonly random: (bytes: number) => Uint8Array;
  readonly onFault: (error: SluiceError) => void;
}

const TOPIC = "subject-keys";
const BEAT_MS = 10_000;
/** A gateway that was not seen for so long holds no key any more. */
const LIVE_MS = 70_000;
const ANSWERS_MS = 60_000;
const LOOK_MS = 1_000;
const TOLD_EVERY_MS = 60_000;
/** A message may come so late, and a gateway be away so long, before a purge is nobody's business any more. */
const ANSWERED_WITHIN_MS = 600_000;
/** The job that destroys keys of epochs looks more often than that. */
const MARGIN_MS = 3_600_000;
const ID_BYTES = 8;
const PURGE_BYTES = 12;

export class Destruction implements KeyDestruction {
  readonly #options: DestructionOptions;
  readonly #waiting = new Map<string, () => void>();
  #beating: NodeJS.Timeout | undefined;
  #unlisten: () => void = () => undefined;
  #catchingUp: Promise<void> | undefined;
  #toldAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(options: DestructionOptions) {
    this.#options = options;
  }

  /** Before this resolves no key may be read: others would not know to ask us. */
  async begin(): Promise<void> {
    const { purges, self, alone, wakeups } = this.#options;
    if (alone) await purges.gone(self.instance, true);
    this.#unlisten = wakeups.listen(TOPIC, {
      heard: (message) => this.#inBackground(this.#heard(message)),
      missed: () => this.#inBackground(this.#missed()),
    });
    await this.#beat();
    // Nobody is there to be asked, or to ask.
    if (alone) return;
    this.#beating = setInterval(() => this.#inBackground(this.#beat()), BEAT_MS);
    this.#beating.unref();
  }

  async destroy(ids: readonly SubjectId[]): Promise<readonly Acknowledgement[]> {
    const { rows, keys, scrubFreed, self, clock } = this.#options;
    const bytes = [...new Set(ids)]
      .map((id) => Buffer.from(id, "base64url"))
      .filter(({ length }) => length === ID_BYTES);
    // The rows are gone before anybody hears of it: what is read from now on is what there is.
    await rows.delete(bytes);
    await keys.forget(ids);
    const own: Acknowledgement = { gateway: self.name, at: clock() };
    const [others] = await Promise.all([this.#clearElsewhere(bytes), scrubFreed()]);
    return [own, ...others];
  }

  async #clearElsewhere(ids: readonly Buffer[]): Promise<Acknowledgement[]> {
    const { purges, wakeups, self, alone, clock, random } = this.#options;
    if (alone || ids.length === 0) return [];
    const asked = clock();
    const others = (await purges.live(asked - LIVE_MS)).filter(({ instance }) => instance !== self.instance);
    // Also when nobody seems to be there: one whose clock is behind hears it all the same.
    const purge = Buffer.from(random(PURGE_BYTES)).toString("base64url");
    await purges.ask(purge, Buffer.concat(ids), asked);
    await wakeups.send(TOPIC, `purge ${purge}`);
    const answers = await this.#answers(purge, others, asked + ANSWERS_MS);
    return others.map(({ instance, name }) => ({ gateway: name, ...answers.get(instance) }));
  }

  async backupsDeadBy(): Promise<number | undefined> {
    const { epochKeys, clock, backupsMs } = this.#options;
    const ends = await epochKeys.endsAt();
    return ends === undefined ? undefined : Math.max(ends, clock()) + backupsMs() + MARGIN_MS;
  }

  /** A key of an epoch was destroyed here: whoever has a copy of it destroys that. */
  async tellDestroyed(version: number): Promise<void> {
    await this.#options.rows.keyDestroyed(version);
    await this.#options.wakeups.send(TOPIC, `key ${version}`);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#beating);
    this.#unlisten();
    await this.#options.purges.gone(this.#options.self.instance).catch(() => undefined);
  }

  async #answers(
    purge: string,
    others: readonly GatewayRow[],
    until: number,
  ): Promise<ReadonlyMap<string, { readonly at: number }>> {
    const { purges, clock } = this.#options;
    try {
      for (;;) {
        const woken = this.#wakeOrLook(purge);
        const answers = new Map((await purges.answers(purge)).map(({ instance, at }) => [instance, { at }]));
        if (others.every(({ instance }) => answers.has(instance)) || clock() >= until || this.#closed) return answers;
        await woken;
      }
    } finally {
      this.#waiting.delete(purge);
    }
  }

  #wakeOrLook(purge: string): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, LOOK_MS);
      this.#waiting.set(purge, () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  async #heard(message: string): Promise<void> {
    const [what, id = ""] = message.split(" ");
    if (what === "answer") this.#waiting.get(id)?.();
    if (what === "purge") await this.#answerAll();
    if (what === "key") await this.#forgetEpochs();
  }

  /** Looks at everything that a message may have said. Asked again while it looks, it looks no second time: it is called often. */
  #catchUp(): Promise<void> {
    this.#catchingUp ??= this.#answerAll()
      .then(() => this.#forgetEpochs())
      .finally(() => (this.#catchingUp = undefined));
    return this.#catchingUp;
  }

  async #missed(): Promise<void> {
    const { keys, indexKeys } = this.#options;
    indexKeys.clear();
    await keys.forgetAll();
    await this.#catchUp();
  }

  async #beat(): Promise<void> {
    const { purges, self, clock } = this.#options;
    await purges.seen(self, clock());
    await purges.sweep(clock());
    await this.#catchUp();
  }

  /** All that wait for this gateway: messages may be lost, and one may stand for many. */
  async #answerAll(): Promise<void> {
    const { purges, keys, self, clock, wakeups } = this.#options;
    for (const { id, subjects } of await purges.unanswered(self.instance, clock() - ANSWERED_WITHIN_MS)) {
      await keys.forget(idsIn(subjects));
      await purges.answer(id, self, clock());
      await wakeups.send(TOPIC, `answer ${id}`);
    }
  }

  async #forgetEpochs(): Promise<void> {
    for (const version of await this.#options.rows.destroyedKeys()) await this.#options.epochKeys.forget(version);
  }

  /** A database that is away is told, now and then; what is held goes by itself. */
  #inBackground(work: Promise<void>): void {
    work.catch((thrown: unknown) => {
      const now = this.#options.clock();
      if (this.#closed || now - this.#toldAt < TOLD_EVERY_MS) return;
      this.#toldAt = now;
      this.#options.onFault(toSluiceError(thrown));
    });
  }
}

function idsIn(bytes: Uint8Array): SubjectId[] {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: all.length / ID_BYTES }, (_, at) =>
    all.toString("base64url", at * ID_BYTES, (at + 1) * ID_BYTES),
  );
}
