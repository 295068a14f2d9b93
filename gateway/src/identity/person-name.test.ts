import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cleanName, nameIn, withName } from "./person-name.ts";

describe("a name", () => {
  test.each([
    "Olga Ott",
    "Jean-Luc O’Hara-Müller, Dr.",
    "Doe, Jane (EXT)",
    "jane.doe+x@example.org",
    "Ngô Thị Hạnh",
    "אולגה",
    "王小明",
    "ปิยะ",
  ])("%s stays as it is", (name) => {
    expect(cleanName(name)).toBe(name.normalize("NFC"));
  });

  test.each([
    ["overrides of direction", "Olga \u202egroC\u202c Ott", "Olga groC Ott"],
    ["isolates, joiners and fillers that nobody sees", "Ol\u2066ga\u2069\u200d\u3164 Ott", "Olga Ott"],
    ["ends of lines and controls", "Olga\r\nVotes:\u0000 yes", "Olga Votes yes"],
    ["markup", `<img src=x onerror="alert(1)">Olga`, "img srcx onerroralert(1)Olga"],
    ["what marks off ids and other names", "Olga” corp:00u1 “Ott", "Olga corp00u1 Ott"],
    ["half a character", "Olga\ud83d Ott", "Olga Ott"],
  ])("is rid of %s", (_, name, clean) => {
    expect(cleanName(name)).toBe(clean);
  });

  test("of marks on one letter those that some script has stay", () => {
    expect(cleanName(`O${"\u0336".repeat(500)}lga`)).toBe(`O${"\u0336".repeat(4)}lga`);
  });

  test("is cut, however long it was", () => {
    expect(cleanName("x".repeat(10_240))).toBe(`${"x".repeat(80)}…`);
    expect(cleanName("𝒳".repeat(10_240))).toBe(`${"𝒳".repeat(80)}…`);
    expect(cleanName(`${" ".repeat(10_240)}Olga`)).toBeUndefined();
  });

  test.each([undefined, 7, ["Olga"], { name: "Olga" }, "", "  ", "…—“”", "\u202e"])(
    "is not made of %j",
    (value: unknown) => {
      expect(cleanName(value)).toBeUndefined();
    },
  );

  test("holds nothing that could end it, whatever it was made of", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        const name = cleanName(text) ?? "";
        expect(name).not.toMatch(/["“”:<>\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect([...name].length).toBeLessThanOrEqual(81);
      }),
    );
  });
});

describe("of what a provider says", () => {
  test("the name counts before the user name, and that before the address; what cannot be shown is passed over", () => {
    const claims = { name: "Olga Ott", preferred_username: "olga", email: "olga@example.org" };
    expect(nameIn(claims)).toBe("Olga Ott");
    expect(nameIn({ ...claims, name: "\u202e" })).toBe("olga");
    expect(nameIn({ email: "olga@example.org" })).toBe("olga@example.org");
    expect(nameIn({ sub: "olga" })).toBeUndefined();
    expect(nameIn(Object.create(claims))).toBeUndefined();
  });
});

describe("what is shown", () => {
  test("begins with the id, which nobody chooses", () => {
    expect(withName("corp:00u1", "Olga Ott")).toBe("corp:00u1 “Olga Ott”");
    expect(withName("corp:00u1", undefined)).toBe("corp:00u1");
    expect(withName("corp:olga", "olga")).toBe("corp:olga");
  });
});
