/**
 * Tells a system over HTTP whom to delete: a JSON event, signed as Standard Webhooks say, with an id that is the same for each try, so that
 * a receiver that has seen it can answer at once. 2xx says that it is gone.
 */
import type { CallableSink } from "../../core/rights.ts";
import type { SinkTools } from "./open.ts";
import type { Sink } from "./sink.ts";

type Settings = Extract<CallableSink, { readonly kind: "http" }>;

export function createHttpSink(settings: Settings, { send, signed, clock }: SinkTools): Sink {
  const { url, secret } = settings;
  return {
    async erase(identifiers, call) {
      const body = JSON.stringify({
        type: "subject.erased",
        timestamp: new Date(clock()).toISOString(),
        data: {
          id: call,
          identifiers: identifiers.map(({ type, value, normalised }) => ({ type, value, normalised })),
        },
      });
      const headers = { "content-type": "application/json", ...signed(`msg_${call}`, body, secret.reveal()) };
      await send(settings, { method: "POST", url, headers, body });
      return {};
    },
  };
}
