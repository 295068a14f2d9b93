/** What every client of AWS is told: few tries and short waits, because what they fetch is fetched again later anyway. */
export const AWS_LIMITS = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
} as const;
