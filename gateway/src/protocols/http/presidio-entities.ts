/**
 * Our types in the words of Presidio's entities and back, one row for each pair. A row with recognizers speaks of what those
 * found, a row without of the rest of its type. A type without a row goes by its own name, in both directions.
 */
import type { Finding } from "./presidio-detector.ts";

interface Row {
  readonly entity: string;
  readonly type: string;
  /** `Finding.recognizer` */
  readonly recognizers?: readonly string[];
}

export const ENTITIES: readonly Row[] = [
  { entity: "EMAIL_ADDRESS", type: "EMAIL" },
  { entity: "PHONE_NUMBER", type: "PHONE" },
  { entity: "IBAN_CODE", type: "IBAN" },
  { entity: "CREDIT_CARD", type: "CARD" },
  { entity: "CRYPTO", type: "CRYPTO_WALLET" },
  { entity: "IP_ADDRESS", type: "IP_ADDRESS" },
  { entity: "MAC_ADDRESS", type: "MAC_ADDRESS" },
  { entity: "URL", type: "URL" },
  { entity: "PERSON", type: "PERSON" },
  { entity: "ORGANIZATION", type: "ORGANIZATION" },
  { entity: "LOCATION", type: "LOCATION" },
  { entity: "LOCATION", type: "ADDRESS" },
  { entity: "DATE_TIME", type: "DATE_OF_BIRTH" },
  { entity: "DE_TAX_ID", type: "TAX_ID", recognizers: ["de-idnr"] },
  { entity: "DE_TAX_NUMBER", type: "TAX_ID", recognizers: ["de-steuernummer"] },
  { entity: "DE_SOCIAL_SECURITY", type: "SOCIAL_SECURITY_NUMBER", recognizers: ["de-rvnr"] },
  { entity: "DE_HEALTH_INSURANCE", type: "HEALTH_ID", recognizers: ["de-kvnr"] },
  { entity: "DE_ID_CARD", type: "ID_CARD_NUMBER", recognizers: ["de-personalausweis"] },
  { entity: "DK_CPR_NUMBER", type: "NATIONAL_ID", recognizers: ["dk-cpr"] },
  { entity: "ES_NIF", type: "NATIONAL_ID", recognizers: ["es-dni"] },
  { entity: "ES_NIE", type: "NATIONAL_ID", recognizers: ["es-nie"] },
  { entity: "FI_PERSONAL_IDENTITY_CODE", type: "NATIONAL_ID", recognizers: ["fi-hetu"] },
  { entity: "FR_NIR", type: "SOCIAL_SECURITY_NUMBER", recognizers: ["fr-nir", "fr-nir-13"] },
  { entity: "IT_FISCAL_CODE", type: "TAX_ID", recognizers: ["it-cf", "it-cf-provvisorio"] },
  { entity: "IT_IDENTITY_CARD", type: "ID_CARD_NUMBER", recognizers: ["it-cie"] },
  { entity: "PL_PESEL", type: "NATIONAL_ID", recognizers: ["pl-pesel"] },
  { entity: "SE_PERSONNUMMER", type: "NATIONAL_ID", recognizers: ["se-pnr"] },
  { entity: "UK_NHS", type: "HEALTH_ID", recognizers: ["gb-nhs"] },
  { entity: "UK_NINO", type: "SOCIAL_SECURITY_NUMBER", recognizers: ["gb-nino"] },
];

const BY_RECOGNIZER = new Map(ENTITIES.flatMap((row) => (row.recognizers ?? []).map((id) => [id, row] as const)));
const BY_TYPE = new Map(ENTITIES.filter((row) => row.recognizers === undefined).map((row) => [row.type, row.entity]));

/** What Presidio would call it. */
export function entityOf({ type, recognizer }: Pick<Finding, "type" | "recognizer">): string {
  const row = BY_RECOGNIZER.get(recognizer);
  return row?.type === type ? row.entity : (BY_TYPE.get(type) ?? type);
}

/** The types that may yield this entity; empty when none does. Our own names are understood too. */
export function typesOf(entity: string, types: Readonly<Record<string, unknown>>): string[] {
  const found = ENTITIES.filter((row) => row.entity === entity && Object.hasOwn(types, row.type)).map(
    ({ type }) => type,
  );
  if (Object.hasOwn(types, entity)) found.push(entity);
  return [...new Set(found)];
}

/** All that can be found, in their words where they have one. */
export function supportedEntities(types: Readonly<Record<string, unknown>>): string[] {
  const mapped = ENTITIES.filter(({ type }) => Object.hasOwn(types, type)).map(({ entity }) => entity);
  const own = Object.keys(types).filter((type) => !BY_TYPE.has(type));
  return [...new Set([...mapped, ...own])].sort((a, b) => (a < b ? -1 : 1));
}
