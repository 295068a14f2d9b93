/** All rules about secrets, in the order of the documentation. Types of their findings: SECRET, every one. */
import { AI_RULES } from "./ai.ts";
import { BESIDE_RULES } from "./beside.ts";
import { CHAT_RULES } from "./chat.ts";
import { CLOUD_RULES } from "./cloud.ts";
import { CODE_RULES } from "./code.ts";
import { COMMERCE_RULES } from "./commerce.ts";
import { GENERIC_RULES } from "./generic.ts";
import { OPERATIONS_RULES } from "./operations.ts";
import type { SecretRule } from "./rule.ts";
import { WORK_RULES } from "./work.ts";

export const SECRET_RULES: readonly SecretRule[] = [
  ...GENERIC_RULES,
  ...CLOUD_RULES,
  ...CODE_RULES,
  ...AI_RULES,
  ...CHAT_RULES,
  ...COMMERCE_RULES,
  ...OPERATIONS_RULES,
  ...WORK_RULES,
  ...BESIDE_RULES,
];
