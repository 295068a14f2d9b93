/**
 * The witness: cosigns a checkpoint of a log that it knows when the log has signed it and it continues what was cosigned last.
 * https://c2sp.org/tlog-witness. Promises never to cosign two histories of one log: the decision, the cosignatures and the new
 * head are one transaction, and nothing leaves before that is on the disk. It knows no socket; http.ts does.
 */
import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { type Note, type NoteSignature, KEY_TYPES, formatNote, verifyConsistency, verifyNote } from "@sluice/verifier";
import type { Clock } from "../core/clock.ts";
import { SluiceError } from "../core/errors.ts";
import { readIfThere, writeDurably } from "./files.ts";
import { Heads, type Refused } from "./heads.ts";
import { WitnessKeys } from "./keys.ts";
import type { LogList, WitnessedLog } from "./log-list.ts";
import { Rates } from "./rates.ts";
import { type AddCheckpoint, parseAddCheckpoint } from "./request.ts";

export interface Answer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422 | 429;
  readonly contentType: string;
  readonly body: string;
}

export interface WitnessOptions {
  /** Folder of the witness, made when there is none. */
  readonly dir: string;
  /** A URL without scheme. Absent: the one it was made with; `localhost/` and the folder's name for a new one. */
  readonly name?: string;
  /** There must be a witness in the folder already. */
  readonly existing?: boolean;
  readonly clock: Clock;
  readonly logs: LogList;
  /** A log has signed something that does not continue what was cosigned, not seen before. Must not throw. */
  readonly onRefused?: (refused: Refused) => void;
}

const TEXT = "text/plain; charset=utf-8";
const SIZE = "text/x.tlog.size";
const DAY_MS = 86_400_000;

export class Witness {
  readonly keys: WitnessKeys;
  readonly #options: WitnessOptions;
  readonly #heads: Heads;
  readonly #rates: Rates;
  /** Of what was cosigned already, which anybody can send again: it must not use up the log's own day. */
  readonly #repeats: Rates;
  #logs: LogList;
  /** By hex of SHA-256 of the origin. */
  #origins = new Map<string, string>();

  /**
   * Opens the witness in a folder, or makes one there. Throws witness_corrupt when a part of it is gone (a witness that forgot what
   * it cosigned would cosign another history), config_invalid for a name that is none or not its own.
   */
  constructor(options: WitnessOptions) {
    const { keys, heads } = openFolder(options);
    this.#options = options;
    this.keys = keys;
    this.#heads = heads;
    this.#rates = new Rates({ clock: options.clock, held: Number.POSITIVE_INFINITY });
    this.#repeats = new Rates({ clock: options.clock, held: Number.POSITIVE_INFINITY });
    this.#logs = options.logs;
    this.setLogs(options.logs);
  }

  /** Cosigns for these logs from now on. */
  setLogs(logs: LogList): void {
    this.#logs = logs;
    this.#origins = new Map([...logs.keys()].map((origin) => [originHash(origin), origin]));
  }

  /** Answers a request's body. Rejects when the state cannot be written: then nothing was cosigned. */
  async addCheckpoint(body: Uint8Array): Promise<Answer> {
    const request = parseAddCheckpoint(body);
    if (request === undefined)
      return refuse(400, "the body is not: old <size>, at most 63 proof lines, an empty line, a checkpoint");
    // In the order of the specification, so that each status says that everything before it was in order.
    const log = this.#logs.get(request.checkpoint.origin);
    if (log === undefined) return refuse(404, "this witness does not know that log");
    const own = await signatureOf(log, request);
    if (own === undefined) return refuse(403, "no valid signature by the key that this witness knows the log by");
    if (request.oldSize > request.checkpoint.size) return refuse(400, "the old size is larger than the checkpoint's");
    return this.#advance(request, own, log.requestsPerDay);
  }

  /**
   * The latest cosigned checkpoint of the log whose origin has this SHA-256, in lower-case hexadecimal; undefined when this witness
   * never cosigned one.
   */
  checkpoint(hash: string): string | undefined {
    const origin = this.#origins.get(hash);
    return origin === undefined ? undefined : this.#heads.latest(origin)?.checkpoint;
  }

  /** The latest of every log that was ever cosigned. */
  heads(): ReturnType<Heads["all"]> {
    return this.#heads.all();
  }

  /** What logs have signed that was not cosigned because it contradicts what was. */
  refused(): readonly Refused[] {
    return this.#heads.refused();
  }

  close(): void {
    this.#heads.close();
  }

