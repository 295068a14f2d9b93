import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { isObject } from "./plain.ts";
import { jsonSchema } from "./schema.ts";

const COMMITTED = new URL("../../sluice.schema.json", import.meta.url);

test("gateway/sluice.schema.json is the schema of this code (sluice check-config --schema prints it)", () => {
  expect(JSON.parse(readFileSync(COMMITTED, "utf8"))).toEqual(jsonSchema());
});

test("the JSON Schema refuses unknown keys at every level, and names what is required", () => {
  const objects: string[] = [];
  const visit = (value: unknown, path: string): void => {
    if (!isObject(value)) return;
    if (isObject(value["properties"])) {
      objects.push(path);
      expect(value["additionalProperties"], path).toBe(false);
    }
    for (const [key, each] of Object.entries(value)) visit(each, `${path}/${key}`);
  };
  visit(jsonSchema(), "");
  expect(objects.length).toBeGreaterThan(15);
});

test("every key that a user may write says what it means", () => {
  const silent: string[] = [];
  const visit = (value: unknown, path: string): void => {
    if (!isObject(value)) return;
    for (const [key, each] of Object.entries(isObject(value["properties"]) ? value["properties"] : {})) {
      const isPlain = isObject(each) && !isObject(each["properties"]);
      if (isPlain && each["description"] === undefined) silent.push(`${path}.${key}`);
    }
    for (const [key, each] of Object.entries(value)) visit(each, key === "properties" ? path : `${path}.${key}`);
  };
  visit(jsonSchema(), "");
  expect(silent).toEqual([]);
});
