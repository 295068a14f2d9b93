/**
 * What the configuration says about how approvers are told and may decide. Resolved and checked by config/channels.ts; immutable, a
 * reload makes a new one.
 */
import type { Secret } from "./secret.ts";

export interface ChannelSettings {
  readonly email?: {
    readonly server: MailServerSettings;
    readonly from: string;
    /** Each address once. */
    readonly to: readonly MailTo[];
    /** A link's page shows what will be sent, masked, to whoever has the link and asks for it. */
    readonly preview: boolean;
  };
  readonly webhooks: readonly WebhookSettings[];
  readonly slack?: SlackSettings;
  /** Groups whose channels hear alarms. */
  readonly alarms: readonly string[];
  /** From which risk on a yes needs a passkey. Absent: never. */
  readonly passkeys?: { readonly risk: number };
}

export interface MailServerSettings {
  readonly host: string;
  readonly port: number;
  /** `implicit`: from the first byte (RFC 8314). `required`: by STARTTLS. `none`: to this machine. */
  readonly tls: "implicit" | "required" | "none";
  /** PEM of the authorities of a private PKI. */
  readonly ca?: string;
  readonly user?: string;
  readonly password?: Secret;
}

interface MailTo {
  readonly address: string;
  /** Principal's id of whose it is. */
  readonly person: string;
  readonly groups: readonly string[];
}

interface WebhookSettings {
  readonly name: string;
  readonly form: "standard" | "teams";
  /** May be a secret itself: who has it can post. */
  readonly url: Secret;
  readonly secret?: Secret;
  readonly allowPrivateAddress: boolean;
  readonly groups: readonly string[];
}

interface SlackSettings {
  readonly token: Secret;
  readonly team: string;
  readonly rooms: readonly { readonly room: string; readonly groups: readonly string[] }[];
  /** Slack's user id → principal's id. */
  readonly people: ReadonlyMap<string, string>;
  /** For socket mode. */
  readonly appToken?: Secret;
  /** For interactions over HTTP. */
  readonly signingSecret?: Secret;
  /** Of a stand-in. Absent: Slack. */
  readonly apiUrl?: string;
}
