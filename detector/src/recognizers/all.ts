/** Every recognizer of single lines. Their order does not matter: overlap.ts decides. Private keys span lines: engine.ts. */
import { bic } from "./bic.ts";
import { birthDate } from "./birth-date.ts";
import { card } from "./card.ts";
import { coordinates } from "./coordinates.ts";
import { cryptoWallet } from "./crypto-wallet.ts";
import { drivingLicence } from "./driving-licence.ts";
import { identifier } from "../identifiers/identifier.ts";
import { email } from "./email.ts";
import { emailSpelled } from "./email-spelled.ts";
import { handle } from "./handle.ts";
import { iban } from "./iban.ts";
import { ip } from "./ip.ts";
import { labelled } from "./labelled.ts";
import { licencePlate } from "./licence-plate.ts";
import { mac } from "./mac.ts";
import { mrz } from "./mrz.ts";
import { passport } from "./passport.ts";
import { phone } from "./phone.ts";
import type { Recognizer } from "./recognizer.ts";
import { secretNear } from "./secret-near.ts";
import { secretPair } from "./secret-pair.ts";
import { secretToken } from "./secret-token.ts";
import { url } from "./url.ts";

export const RECOGNIZERS: readonly Recognizer[] = [
  secretToken,
  secretNear,
  secretPair,
  email,
  url,
  ip,
  iban,
  card,
  phone,
  labelled,
  emailSpelled,
  mac,
  bic,
  cryptoWallet,
  coordinates,
  handle,
  birthDate,
  mrz,
  passport,
  drivingLicence,
  licencePlate,
  identifier,
];
