/**
 * What the configuration says about where the evidence is sent on to. Resolved and checked by config/export.ts; immutable, a
 * reload makes a new one.
 */
import type { Secret } from "./secret.ts";

export interface ExportSettings {
  readonly destinations: readonly DestinationSettings[];
}

/** What a record looks like where it arrives. */
export const EXPORT_FORMATS = ["ocsf", "structured", "cef"] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number];

interface Named {
  readonly name: string;
  /** Where it begins when it is new: the first record that is there, or what comes from now on. */
  readonly from: "beginning" | "now";
  readonly allowPrivateAddress: boolean;
  /** PEM of the authorities of a private PKI. Absent: those of the runtime. */
  readonly ca?: string;
}

interface Http extends Named {
  readonly url: URL;
}

export interface SyslogSettings extends Named {
  readonly kind: "syslog";
  readonly host: string;
  readonly port: number;
  /** Name that the receiver's certificate has to have. */
  readonly serverName: string;
  /** PEM: who we are to the receiver. Absent: it asks for no certificate. */
  readonly client?: { readonly certificate: Secret; readonly key: Secret };
  readonly format: ExportFormat;
  /** Longest message, in bytes. */
  readonly messageBytesMax: number;
  /** Private enterprise number of the structured data's name (RFC 5424 section 7.2.2). */
  readonly enterprise: number;
  /** So long the receiver has to have gone on living after it has read a record, for the record to count as arrived. */
  readonly settleMs: number;
}

export interface HecSettings extends Http {
  readonly kind: "splunk";
  readonly token: Secret;
  readonly index?: string;
  /** False: a record counts as arrived when it was taken (200), which says nothing about whether it is kept. */
  readonly acknowledged: boolean;
  readonly ackMs: number;
}

export interface OtlpSettings extends Http {
  readonly kind: "otlp";
  readonly headers: ReadonlyMap<string, Secret>;
}

export interface HookSettings extends Http {
  readonly kind: "webhook";
  /** `whsec_` and base64. */
  readonly secret: Secret;
}

export interface BucketSettings extends Named {
  readonly kind: "s3";
  readonly endpoint: URL;
  readonly region: string;
  readonly bucket: string;
  /** Without a slash at its ends; empty: the bucket itself. */
  readonly prefix: string;
  readonly accessKey: Secret;
  readonly secretKey: Secret;
  /** Absent: nothing is locked. */
  readonly lock?: { readonly mode: "COMPLIANCE" | "GOVERNANCE"; readonly days: number };
  readonly everyMs: number;
}

export type DestinationSettings = SyslogSettings | HecSettings | OtlpSettings | HookSettings | BucketSettings;