  #advance({ oldSize, proof, note, checkpoint }: AddCheckpoint, own: readonly NoteSignature[], perDay: number): Answer {
    const { origin, size, root } = checkpoint;
    let refusal: Answer | undefined;
    let kind: Refused["kind"] = "unproven";
    let lines: NoteSignature[] = [];
    this.#heads.advance(origin, (known) => {
      if (known.size !== oldSize) {
        refusal = { status: 409, contentType: SIZE, body: `${known.size}\n` };
        return undefined;
      }
      // One check for all: the empty tree's root at size 0, an empty proof from there, equal roots at equal sizes.
      if (!verifyConsistency(known.size, size, known.root, root, proof)) {
        if (known.size === size && size > 0 && !Buffer.from(known.root).equals(root)) kind = "fork";
        refusal = refuse(422, "the checkpoint does not continue the one that this witness cosigned last");
        return undefined;
      }
      // Checkpoints are public: what a stranger can send of them is a repetition, or no progress, and costs the log nothing.
      const rates = size > known.size ? this.#rates : this.#repeats;
      if (!rates.take(origin, perDay, DAY_MS)) {
        refusal = refuse(429, "this log has asked too often today");
        return undefined;
      }
      const timestamp = Math.floor(this.#options.clock() / 1000);
      lines = this.keys.cosign({ text: note.text, checkpoint, timestamp });
      return { size, root, checkpoint: formatNote({ text: note.text, signatures: [...own, ...lines] }) };
    });
    if (refusal === undefined)
      return { status: 200, contentType: TEXT, body: linesOf({ text: note.text, signatures: lines }) };
    if (refusal.status === 422) {
      // "the witness MAY log the request … as it might be proof of log misbehavior"
      const kept = {
        origin,
        kind,
        size,
        root,
        checkpoint: formatNote({ text: note.text, signatures: own }),
        at: this.#options.clock(),
      };
      if (this.#heads.keepRefused(kept)) this.#options.onRefused?.(kept);
    }
    return refusal;
  }
}

/**
 * The log's own lines, all verified; undefined when there is none, or one of them fails: "403 … if either no signature from a
 * trusted key for the origin is present, or a signature line's key name and ID match a trusted key but the signature itself fails".
 */
async function signatureOf(
  { key }: WitnessedLog,
  { note, checkpoint }: AddCheckpoint,
): Promise<NoteSignature[] | undefined> {
  const { accepted } = await verifyNote(note, [key]);
  // ML-DSA-44 leaves extension lines out: anybody could have written them, and the Ed25519 cosignature would cover them.
  if (!accepted || (checkpoint.extensions !== undefined && key.type !== KEY_TYPES.ed25519.type)) return undefined;
  return note.signatures.filter(({ name, keyId }) => name === key.name && keyId === key.keyId);
}

function linesOf(note: Note): string {
  return formatNote(note).slice(note.text.length + 1);
}

function refuse(status: Answer["status"], reason: string): Answer {
  return { status, contentType: TEXT, body: `${reason}\n` };
}

function originHash(origin: string): string {
  return createHash("sha256").update(origin).digest("hex");
}

function openFolder({ dir, name, existing }: WitnessOptions): { keys: WitnessKeys; heads: Heads } {
  const about = join(dir, "witness.json");
  const path = join(dir, "witness.sqlite");
  const known = nameIn(readIfThere(about));
  if (known === undefined && existing === true)
    throw new SluiceError("config_invalid", `there is no witness in ${dir}`);
  if (known !== undefined && name !== undefined && name !== known) {
    throw new SluiceError(
      "config_invalid",
      `this witness is ${known}; another name needs another folder and other keys`,
    );
  }
  if (known !== undefined && readIfThere(path) === undefined) {
    throw new SluiceError(
      "witness_corrupt",
      "witness.sqlite is missing: without it this witness would cosign any history. Restore it, or retire this witness and begin a new one",
    );
  }
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const heads = new Heads(path);
  try {
    // Of two that start in a new folder at once, the second finds what the first has made.
    const keys = heads.alone(() => {
      const made = nameIn(readIfThere(about));
      if (made === undefined && heads.all().length > 0) {
        throw new SluiceError("witness_corrupt", "witness.json is missing beside what was cosigned; restore it");
      }
      const opened = WitnessKeys.open(dir, made ?? name ?? `localhost/${basename(resolve(dir))}`, made === undefined);
      // Written last: a start that was cut off before is begun again.
      if (made === undefined) {
        const text = `${JSON.stringify({ name: opened.name, vkeys: opened.vkeys })}\n`;
        writeDurably(about, Buffer.from(text), 0o644);
      }
      return opened;
    });
    return { keys, heads };
  } catch (thrown) {
    heads.close();
    throw thrown;
  }
}

function nameIn(bytes: Buffer | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    if (typeof value === "object" && value !== null && "name" in value && typeof value.name === "string")
      return value.name;
  } catch (cause) {
    throw new SluiceError("witness_corrupt", "witness.json cannot be read", { cause });
  }
  throw new SluiceError("witness_corrupt", "witness.json names no witness");
}
