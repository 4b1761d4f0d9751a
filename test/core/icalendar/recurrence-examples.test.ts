import assert from "node:assert/strict";
import { test } from "node:test";
import {
  findZone,
  formatWall,
  parseRecurrenceRule,
  parseTime,
  recurrenceSet,
} from "../../../src/core/icalendar/icalendar.ts";

/**
 * The examples of RFC 5545 §3.8.5.3. All are in America/New_York and at 09:00; `…` where the rule goes
 * on for ever.
 */
interface Example {
  readonly name: string;
  readonly start: string;
  readonly rule: string;
  readonly exclusion?: string;
  /** Dates by month. */
  readonly dates: string;
}

const EVERY_DAY_OF_AUTUMN = [
  `1997-09 ${dates(2, 30)}`,
  `1997-10 ${dates(1, 31)}`,
  `1997-11 ${dates(1, 30)}`,
  `1997-12 ${dates(1, 23)}`,
].join(", ");
const EVERY_DAY_OF_JANUARY = ["1998", "1999", "2000"].map((year) => `${year}-01 ${dates(1, 31)}`).join(", ");

const EXAMPLES: readonly Example[] = [
  {
    name: "Daily for 10 occurrences",
    start: "19970902",
    rule: "FREQ=DAILY;COUNT=10",
    dates: `1997-09 ${dates(2, 11)}`,
  },
  {
    name: "Daily until 24 December 1997",
    start: "19970902",
    rule: "FREQ=DAILY;UNTIL=19971224T000000Z",
    dates: EVERY_DAY_OF_AUTUMN,
  },
  {
    name: "Every other day",
    start: "19970902",
    rule: "FREQ=DAILY;INTERVAL=2",
    dates: "1997-09 2 4 6 8 10 12 14 16 18 20 22 24 26 28 30, 1997-10 2 4 …",
  },
  {
    name: "Every 10 days, 5 occurrences",
    start: "19970902",
    rule: "FREQ=DAILY;INTERVAL=10;COUNT=5",
    dates: "1997-09 2 12 22, 1997-10 2 12",
  },
  {
    name: "Every day in January for 3 years, as YEARLY",
    start: "19980101",
    rule: "FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA",
    dates: EVERY_DAY_OF_JANUARY,
  },
  {
    name: "Every day in January for 3 years, as DAILY",
    start: "19980101",
    rule: "FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1",
    dates: EVERY_DAY_OF_JANUARY,
  },
  {
    name: "Weekly for 10 occurrences",
    start: "19970902",
    rule: "FREQ=WEEKLY;COUNT=10",
    dates: "1997-09 2 9 16 23 30, 1997-10 7 14 21 28, 1997-11 4",
  },
  {
    name: "Weekly until 24 December 1997",
    start: "19970902",
    rule: "FREQ=WEEKLY;UNTIL=19971224T000000Z",
    dates: "1997-09 2 9 16 23 30, 1997-10 7 14 21 28, 1997-11 4 11 18 25, 1997-12 2 9 16 23",
  },
  {
    name: "Every other week",
    start: "19970902",
    rule: "FREQ=WEEKLY;INTERVAL=2;WKST=SU",
    dates: "1997-09 2 16 30, 1997-10 14 28, 1997-11 11 25, 1997-12 9 23, 1998-01 6 20, 1998-02 3 17 …",
  },
  {
    name: "Weekly on Tuesday and Thursday for five weeks, by UNTIL",
    start: "19970902",
    rule: "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH",
    dates: "1997-09 2 4 9 11 16 18 23 25 30, 1997-10 2",
  },
  {
    name: "Weekly on Tuesday and Thursday for five weeks, by COUNT",
    start: "19970902",
    rule: "FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH",
    dates: "1997-09 2 4 9 11 16 18 23 25 30, 1997-10 2",
  },
  {
    name: "Every other week on Monday, Wednesday and Friday until 24 December 1997",
    start: "19970901",
    rule: "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR",
    dates:
      "1997-09 1 3 5 15 17 19 29, 1997-10 1 3 13 15 17 27 29 31, 1997-11 10 12 14 24 26 28, 1997-12 8 10 12 22",
  },
  {
    name: "Every other week on Tuesday and Thursday, for 8 occurrences",
    start: "19970902",
    rule: "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
    dates: "1997-09 2 4 16 18 30, 1997-10 2 14 16",
  },
  {
    name: "Monthly on the first Friday for 10 occurrences",
    start: "19970905",
    rule: "FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
    dates:
      "1997-09 5, 1997-10 3, 1997-11 7, 1997-12 5, 1998-01 2, 1998-02 6, 1998-03 6, 1998-04 3, 1998-05 1, 1998-06 5",
  },
  {
    name: "Monthly on the first Friday until 24 December 1997",
    start: "19970905",
    rule: "FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR",
    dates: "1997-09 5, 1997-10 3, 1997-11 7, 1997-12 5",
  },
  {
    name: "Every other month on the first and last Sunday, for 10 occurrences",
    start: "19970907",
    rule: "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
    dates: "1997-09 7 28, 1997-11 2 30, 1998-01 4 25, 1998-03 1 29, 1998-05 3 31",
  },
  {
    name: "Monthly on the second-to-last Monday for 6 months",
    start: "19970922",
    rule: "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO",
    dates: "1997-09 22, 1997-10 20, 1997-11 17, 1997-12 22, 1998-01 19, 1998-02 16",
  },
  {
    name: "Monthly on the third-to-the-last day of the month",
    start: "19970928",
    rule: "FREQ=MONTHLY;BYMONTHDAY=-3",
    dates: "1997-09 28, 1997-10 29, 1997-11 28, 1997-12 29, 1998-01 29, 1998-02 26 …",
  },
  {
    name: "Monthly on the 2nd and 15th for 10 occurrences",
    start: "19970902",
    rule: "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15",
    dates: "1997-09 2 15, 1997-10 2 15, 1997-11 2 15, 1997-12 2 15, 1998-01 2 15",
  },
  {
    name: "Monthly on the first and last day for 10 occurrences",
    start: "19970930",
    rule: "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
    dates: "1997-09 30, 1997-10 1 31, 1997-11 1 30, 1997-12 1 31, 1998-01 1 31, 1998-02 1",
  },
  {
    name: "Every 18 months on the 10th to 15th for 10 occurrences",
    start: "19970910",
    rule: "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
    dates: "1997-09 10 11 12 13 14 15, 1999-03 10 11 12 13",
  },
  {
    name: "Every Tuesday, every other month",
    start: "19970902",
    rule: "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU",
    dates: "1997-09 2 9 16 23 30, 1997-11 4 11 18 25, 1998-01 6 13 20 27, 1998-03 3 10 17 24 31 …",
  },
  {
    name: "Yearly in June and July for 10 occurrences",
    start: "19970610",
    rule: "FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
    dates:
      "1997-06 10, 1997-07 10, 1998-06 10, 1998-07 10, 1999-06 10, 1999-07 10, 2000-06 10, 2000-07 10, 2001-06 10, 2001-07 10",
  },
  {
    name: "Every other year in January, February and March for 10 occurrences",
    start: "19970310",
    rule: "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3",
    dates:
      "1997-03 10, 1999-01 10, 1999-02 10, 1999-03 10, 2001-01 10, 2001-02 10, 2001-03 10, 2003-01 10, 2003-02 10, 2003-03 10",
  },
  {
    name: "Every third year on the 1st, 100th and 200th day for 10 occurrences",
    start: "19970101",
    rule: "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
    dates:
      "1997-01 1, 1997-04 10, 1997-07 19, 2000-01 1, 2000-04 9, 2000-07 18, 2003-01 1, 2003-04 10, 2003-07 19, 2006-01 1",
  },
  {
    name: "Every 20th Monday of the year",
    start: "19970519",
    rule: "FREQ=YEARLY;BYDAY=20MO",
    dates: "1997-05 19, 1998-05 18, 1999-05 17 …",
  },
  {
    name: "Monday of week number 20",
    start: "19970512",
    rule: "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
    dates: "1997-05 12, 1998-05 11, 1999-05 17 …",
  },
  {
    name: "Every Thursday in March",
    start: "19970313",
    rule: "FREQ=YEARLY;BYMONTH=3;BYDAY=TH",
    dates: "1997-03 13 20 27, 1998-03 5 12 19 26, 1999-03 4 11 18 25 …",
  },
  {
    name: "Every Thursday in June, July and August",
    start: "19970605",
    rule: "FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8",
    dates:
      "1997-06 5 12 19 26, 1997-07 3 10 17 24 31, 1997-08 7 14 21 28, 1998-06 4 11 18 25, 1998-07 2 9 16 23 30, 1998-08 6 13 20 27, 1999-06 3 10 17 24, 1999-07 1 8 15 22 29, 1999-08 5 12 19 26 …",
  },
  {
    name: "Every Friday the 13th",
    start: "19970902",
    rule: "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
    exclusion: "19970902",
    dates: "1998-02 13, 1998-03 13, 1998-11 13, 1999-08 13, 2000-10 13 …",
  },
  {
    name: "The first Saturday that follows the first Sunday of the month",
    start: "19970913",
    rule: "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
    dates:
      "1997-09 13, 1997-10 11, 1997-11 8, 1997-12 13, 1998-01 10, 1998-02 7, 1998-03 7, 1998-04 11, 1998-05 9, 1998-06 13 …",
  },
  {
    name: "Every 4 years, the first Tuesday after a Monday in November",
    start: "19961105",
    rule: "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
    dates: "1996-11 5, 2000-11 7, 2004-11 2 …",
  },
  {
    name: "The third instance of Tuesday, Wednesday or Thursday, for the next 3 months",
    start: "19970904",
    rule: "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3",
    dates: "1997-09 4, 1997-10 7, 1997-11 6",
  },
  {
    name: "The second-to-last weekday of the month",
    start: "19970929",
    rule: "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
    dates: "1997-09 29, 1997-10 30, 1997-11 27, 1997-12 30, 1998-01 29, 1998-02 26, 1998-03 30 …",
  },
  {
    name: "Two weeks that begin on Monday",
    start: "19970805",
    rule: "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
    dates: "1997-08 5 10 19 24",
  },
  {
    name: "Two weeks that begin on Sunday",
    start: "19970805",
    rule: "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
    dates: "1997-08 5 17 19 31",
  },
  {
    name: "An invalid date, 30 February, is ignored",
    start: "20070115",
    rule: "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5",
    dates: "2007-01 15 30, 2007-02 15, 2007-03 15 30",
  },
];

