import type { ZoneChange, ZoneRules } from "./zone-rules.ts";

/** Month, weekday (0 Sunday), n-th of them (5 the last), hour. */
type Change = readonly [month: number, weekday: number, nth: number, hour: number];

/** Minutes that make local time UTC+12, and when standard and daylight time begin. */
type Row = readonly [bias: number, standard?: Change, daylight?: Change];

/** The zones of PidLidTimeZone by their number ([MS-OXOCAL] 2.2.5.6); number 0 says nothing. */
const ZONES: readonly Row[] = [
  [0],
  [12 * 60, [10, 0, 5, 2], [3, 0, 5, 1]],
  [11 * 60, [9, 0, 5, 2], [3, 0, 5, 1]],
  [11 * 60, [10, 0, 5, 3], [3, 0, 5, 2]],
  [11 * 60, [10, 0, 5, 3], [3, 0, 5, 2]],
  [10 * 60, [9, 0, 5, 1], [3, 0, 5, 0]],
  [11 * 60, [9, 0, 5, 1], [3, 0, 5, 0]],
  [10 * 60, [10, 0, 5, 4], [3, 0, 5, 3]],
  [15 * 60, [2, 0, 2, 2], [10, 0, 3, 2]],
  [16 * 60, [11, 0, 1, 2], [3, 0, 2, 2]],
  [17 * 60, [11, 0, 1, 2], [3, 0, 2, 2]],
  [18 * 60, [11, 0, 1, 2], [3, 0, 2, 2]],
  [19 * 60, [11, 0, 1, 2], [3, 0, 2, 2]],
  [20 * 60, [11, 0, 1, 2], [3, 0, 2, 2]],
  [21 * 60, [11, 0, 1, 2], [3, 0, 2, 2]],
  [22 * 60],
  [23 * 60],
  [0, [4, 0, 1, 3], [9, 0, 5, 2]],
  [2 * 60, [3, 0, 5, 3], [10, 0, 5, 2]],
  [2 * 60 + 30, [3, 0, 5, 3], [10, 0, 5, 2]],
  [3 * 60],
  [4 * 60],
  [5 * 60],
  [6 * 60 + 30],
  [8 * 60],
  [8 * 60 + 30, [9, 2, 4, 2], [3, 0, 1, 2]],
  [9 * 60],
  [10 * 60, [9, 0, 3, 2], [3, 5, 5, 2]],
  [15 * 60 + 30, [11, 0, 1, 0], [3, 0, 2, 0]],
  [13 * 60, [10, 0, 5, 1], [3, 0, 5, 0]],
  [14 * 60, [10, 0, 5, 1], [3, 0, 5, 0]],
  [12 * 60],
  [15 * 60],
  [16 * 60],
  [17 * 60],
  [17 * 60],
  [18 * 60],
  [18 * 60, [10, 0, 5, 2], [4, 0, 1, 2]],
  [19 * 60],
  [24 * 60],
  [0],
  [60],
  [2 * 60, [3, 0, 5, 2], [10, 0, 1, 2]],
  [2 * 60],
  [2 * 60 + 30],
  [4 * 60, [9, 0, 2, 2], [4, 0, 2, 2]],
  [6 * 60],
  [7 * 60],
  [7 * 60 + 30],
  [10 * 60, [9, 4, 5, 2], [5, 5, 1, 2]],
  [10 * 60],
  [9 * 60, [10, 0, 5, 1], [3, 0, 5, 0]],
  [2 * 60, [3, 0, 5, 2], [8, 0, 5, 2]],
  [2 * 60, [4, 0, 1, 3], [10, 0, 5, 2]],
  [2 * 60 + 30, [4, 0, 1, 3], [10, 0, 5, 2]],
  [2 * 60, [4, 0, 1, 3], [10, 0, 1, 2]],
  [16 * 60, [3, 6, 2, 23], [10, 6, 2, 23]],
  [4 * 60, [3, 0, 5, 3], [10, 0, 5, 2]],
  [19 * 60, [10, 0, 5, 2], [4, 0, 1, 2]],
  [20 * 60, [10, 0, 5, 2], [4, 0, 1, 2]],
];

const UTC_12_MINUTES = 12 * 60;
const NO_DAYLIGHT_SAVING = 0x8000_0000;

/** The zone of a PidLidTimeZone, which senders without a time zone structure write for a series. */
export function legacyTimeZone(value: number): ZoneRules | undefined {
  const index = value & 0xffff;
  const row = index === 0 ? undefined : ZONES[index];
  if (row === undefined) return undefined;
  const [bias, standard, daylight] = row;
  const standardOffset = (UTC_12_MINUTES - bias) * 60;
  const keepsStandard = (value & NO_DAYLIGHT_SAVING) !== 0;
  if (standard === undefined || daylight === undefined || keepsStandard) return { standardOffset };
  return {
    standardOffset,
    daylight: { offset: standardOffset + 3600, begins: zoneChange(daylight), ends: zoneChange(standard) },
  };
}

function zoneChange([month, weekday, nth, hour]: Change): ZoneChange {
  return { on: "weekday", month, weekday, nth, second: hour * 3600 };
}
