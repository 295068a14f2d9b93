/**
 * The exchanges that run, so that one can be ended from outside: its grant is over, or the person was disabled. Ending calls
 * the protocol at once; what it had sent stays sent. A protocol that listens late is told late, and never not at all.
 */
import type { SluiceError } from "../core/errors.ts";
import type { Principal } from "../core/principal.ts";

/** Whose exchange it is, and on whose yes. */
export interface Whose {
  readonly principal: Principal;
  /** Id of the grant that people gave for it. */
  readonly grant?: string | undefined;
}

export class LiveExchange {
  readonly whose: Whose;
  #cut: SluiceError | undefined;
  #listener: ((error: SluiceError) => void) | undefined;

  constructor(whose: Whose) {
    this.whose = whose;
  }

  /** One listener; it is called once at most. */
  onCut(listener: (error: SluiceError) => void): void {
    this.#listener = listener;
    if (this.#cut !== undefined) listener(this.#cut);
  }

  cut(error: SluiceError): void {
    if (this.#cut !== undefined) return;
    this.#cut = error;
    this.#listener?.(error);
  }
}

export class LiveExchanges {
  readonly #running = new Set<LiveExchange>();

  get size(): number {
    return this.#running.size;
  }

  begin(whose: Whose): LiveExchange {
    const exchange = new LiveExchange(whose);
    this.#running.add(exchange);
    return exchange;
  }

  over(exchange: LiveExchange): void {
    this.#running.delete(exchange);
  }

  /** Ends every exchange of which `is` is true, and says how many. */
  end(is: (whose: Whose) => boolean, error: SluiceError): number {
    let ended = 0;
    for (const exchange of this.#running) {
      if (!is(exchange.whose)) continue;
      exchange.cut(error);
      ended += 1;
    }
    return ended;
  }
}
