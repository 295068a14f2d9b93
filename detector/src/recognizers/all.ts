/** Every recognizer of single lines. Their order does not matter: overlap.ts decides. Private keys span lines: engine.ts. */
import { card } from "./card.ts";
import { email } from "./email.ts";
import { iban } from "./iban.ts";
import { ip } from "./ip.ts";
import { labelled } from "./labelled.ts";
import { phone } from "./phone.ts";
import type { Recognizer } from "./recognizer.ts";
import { secretPair } from "./secret-pair.ts";
import { secretToken } from "./secret-token.ts";
import { url } from "./url.ts";

export const RECOGNIZERS: readonly Recognizer[] = [
  secretToken,
  secretPair,
  email,
  url,
  ip,
  iban,
  card,
  phone,
  labelled,
];
