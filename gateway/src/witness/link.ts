/**
 * One witness, as the log asks it: add-checkpoint with a proof from what it knows, and what its answer means. Keeps the size that
 * it knows; everything it says is checked before it counts. It decides nothing about quorums; asking.ts does.
 * https://c2sp.org/tlog-witness
 */
import type { Agent } from "undici";
import {
  type NoteSignature,
  type PolicyWitness,
  type VerifierKey,
  VerifierError,
  parseNote,
  verifyNote,
} from "@sluice/verifier";
import { formatAddCheckpoint } from "./request.ts";

/** A checkpoint of ours, as it was published. */
export interface Published {
  readonly size: number;
  /** The signed note. */
  readonly checkpoint: string;
}

export type Outcome =
  /** Verified lines, by the names of the policy. */
  | { readonly kind: "cosigned"; readonly lines: ReadonlyMap<string, NoteSignature> }
  /** It has cosigned a later checkpoint of ours already. */
  | { readonly kind: "later" }
  /** Nothing came of it; `reason` is a word of ours for the log. */
  | { readonly kind: "away"; readonly reason: AwayReason }
  /** It says that our history is not the one it knows. */
  | { readonly kind: "conflict"; readonly reason: ConflictReason; readonly size?: number };

export type AwayReason = "unreachable" | "unknown-log" | "signature-refused" | "limited" | "answer-invalid" | "refused";
/** `longer`: it has cosigned more records than there are. `another`: not the records that there are. */
export type ConflictReason = "longer" | "another";

export interface LinkOptions {
  /** Submission prefix. */
  readonly url: string;
  /** The witnesses of the policy that are asked there: one that signs with two keys is two. */
  readonly witnesses: readonly PolicyWitness[];
  /** Hashes of the consistency proof between two published sizes. */
  readonly prove: (oldSize: number, size: number) => Promise<readonly Uint8Array[]>;
  /** Records that are published now. */
  readonly published: () => number;
  readonly agent: () => Promise<Agent>;
}

const TIMEOUT_MS = 10_000;
/** Two cosignatures have 3.5 kB. */
const ANSWER_BYTES_MAX = 65_536;
/** It is told a size, and asked with it; when it changes its mind about that more often, something else is wrong. */
const TURNS_MAX = 4;
/** Two seconds, in which gateways that share a log have told one another. */
const LOOKS_MAX = 20;
const LOOK_MS = 100;

export class Link {
  readonly names: readonly string[];
  readonly #options: LinkOptions;
  /** Size that it has cosigned last; begins at 0, and its 409 says better: "it MAY initially make a request with a old size of zero". */
  #size = 0;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.names = options.witnesses.map(({ name }) => name);
  }

  /** Rejects only when the proof cannot be read from our own files. */
  async ask(published: Published, signal: AbortSignal): Promise<Outcome> {
    for (let turn = 0; turn < TURNS_MAX; turn++) {
      if (this.#size > published.size) {
        if (await this.#isReached(this.#size, signal)) return { kind: "later" };
        const size = this.#size;
        // Asked again from what we have: who was told a wrong size once is not in conflict for ever.
        this.#size = published.size;
        return { kind: "conflict", reason: "longer", size };
      }
      const proof = await this.#options.prove(this.#size, published.size);
      const answer = await this.#post(formatAddCheckpoint(this.#size, proof, published.checkpoint), signal);
      if (answer === undefined) return { kind: "away", reason: "unreachable" };
      if (answer.status !== 409) return this.#read(answer, published);
      const known = answer.type === "text/x.tlog.size" ? /^(0|[1-9][0-9]{0,15})\n$/.exec(answer.body)?.[1] : undefined;
      // Before version 1.1 of the specification a witness said 409 of another root at the same size, too, without a size.
      if (known === undefined) return { kind: "conflict", reason: "another", size: published.size };
      if (Number(known) === this.#size || !Number.isSafeInteger(Number(known))) break;
      this.#size = Number(known);
    }
    return { kind: "away", reason: "answer-invalid" };
  }

  /** Another gateway of this log may have published, and asked, a moment before this one heard of it. */
  async #isReached(size: number, signal: AbortSignal): Promise<boolean> {
    for (let look = 0; look < LOOKS_MAX && !signal.aborted; look++) {
      if (size <= this.#options.published()) return true;
      await new Promise<void>((resolve) => {
        setTimeout(resolve, LOOK_MS).unref();
      });
    }
    return size <= this.#options.published();
  }

  async #read({ status, body }: HttpAnswer, published: Published): Promise<Outcome> {
    switch (status) {
      case 200: {
        const lines = await verifiedLines(published.checkpoint, body, this.#options.witnesses);
        if (lines.size === 0) return { kind: "away", reason: "answer-invalid" };
        this.#size = published.size;
        return { kind: "cosigned", lines };
      }
      case 422:
        return { kind: "conflict", reason: "another", size: published.size };
      case 404:
        return { kind: "away", reason: "unknown-log" };
      case 403:
        return { kind: "away", reason: "signature-refused" };
      case 429:
        return { kind: "away", reason: "limited" };
      default:
        return { kind: "away", reason: status >= 500 ? "unreachable" : "refused" };
    }
  }

  /** Undefined when no answer came, or one that is too long. */
  async #post(body: string, signal: AbortSignal): Promise<HttpAnswer | undefined> {
    const { url, agent } = this.#options;
    try {
      const { request } = await import("undici");
      const response = await request(`${url.replace(/\/+$/, "")}/add-checkpoint`, {
        method: "POST",
        body,
        headers: { "content-type": "text/plain; charset=utf-8" },
        dispatcher: await agent(),
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      const chunks: Buffer[] = [];
      let length = 0;
      for await (const chunk of response.body as AsyncIterable<Buffer>) {
        length += chunk.length;
        if (length > ANSWER_BYTES_MAX) return undefined;
        chunks.push(chunk);
      }
      const type = response.headers["content-type"];
      return {
        status: response.statusCode,
        type: typeof type === "string" ? type : "",
        body: Buffer.concat(chunks).toString("utf8"),
      };
    } catch {
      // Refused, reset, timed out, a name that does not resolve, TLS that fails: each means that there is no answer.
      return undefined;
    }
  }
}

interface HttpAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/**
 * "The client MAY concatenate it to the checkpoint, and use a note verification function configured with the witness keys it
 * trusts. If that call succeeds, it can move the valid signatures to its own view"; and "MUST ignore any cosignatures from
 * unknown keys". A known key that fails spoils the answer. A cosignature must state its time.
 */
async function verifiedLines(
  checkpoint: string,
  answer: string,
  witnesses: readonly PolicyWitness[],
): Promise<ReadonlyMap<string, NoteSignature>> {
  const lines = new Map<string, NoteSignature>();
  try {
    const { text } = parseNote(checkpoint);
    const { signatures } = parseNote(`${text}\n${answer}`);
    for (const { name, key } of witnesses) {
      const own = signatures.filter((signature) => isBy(signature, key));
      const [verdict] = (await verifyNote({ text, signatures: own }, [key])).keys;
      if (verdict?.status === "failed") return new Map();
      const [line] = own;
      if (verdict?.status === "verified" && verdict.timestamp !== undefined && line !== undefined)
        lines.set(name, line);
    }
    return lines;
  } catch (thrown) {
    if (thrown instanceof VerifierError) return new Map();
    throw thrown;
  }
}

function isBy({ name, keyId }: NoteSignature, key: VerifierKey): boolean {
  return name === key.name && keyId === key.keyId;
}
