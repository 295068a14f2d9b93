import { describe, expect, test } from "vitest";
import { Secret } from "../core/secret.ts";
import { resolveDatabase } from "./database.ts";
import { formatProblem } from "./problem.ts";
import { resolveReviews } from "./reviews.ts";
import { databaseSchema } from "./sections/database.ts";
import { reviewsSchema } from "./sections/reviews.ts";
import { parseSource, Report } from "./source.ts";

const report = (): Report => new Report(parseSource("", "sluice.yaml"));

describe("the section reviews", () => {
  test("has defaults for everything but breaking the glass, which has to be set up", () => {
    expect(resolveReviews(reviewsSchema.parse({}), { report: report(), groupNames: [] })).toEqual({
      waitMs: 30_000,
      expiresMs: 3_600_000,
      useMs: 3_600_000,
      pendingPerPrincipalMax: 20,
      hourlyPerPrincipalMax: 60,
      pendingMax: 10_000,
      previewBytesMax: 65_536,
      keepMs: 90 * 86_400_000,
    });
  });

  test("reads durations, and who looks at broken glass", () => {
    const document = { wait: 0, grant: "30m", break_glass: { approvals: [{ group: "privacy-officers" }], due: "P1D" } };
    const resolved = resolveReviews(reviewsSchema.parse(document), {
      report: report(),
      groupNames: ["privacy-officers"],
    });
    expect(resolved).toMatchObject({
      waitMs: 0,
      windowMs: 1_800_000,
      breakGlass: {
        approvals: [{ group: "privacy-officers", people: 1 }],
        longestMs: 3_600_000,
        dueMs: 86_400_000,
        pauseMs: 7 * 86_400_000,
      },
    });
  });

  test.each([0, "0s", "0ms", "PT0S"])("holds nothing back when it waits %j", (wait) => {
    const resolved = resolveReviews(reviewsSchema.parse({ wait }), { report: report(), groupNames: [] });
    expect(resolved.waitMs).toBe(0);
  });

  test("keeps what stops somebody for as long as it stops them", () => {
    const problems = report();
    const document = reviewsSchema.parse({ keep: "P5D", break_glass: { approvals: [{ group: "a" }] } });
    resolveReviews(document, { report: problems, groupNames: ["a"] });
    expect(problems.problems.map(formatProblem)).toEqual([
      "sluice.yaml:1:1 reviews.break_glass.pause: must not be longer than `reviews.keep`: what is forgotten stops nobody",
    ]);
  });

  test("names a group that is none", () => {
    const problems = report();
    const document = reviewsSchema.parse({ break_glass: { approvals: [{ group: "privacy-oficers" }] } });
    resolveReviews(document, { report: problems, groupNames: ["privacy-officers"] });
    expect(problems.problems.map(formatProblem)).toEqual([
      'sluice.yaml:1:1 reviews.break_glass.approvals[0].group: unknown group "privacy-oficers"; did you mean "privacy-officers"?',
    ]);
  });

  test.each([
    [{ wait: "1h" }],
    [{ expires: "0s" }],
    [{ grant: "always" }],
    [{ preview_bytes_max: "1GB" }],
    [{ break_glass: { approvals: [] } }],
    [{ break_glass: { approvals: [{ group: "a", people: 0 }] } }],
    [{ breakglass: {} }],
  ])("refuses %j", (document) => {
    expect(reviewsSchema.safeParse(document).success).toBe(false);
  });
});

describe("the section database", () => {
  const resolve = (url: string): { url: Secret | undefined; problems: string[] } => {
    const problems = report();
    const config = resolveDatabase(databaseSchema.parse({ url: "env:DATABASE_URL" }), {
      report: problems,
      secretOf: () => new Secret(url),
    });
    return { url: config.url, problems: problems.problems.map(formatProblem) };
  };

  test("is the embedded one when nothing is said", () => {
    expect(resolveDatabase(databaseSchema.parse({}), { report: report(), secretOf: () => undefined })).toEqual({});
  });

  test.each([
    "postgres://user:hunter2@127.0.0.1:5432/sluice",
    "postgresql://user:hunter2@localhost/sluice",
    "postgres://user:hunter2@[::1]/sluice",
    "postgres:///sluice?host=/var/run/postgresql",
    "postgres://user:hunter2@db.example.com/sluice?sslmode=verify-full",
  ])("takes %s", (url) => {
    expect(resolve(url)).toMatchObject({ url: new Secret(url), problems: [] });
  });

  test.each([
    "postgres://user:hunter2@db.example.com/sluice",
    "postgres://user:hunter2@db.example.com/sluice?sslmode=require",
    "postgres://user:hunter2@db.example.com/sluice?sslmode=no-verify",
    "postgres://user:hunter2@localhost/sluice?host=db.example.com",
    "postgres://user:hunter2@db.example.com/sluice?sslmode=verify-full&sslmode=no-verify",
    "postgres://user:hunter2@localhost/sluice?host=localhost&host=db.example.com",
    "mysql://user:hunter2@localhost/sluice",
    "hunter2",
  ])("refuses %s, without a word of it in the problem", (url) => {
    const { url: taken, problems } = resolve(url);
    expect(taken).toBe(undefined);
    expect(problems).toHaveLength(1);
    expect(problems[0]).not.toContain("hunter2");
  });

  test("wants a reference, not the URL", () => {
    expect(databaseSchema.safeParse({ url: "postgres://user:hunter2@localhost/sluice" }).success).toBe(false);
    expect(databaseSchema.safeParse({ url: "env:DATABASE_URL" }).success).toBe(true);
  });
});