const zone = findZone("America/New_York", {});

function dates(first: number, last: number): string {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index).join(" ");
}

function startOf(text: string) {
  const time = parseTime(text);
  assert.ok(time?.kind === "date-time", text);
  return { kind: "date-time", wall: time.wall, zone: zone.id } as const;
}

function instances(start: string, ruleText: string, exclusion: string | undefined, limit: number): string[] {
  const { rule, remarks } = parseRecurrenceRule(ruleText, { start: startOf(start), zone });
  assert.ok(rule, remarks.join());
  const exclusions = exclusion === undefined ? [] : [zone.toInstant(startOf(exclusion).wall)];
  const set = recurrenceSet({ start: startOf(start), rule, exclusions, zone });
  return set.instances(limit).map((instant) => formatWall(zone.toWall(instant)));
}

for (const { name, start, rule, exclusion, dates } of EXAMPLES) {
  test(`RFC 5545 §3.8.5.3: ${name}`, () => {
    const expected = dates
      .replace(" …", "")
      .split(", ")
      .flatMap((month) => {
        const [yearAndMonth = "", ...days] = month.split(" ");
        return days.map((day) => `${yearAndMonth.replace("-", "")}${day.padStart(2, "0")}T090000`);
      });
    const limit = dates.endsWith("…") ? expected.length : expected.length + 1;
    const found = instances(`${start}T090000`, rule, exclusion && `${exclusion}T090000`, limit);
    assert.deepEqual(found, expected);
  });
}

test("RFC 5545 §3.8.5.3: Every 3 hours from 9 to 17 (where the RFC takes local time for UTC)", () => {
  const found = instances("19970902T090000", "FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T210000Z", undefined, 9);
  assert.deepEqual(found, ["19970902T090000", "19970902T120000", "19970902T150000"]);
});

test("RFC 5545 §3.8.5.3: Every 20 minutes from 9:00 to 16:40 every day", () => {
  const rule = "FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40";
  const found = instances("19970902T090000", rule, undefined, 26);
  assert.deepEqual(
    [found[0], found[1], found[3], found[23], found[24], found[25]],
    [
      "19970902T090000",
      "19970902T092000",
      "19970902T100000",
      "19970902T164000",
      "19970903T090000",
      "19970903T092000",
    ],
  );
});
