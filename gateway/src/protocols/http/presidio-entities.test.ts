import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { detect, TYPES } from "@sluice/detector";
import { expect, test } from "vitest";
import { ENTITIES, entityOf, supportedEntities, typesOf } from "./presidio-entities.ts";

test("every row speaks of a type that exists, and no recognizer stands in two rows", () => {
  for (const { type } of ENTITIES) expect(Object.keys(TYPES)).toContain(type);
  const recognizers = ENTITIES.flatMap(({ recognizers = [] }) => recognizers);
  expect(new Set(recognizers).size).toBe(recognizers.length);
});

test("a finding has their name where they have one, else ours, and is found under either", () => {
  for (const [type, recognizer, entity] of [
    ["EMAIL", "email", "EMAIL_ADDRESS"],
    ["NATIONAL_ID", "pl-pesel", "PL_PESEL"],
    ["NATIONAL_ID", "hr-oib", "NATIONAL_ID"],
    ["HEALTH_ID", "gb-nhs", "UK_NHS"],
    ["TAX_ID", "pl-pesel", "TAX_ID"],
    ["ADDRESS", "address", "LOCATION"],
    ["ORDER_NUMBER", "labelled", "ORDER_NUMBER"],
  ] as const) {
    expect(entityOf({ type, recognizer })).toBe(entity);
    expect(typesOf(entity, TYPES)).toContain(type);
    expect(supportedEntities(TYPES)).toContain(entity);
  }
  expect(typesOf("US_SSN", TYPES)).toEqual([]);
  expect(typesOf("toString", TYPES)).toEqual([]);
});

test.each([
  ["Steuer-ID 86095742719", "DE_TAX_ID"],
  ["Rentenversicherungsnummer 65170839J008", "DE_SOCIAL_SECURITY"],
  ["KVNR A123456780", "DE_HEALTH_INSURANCE"],
  ["Personalausweis T220001293", "DE_ID_CARD"],
  ["CPR 070761-4285", "DK_CPR_NUMBER"],
  ["DNI 12345678Z", "ES_NIF"],
  ["NIE X1234567L", "ES_NIE"],
  ["henkilötunnus 131052-308T", "FI_PERSONAL_IDENTITY_CODE"],
  ["NIR 2 55 08 14 168 025 38", "FR_NIR"],
  ["codice fiscale RSSMRA85T10A562S", "IT_FISCAL_CODE"],
  ["PESEL 44051401359", "PL_PESEL"],
  ["personnummer 811218-9876", "SE_PERSONNUMMER"],
  ["NHS number 943 476 5919", "UK_NHS"],
  ["NINO AB123456C", "UK_NINO"],
  ["00:1B:44:11:3A:B7", "MAC_ADDRESS"],
  ["bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "CRYPTO"],
  ["date of birth: 14.03.1985", "DATE_TIME"],
])("%s is found as %s", (text, entity) => {
  expect(detect(text).map(entityOf)).toContain(entity);
});

test("docs/presidio.md holds the table", () => {
  const page = readFileSync(fileURLToPath(new URL("../../../../docs/presidio.md", import.meta.url)), "utf8");
  const rows = ENTITIES.map(({ entity, type, recognizers = [] }) => {
    const only = recognizers.map((id) => `\`${id}\``).join(", ");
    return `| \`${entity}\` | \`${type}\` | ${only}${only === "" ? "" : " "}|`;
  });
  expect(page).toContain(`|---|---|---|\n${rows.join("\n")}\n\n`);
});
