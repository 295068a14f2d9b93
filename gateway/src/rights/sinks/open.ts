/** Settings of a sink → the sink. Asks nobody yet. */
import type { CallableSink } from "../../core/rights.ts";
import { createHttpSink } from "./http.ts";
import type { Outgoing } from "./outgoing.ts";
import { createS3Sink } from "./s3.ts";
import type { Sink } from "./sink.ts";
import { createSqlSink, createVectorSink } from "./sql.ts";

export interface SinkTools {
  readonly send: Outgoing;
  /** Headers of https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md. */
  readonly signed: (id: string, body: string, secret: string) => Readonly<Record<string, string>>;
  readonly clock: () => number;
}

export function openSink(settings: CallableSink, tools: SinkTools): Sink {
  switch (settings.kind) {
    case "sql":
      return createSqlSink(settings);
    case "vector":
      return createVectorSink(settings);
    case "http":
      return createHttpSink(settings, tools);
    case "s3":
      return createS3Sink(settings, tools);
  }
}
