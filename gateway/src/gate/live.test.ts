import { expect, it } from "vitest";
import { SluiceError } from "../core/errors.ts";
import { principalFor } from "../core/test/connection.ts";
import { LiveExchanges } from "./live.ts";

const OVER = new SluiceError("internal", "over");

it("ends those that are meant, each once, and leaves the others", () => {
  const live = new LiveExchanges();
  const told: string[] = [];
  const begin = (id: string) => {
    const exchange = live.begin({ principal: principalFor({ id }) });
    exchange.onCut((error) => told.push(`${id} ${error.code}`));
    return exchange;
  };
  const mara = begin("mara");
  begin("john");
  expect(live.end(({ principal }) => principal.id === "mara", OVER)).toBe(1);
  live.end(({ principal }) => principal.id === "mara", OVER);
  expect(told).toEqual(["mara internal"]);
  live.over(mara);
  expect(live.size).toBe(1);
});

it("tells who listens late, and nobody whose exchange is over", () => {
  const live = new LiveExchanges();
  const told: string[] = [];
  const late = live.begin({ principal: principalFor() });
  const over = live.begin({ principal: principalFor() });
  over.onCut(() => told.push("over"));
  live.over(over);
  expect(live.end(() => true, OVER)).toBe(1);
  late.onCut(({ code }) => told.push(code));
  expect(told).toEqual(["internal"]);
});

it("a listener may end its exchange while others are being ended", () => {
  const live = new LiveExchanges();
  const all = Array.from({ length: 100 }, () => live.begin({ principal: principalFor() }));
  for (const one of all) one.onCut(() => live.over(one));
  expect(live.end(() => true, OVER)).toBe(100);
  expect(live.size).toBe(0);
});
