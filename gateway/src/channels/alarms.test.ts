import { expect, test } from "vitest";
import { SluiceError } from "../core/errors.ts";
import { type Alarm, alarmFrom, Alarms } from "./alarms.ts";

const HOUR_MS = 3_600_000;

function counting() {
  const raised: Alarm[] = [];
  const time = { now: Date.UTC(2026, 10, 21, 12, 30) };
  const alarms = new Alarms({ clock: () => time.now, raise: (alarm) => raised.push(alarm) });
  return { alarms, raised, time };
}

test("what is never an accident is an alarm the first time, and once an hour however often it comes", () => {
  const { alarms, raised, time } = counting();
  for (let at = 0; at < 1_000; at++) alarms.saw(new SluiceError("assertion_replayed", ""));
  expect(raised).toMatchObject([{ kind: "assertion-replayed", hour: Date.UTC(2026, 10, 21, 12) }]);
  time.now += HOUR_MS;
  alarms.saw(new SluiceError("assertion_replayed", ""));
  expect(raised.map(({ id }) => id)).toEqual([raised[0]?.id, expect.not.stringMatching(raised[0]?.id ?? "")]);
});

test("what happens by accident is one when it happens often in an hour, and not when it does so in two", () => {
  const { alarms, raised, time } = counting();
  const guess = (count: number): void => {
    for (let at = 0; at < count; at++) alarms.saw(new SluiceError(at % 2 === 0 ? "key_invalid" : "token_invalid", ""));
  };
  guess(99);
  time.now += HOUR_MS;
  guess(99);
  expect(raised).toEqual([]);
  guess(1);
  expect(raised).toMatchObject([{ kind: "credentials-guessed" }]);
});

test("is read from the record too, and most of what happens is none", () => {
  const { alarms, raised } = counting();
  alarms.heard({ name: "passkey.used", actor: "corp:bob" });
  alarms.saw(new SluiceError("purpose_missing", ""));
  alarms.heard({ name: "passkey.cloned", actor: "corp:bob", facts: { alarm: true } });
  expect(raised).toMatchObject([{ kind: "passkey-cloned" }]);
  expect(JSON.stringify(raised)).not.toContain("bob");
});

test("counts what it is told of twice once", () => {
  const { alarms, raised } = counting();
  for (let at = 0; at < 19; at++) {
    const error = new SluiceError("link_invalid", "");
    alarms.saw(error);
    alarms.saw(error);
  }
  expect(raised).toEqual([]);
});

test("is found again by its id, and nothing else is", () => {
  const { alarms, raised } = counting();
  alarms.saw(new SluiceError("seal_invalid", ""));
  expect(alarmFrom(raised[0]?.id ?? "")).toEqual(raised[0]);
  for (const id of ["rv-1", "alarm-none-1", "alarm-seal-broken-", "alarm-toString-1"])
    expect(alarmFrom(id)).toBeUndefined();
});
