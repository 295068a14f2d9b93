/**
 * `aws-sm:<name or ARN>` and `aws-sm:<name or ARN>#<field>`: the current version of a text in AWS Secrets Manager, whole or one
 * field of its JSON. Through AWS's own client, an optional peer dependency that is loaded when a configuration wants it.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 */
import type * as sm from "@aws-sdk/client-secrets-manager";
import { AWS_LIMITS } from "./aws.ts";
import { fieldOf, type Reading, type SecretSource } from "./source.ts";

type Sdk = typeof sm;

/** The service's words for a secret that was deleted, or never was. */
const GONE = new Set(["ResourceNotFoundException", "InvalidRequestException"]);

export interface AwsSourceOptions {
  readonly region?: string;
  readonly endpoint?: URL;
  readonly load?: () => Promise<Sdk>;
}

export interface AwsSource extends SecretSource {
  close(): void;
}

export function awsSource({ region, endpoint, load = loadSdk }: AwsSourceOptions): AwsSource {
  let opened: Promise<{ readonly sdk: Sdk; readonly client: sm.SecretsManagerClient }> | undefined;
  let close = (): void => {};
  const open = async (): Promise<{ readonly sdk: Sdk; readonly client: sm.SecretsManagerClient }> => {
    const sdk = await load();
    const client = new sdk.SecretsManagerClient({
      ...AWS_LIMITS,
      ...(region === undefined ? {} : { region }),
      ...(endpoint === undefined ? {} : { endpoint: endpoint.href }),
    });
    close = () => client.destroy();
    return { sdk, client };
  };
  return {
    async read(target): Promise<Reading> {
      const hash = target.indexOf("#");
      const id = hash === -1 ? target : target.slice(0, hash);
      const place = `aws-sm:${id}`;
      let text: string | undefined;
      try {
        opened ??= open();
        const { sdk, client } = await opened.catch((cause: unknown) => {
          opened = undefined;
          throw new NotInstalled("the package @aws-sdk/client-secrets-manager cannot be loaded", { cause });
        });
        text = (await client.send(new sdk.GetSecretValueCommand({ SecretId: id }))).SecretString;
      } catch (thrown) {
        if (thrown instanceof NotInstalled) {
          const reason = `${place} needs the package @aws-sdk/client-secrets-manager; npm install it`;
          return { reason, gone: false };
        }
        // Names of AWS's errors say what to do; their messages may quote the request.
        const name = thrown instanceof Error ? thrown.name : "cannot be asked";
        return { reason: `${place}: ${name}`, gone: GONE.has(name) };
      }
      if (text === undefined) return { reason: `${place} is not a text`, gone: false };
      if (hash === -1) return { value: text };
      try {
        return fieldOf(JSON.parse(text), target.slice(hash + 1), place);
      } catch {
        return { reason: `${place} is not JSON, so it has no fields`, gone: false };
      }
    },
    close: () => close(),
  };
}

class NotInstalled extends Error {
  override readonly name = "NotInstalled";
}

const loadSdk = (): Promise<Sdk> => import("@aws-sdk/client-secrets-manager");
