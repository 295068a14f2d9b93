/**
 * What the configuration says about forgetting: where copies are that have to be deleted too, what was trained on the data, and how
 * long things are kept. Resolved and checked by config/erasure.ts; immutable, a reload makes a new one.
 */
import type { Secret } from "./secret.ts";

export interface ErasureSettings {
  readonly sinks: readonly SinkSettings[];
  /** What was, or is, trained on recordings of these purposes. */
  readonly datasets: readonly { readonly name: string; readonly purposes: readonly string[] }[];
  /** A sink that goes on failing for so long becomes a dated residual on the certificate. */
  readonly giveUpMs: number;
  /** For how long an erasure is known again when it is asked for a second time. 0: not at all. */
  readonly rememberMs: number;
  /** Longest time from the placing, or the renewal, of a legal hold to its end. */
  readonly holdLongestMs: number;
}

export interface RetentionSettings {
  /** Leaves of the log and the index of data subjects. */
  readonly metadataMs: number;
  /** How often what is old enough is looked for. */
  readonly everyMs: number;
}

/** What stands in a statement for each identifier: as it was written, as it is compared, and its type. */
export const SINK_PARAMETERS = ["value", "normalised", "type"] as const;

export type SinkParameter = (typeof SINK_PARAMETERS)[number];

interface Named {
  readonly name: string;
  /** Types of identifiers that it is called with; absent: all. */
  readonly types?: readonly string[];
}

export type CallableSink =
  | (Named & {
      readonly kind: "sql";
      readonly url: Secret;
      /** Run once for each identifier. */
      readonly statement: string;
      /** What `$1`, `$2`, … are. */
      readonly parameters: readonly SinkParameter[];
    })
  | (Named & {
      readonly kind: "vector";
      readonly url: Secret;
      /** Of rows that have a column of metadata, JSON. May name its schema: `rag.documents`. */
      readonly table: string;
      readonly column: string;
      /** Member of the metadata that holds the identifier. */
      readonly key: string;
    })
  | (Named & {
      readonly kind: "http";
      readonly url: URL;
      /** `whsec_` and base64. */
      readonly secret: Secret;
      readonly allowPrivateAddress: boolean;
    })
  | (Named & {
      readonly kind: "s3";
      readonly endpoint: URL;
      readonly region: string;
      readonly bucket: string;
      /** Holds `{value}` once, with something behind it that ends it. */
      readonly prefix: string;
      readonly accessKey: Secret;
      readonly secretKey: Secret;
      readonly allowPrivateAddress: boolean;
    });

export type SinkSettings = CallableSink | { readonly kind: "backup"; readonly name: string; readonly keepMs: number };
