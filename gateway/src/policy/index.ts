export {
  type Admitted,
  type AdmitRequest,
  type Authorizer,
  type ControlDecision,
  createAuthorizer,
  type Surroundings,
} from "./authorizer.ts";
export { createHabits, type Habit, type Habits } from "./habits.ts";
export { loadPolicies, type PolicySet, type Vocabulary } from "./load.ts";
export { masksMore, stricterRules } from "./obligations.ts";
export { volumeOf } from "./risk.ts";
export type { ControlAction, RequestAction } from "./schema.ts";
export type { PolicyFiles } from "./source.ts";
