import assert from "node:assert/strict";
import { test } from "node:test";
import { formatTime, parseDuration, parseTime } from "../../../src/core/icalendar/icalendar.ts";

const TIMES: readonly [text: string, formatted: string | undefined][] = [
  ["20260310", "20260310"],
  ["20260310T100000", "20260310T100000"],
  ["20260310T100000Z", "20260310T100000Z"],
  ["20260310t100000z", "20260310T100000Z"],
  [" 20260310T1000 ", "20260310T100000"],
  ["2026-03-10T10:00:00Z", "20260310T100000Z"],
  ["2026-03-10T10:00:00.123Z", "20260310T100000Z"],
  ["20260310T240000", "20260311T000000"],
  ["20261231T235960Z", "20261231T235959Z"],
  ["19000101", "19000101"],
  ["18991231", undefined],
  ["21001231", "21001231"],
  ["21010101", undefined],
  ["00000101", undefined],
  ["99991231T235959Z", undefined],
  ["20260230", undefined],
  ["20281301", undefined],
  ["20280229", "20280229"],
  ["20260310T250000", undefined],
  ["20260310T240001", undefined],
  ["20260310T106000", undefined],
  ["20260310T100061", undefined],
  ["20260310T", undefined],
  ["tomorrow", undefined],
  ["", undefined],
];

for (const [text, formatted] of TIMES) {
  test(`parseTime "${text}"`, () => {
    const time = parseTime(text);
    const zone = time?.kind === "date-time" && time.utc ? "UTC" : "Europe/Berlin";
    const written =
      time && formatTime(time.kind === "date" ? time : { kind: "date-time", wall: time.wall, zone });
    assert.equal(written, formatted);
  });
}

const DURATIONS: readonly [text: string, seconds: number | undefined][] = [
  ["PT1H", 3_600],
  ["P1W", 604_800],
  ["P1DT2H3M4S", 93_784],
  ["P1W2D", 777_600],
  ["-PT15M", -900],
  ["+PT15M", 900],
  ["P3660D", 3_660 * 86_400],
  ["P3661D", undefined],
  ["P99999999999D", undefined],
  ["P", undefined],
  ["PT", undefined],
  ["1H", undefined],
];

for (const [text, seconds] of DURATIONS) {
  test(`parseDuration "${text}"`, () => assert.equal(parseDuration(text), seconds));
}
