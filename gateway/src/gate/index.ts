/** The room's door. `mintPermit` and `revokePermit` stay inside: only the gate makes and ends permits. */
export {
  type Approvals,
  createGate,
  type Exchange,
  type ExchangeRecord,
  type Gate,
  type GateOptions,
  type Observer,
  type RefusalFacts,
  type Render,
  type Snapshot,
} from "./gate.ts";
export { assertPermit, type Permit } from "./permit.ts";
export { Quotas } from "./quotas.ts";
export type { ListedModel } from "./resolve.ts";
