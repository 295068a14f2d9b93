/** How long requests wait for people, and what a yes allows: units made plain, groups checked. */
import { checkName } from "./grant.ts";
import type { ReviewsDocument } from "./sections/reviews.ts";
import type { Report } from "./source.ts";
import { byteCount, durationMs } from "./units.ts";

export interface ReviewsConfig {
  /** 0: a request is not held. */
  readonly waitMs: number;
  readonly expiresMs: number;
  readonly useMs: number;
  /** Absent: a yes is for one request. */
  readonly windowMs?: number;
  readonly pendingPerPrincipalMax: number;
  readonly hourlyPerPrincipalMax: number;
  readonly pendingMax: number;
  readonly previewBytesMax: number;
  readonly keepMs: number;
  readonly breakGlass?: {
    readonly approvals: readonly { readonly group: string; readonly people: number }[];
    readonly longestMs: number;
    readonly dueMs: number;
    readonly pauseMs: number;
  };
}

export interface ReviewsContext {
  readonly report: Report;
  /** Of `identity.groups`. */
  readonly groupNames: readonly string[];
}

export function resolveReviews(document: ReviewsDocument, { report, groupNames }: ReviewsContext): ReviewsConfig {
  const { wait, grant, break_glass: breakGlass } = document;
  for (const [index, { group }] of (breakGlass?.approvals ?? []).entries()) {
    checkName("group", group, groupNames, ["reviews", "break_glass", "approvals", index, "group"], report);
  }
  if (breakGlass !== undefined && ms(breakGlass.pause) > ms(document.keep)) {
    report.problem(
      ["reviews", "break_glass", "pause"],
      "must not be longer than `reviews.keep`: what is forgotten stops nobody",
    );
  }
  return {
    waitMs: durationMs(wait) ?? 0,
    expiresMs: ms(document.expires),
    useMs: ms(document.use_within),
    ...(grant === "once" ? {} : { windowMs: ms(grant) }),
    pendingPerPrincipalMax: document.pending_per_principal_max,
    hourlyPerPrincipalMax: document.hourly_per_principal_max,
    pendingMax: document.pending_max,
    previewBytesMax: byteCount(document.preview_bytes_max) ?? 0,
    keepMs: ms(document.keep),
    ...(breakGlass === undefined
      ? {}
      : {
          breakGlass: {
            approvals: breakGlass.approvals,
            longestMs: ms(breakGlass.longest),
            dueMs: ms(breakGlass.due),
            pauseMs: ms(breakGlass.pause),
          },
        }),
  };
}

const ms = (duration: string): number => durationMs(duration) ?? 0;
