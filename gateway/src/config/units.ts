/**
 * Durations and sizes as people write them (`30s`, `PT1H`, `10MiB`) into the numbers the rooms count with. Only units of
 * fixed length are read: months and years have none, so they are refused rather than guessed.
 */

/** ISO 8601 durations of weeks, days, hours, minutes and seconds, or one number with one unit. */
export const DURATION =
  /^(?:P(?=[\dT])(?:(\d+)W|(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?)|(\d+(?:\.\d+)?) ?(ms|s|m|min|h|d))$/;

/** A number with a binary (KiB) or decimal (kB) unit. */
export const BYTES = /^(\d+(?:\.\d+)?) ?(B|kB|KB|MB|GB|KiB|MiB|GiB)$/;

const MS_BY_UNIT: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const BYTES_BY_UNIT: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** Milliseconds. A bare number is seconds. Undefined when it is no duration. */
export function durationMs(value: string | number): number | undefined {
  if (typeof value === "number") return whole(value * 1_000);
  const match = DURATION.exec(value);
  if (match === null) return undefined;
  const [, weeks, days, hours, minutes, seconds, count, unit] = match;
  if (count !== undefined) return whole(Number(count) * (MS_BY_UNIT[unit ?? ""] ?? Number.NaN));
  const parts = [
    [weeks, 7 * 86_400_000],
    [days, 86_400_000],
    [hours, 3_600_000],
    [minutes, 60_000],
    [seconds, 1_000],
  ] as const;
  return whole(parts.reduce((sum, [part, unitMs]) => sum + Number(part ?? 0) * unitMs, 0));
}

/** Bytes. A bare number is bytes. Undefined when it is no size. */
export function byteCount(value: string | number): number | undefined {
  if (typeof value === "number") return whole(value);
  const match = BYTES.exec(value);
  if (match === null) return undefined;
  return whole(Number(match[1]) * (BYTES_BY_UNIT[match[2] ?? ""] ?? Number.NaN));
}

function whole(value: number): number | undefined {
  const rounded = Math.round(value);
  return Number.isSafeInteger(rounded) ? rounded : undefined;
}
