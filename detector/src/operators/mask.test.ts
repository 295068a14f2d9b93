import { describe, expect, it } from "vitest";
import { TYPES } from "../types.ts";
import { MASKS, maskValue } from "./mask.ts";

describe("maskValue", () => {
  it.each([
    ["DATE_OF_BIRTH", "14.03.1985", "**.**.198*"],
    ["DATE_OF_BIRTH", "1985-03-14", "198*-**-**"],
    ["DATE_OF_BIRTH", "14 March 1985", "** *** 198*"],
    ["DATE_OF_BIRTH", "14.03.85", "***"],
    ["USER_HANDLE", "@janedoe", "@j***"],
    ["USER_HANDLE", "janedoe", "j***"],
    ["MAC_ADDRESS", "00:1A:2B:3C:4D:5E", "00:1A:2B:**:**:**"],
    ["COORDINATES", "52.5163, 13.3777", "52.*, 13.*"],
    ["COORDINATES", "52°30'58\"N 13°22'40\"E", "52°*N 13°*E"],
    ["COORDINATES", "8FVC9G8F+6X", "***"],
    ["BIC", "DEUTDEFF500", "****DE***"],
    ["CRYPTO_WALLET", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "bc1***"],
    ["CRYPTO_WALLET", "0x52908400098527886E0F7030069857D2E4169EE7", "0x***"],
    ["LOCATION", "Berlin", "***"],
    ["NATIONAL_ID", "85.07.30-033.28", "***"],
    ["IP_ADDRESS", "localhost", "***"],
  ])("%s %s → %s", (type, value, masked) => {
    expect(maskValue(type, value)).toBe(masked);
  });

  it("every type of the detector has a row with a reason, and what it shows is not the value", () => {
    expect(Object.keys(MASKS).sort()).toEqual(Object.keys(TYPES).sort());
    for (const [type, { shows, because }] of Object.entries(MASKS)) {
      expect(shows, type).not.toBe("");
      expect(because, type).not.toBe("");
    }
  });

  it.each([
    ["EMAIL", "jane@example.org"],
    ["IP_ADDRESS", "192.0.2.17"],
    ["MAC_ADDRESS", "00:1A:2B:3C:4D:5E"],
    ["BIC", "DEUTDEFF500"],
    ["USER_HANDLE", "@janedoe"],
    ["PERSON", "Jane Doe"],
  ])("of what it wrote for %s it leaves no more, and no less", (type, value) => {
    const masked = maskValue(type, value);
    expect(maskValue(type, masked)).toBe(masked);
  });
});
