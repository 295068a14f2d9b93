import { describe } from "vitest";
import { checkRows } from "../test/rows.ts";

describe("a bank's code is found behind its label, an IBAN or words of banking", () => {
  checkRows("BIC", [
    { text: "BIC: DEUTDEFF500", finds: ["DEUTDEFF500"] },
    { text: "BIC DEUTDEFF", finds: ["DEUTDEFF"] },
    { text: "BIC/SWIFT: COBADEFFXXX.", finds: ["COBADEFFXXX"] },
    { text: "SWIFT code BNPAFRPP, código SWIFT: BBVAESMM", finds: ["BNPAFRPP", "BBVAESMM"] },
    { text: '{"bic":"INGBNL2A","bicCode":"ABNANL2AXXX"}', finds: ["INGBNL2A", "ABNANL2AXXX"] },
    { text: "bic=deutdeff", finds: ["deutdeff"] },
    { text: "Kod BIC/SWIFT: BREXPLPWMBK", finds: ["BREXPLPWMBK"] },
    { text: "IBAN DE89 3704 0044 0532 0130 00, COBADEFF", finds: ["COBADEFF"] },
    { text: "DE89370400440532013000 (DEUTDEFF500)", finds: ["DEUTDEFF500"] },
    { text: "Bankverbindung Musterbank, GENODEF1XXX", finds: ["GENODEF1XXX"] },
  ]);
});

describe("words in capitals are no codes of banks", () => {
  checkRows("BIC", [
    { text: "DOCUMENT REGISTER SOFTWARE DELIVERY MAINTENANCE", finds: [] },
    { text: "Swift delivery of the DOCUMENT", finds: [] },
    { text: "the BANK sent a DOCUMENT and a STATEMENT", finds: [] },
    { text: "part ABCDDE12345, DEUTDEFF500", finds: [] },
    { text: "BIC: ABCDZZFF, BIC: DEUTDEF, BIC: DEUTDEFF5, BIC: 1EUTDEFF", finds: [] },
    { text: "function swiftResponse(delivery) { return delivery; }", finds: [] },
    { text: "IBAN DE89 3704 0044 0532 0130 00\nDOCUMENT", finds: [] },
  ]);
});
