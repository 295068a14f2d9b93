/**
 * Whether a signature holds, found out in a thread of its own: the XML libraries behind it take up to a second for what a stranger
 * can write into a message of the permitted size, and everybody's traffic would wait for that. One at a time, a short queue, and
 * an end to each; the thread begins with the first login and holds no key of ours.
 */
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import type { SamlProviderSettings } from "../core/identity.ts";
import { signedAssertion } from "./saml-library.ts";
import type { UnprovenResponse } from "./saml-response.ts";
import { invalid } from "./saml-xml.ts";
import { Turnstile } from "./turnstile.ts";

const MARK = "sluice saml signature";
const TIMEOUT_MS = 5_000;
const QUEUE_MAX = 32;
const HEAP_MB_MAX = 256;

type Question = Pick<UnprovenResponse, "xml" | "isSigned"> & Pick<SamlProviderSettings, "certificates">;

type Answer = { readonly signed: string | undefined } | "ended";

export class SignatureThread {
  readonly #turnstile = new Turnstile({ parallelMax: 1, queueMax: QUEUE_MAX });
  readonly #timeoutMs: number;
  #worker: Worker | undefined;

  /** `timeoutMs`: after this a message is given up, and whatever it keeps busy with it. */
  constructor(timeoutMs = TIMEOUT_MS) {
    this.#timeoutMs = timeoutMs;
  }

  /** The assertion as its signature covers it. Rejects with assertion_invalid, and rate_limited (retriable). */
  async signedAssertion({ xml, isSigned, certificates }: Question): Promise<string> {
    const answer = await this.#turnstile.pass(() => this.#ask({ xml, isSigned, certificates }));
    if (answer === "ended") throw invalid("takes too long to verify, or too much memory");
    if (answer.signed === undefined)
      throw invalid("is signed by no key of the provider (certificates), or was changed");
    return answer.signed;
  }

  #ask(question: Question): Promise<Answer> {
    const worker = this.#worker ?? this.#begin();
    return new Promise((resolve) => {
      const end = (answer: Answer): void => {
        clearTimeout(timer);
        worker.off("message", end).off("exit", ended).unref();
        resolve(answer);
      };
      const ended = (): void => end("ended");
      const timer = setTimeout(() => void worker.terminate(), this.#timeoutMs);
      worker.on("message", end).on("exit", ended).ref();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      worker.postMessage(question);
    });
  }

  #begin(): Worker {
    const worker = new Worker(new URL(import.meta.url), {
      workerData: MARK,
      // The libraries' warnings quote what they read, and are for nobody.
      env: {},
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
    });
    // Out of memory, mostly. It exits then, which is what counts.
    worker.on("error", () => undefined);
    worker.on("exit", () => {
      if (this.#worker === worker) this.#worker = undefined;
    });
    worker.stdout.resume();
    worker.stderr.resume();
    worker.unref();
    this.#worker = worker;
    return worker;
  }

  /** Whoever waits is refused; whoever comes later begins another thread. */
  async close(): Promise<void> {
    await this.#worker?.terminate();
  }
}

if (!isMainThread && workerData === MARK) {
  parentPort?.on("message", (question: Question) => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    void signedAssertion(question).then((signed) => parentPort?.postMessage({ signed }));
  });
}
