/**
 * What is recorded of an exchange. Of all rules that fit, the one that keeps most decides, so that a duty to record is not undone by
 * another rule; and where these differ in who may make a text unreadable, `all-of` does, so that an erasure reaches further. The
 * order in which rules stand is of no matter.
 */
import { RECORDING_MODES, type RecordingRule, type RecordingSettings } from "../core/recording.ts";

export function ruleOf(settings: RecordingSettings, connection: string, purpose: string): RecordingRule | undefined {
  if (settings.rules.length === 0 && settings.mode === "none") return undefined;
  const fitting = settings.rules.filter(
    (rule) => (rule.connection ?? connection) === connection && (rule.purpose ?? purpose) === purpose,
  );
  const choices = fitting.length === 0 ? [{ mode: settings.mode, shared: settings.shared }] : fitting;
  const most = Math.max(...choices.map(({ mode }) => RECORDING_MODES.indexOf(mode)));
  const mode = RECORDING_MODES[most] ?? "none";
  if (mode === "none") return undefined;
  const shared = choices.filter((each) => each.mode === mode).map((each) => each.shared ?? settings.shared);
  return { mode, shared: shared.includes("all-of") ? "all-of" : "any-of" };
}
