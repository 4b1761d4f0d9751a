import assert from "node:assert/strict";
import { test } from "node:test";
import { readTnef } from "../../../src/core/tnef/tnef.ts";
import { eventLines } from "./content-lines.ts";
import {
  binary,
  flag,
  hex,
  int16,
  int32,
  messageHead,
  messageProperties,
  named,
  stream,
  tag,
  time,
  type WrittenProperty,
  wide,
} from "./tnef-writer.ts";
import {
  DAILY_WITH_DELETIONS,
  DEFINITION_OF_BERLIN,
  MONTH_ENDS,
  SECOND_SATURDAYS,
  SERIES_ID,
  STRUCT_OF_BERLIN,
  WEEKLY_WITH_EXCEPTION,
} from "./vectors.ts";

const BERLIN = "TZID=W. Europe Standard Time";

function series(blob: Uint8Array, ...more: readonly WrittenProperty[]): Uint8Array {
  return stream(
    messageHead("IPM.Microsoft Schedule.MtgReq"),
    messageProperties(
      wide(tag(0x0e1d), "Series"),
      binary(named("meeting", 0x0003), hex(SERIES_ID)),
      time(named("appointment", 0x820d), Date.UTC(2026, 2, 5, 9) / 1000),
      time(named("appointment", 0x820e), Date.UTC(2026, 2, 5, 10) / 1000),
      flag(named("appointment", 0x8223), true),
      binary(named("appointment", 0x8216), blob),
      ...more,
    ),
  );
}

const IN_BERLIN = binary(named("appointment", 0x8260), hex(DEFINITION_OF_BERLIN));

/** The events of a series without what all of them say, and the codes of the problems. */
function read(octets: Uint8Array): { events: string[][]; problems: string[] } {
  const { value, problems } = readTnef(octets);
  const events = eventLines(value).map((lines) =>
    lines.filter((line) => line !== `UID:${SERIES_ID}` && line !== "SUMMARY:Series"),
  );
  return { events, problems: problems.map(({ code }) => code) };
}

const VECTORS = [
  {
    name: "a weekly series with one exception ([MS-OXOCAL] 4.1.1.2)",
    blob: WEEKLY_WITH_EXCEPTION,
    events: [
      [
        `DTSTART;${BERLIN}:20070326T100000`,
        `DTEND;${BERLIN}:20070326T103000`,
        "RRULE:FREQ=WEEKLY;COUNT=12;BYDAY=MO,TH,FR;WKST=SU",
      ],
      [
        "SUMMARY:Simple Recurrence with exceptions",
        "LOCATION:34/4141",
        `RECURRENCE-ID;${BERLIN}:20070416T100000`,
        `DTSTART;${BERLIN}:20070416T110000`,
        `DTEND;${BERLIN}:20070416T113000`,
      ],
    ],
  },
  {
    name: "a daily series with deletions ([MS-OXOCAL] 4.1.1.3)",
    blob: DAILY_WITH_DELETIONS,
    events: [
      [
        `DTSTART;${BERLIN}:20110407T080000`,
        `DTEND;${BERLIN}:20110407T083000`,
        "RRULE:FREQ=DAILY;INTERVAL=3;UNTIL=20110504T060000Z",
        `EXDATE;${BERLIN}:20110419T080000,20110422T080000`,
      ],
    ],
  },
  {
    name: "every second Saturday, without an end",
    blob: SECOND_SATURDAYS,
    events: [
      [
        `DTSTART;${BERLIN}:20260307T100000`,
        `DTEND;${BERLIN}:20260307T103000`,
        "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SA;WKST=MO",
      ],
    ],
  },
  {
    name: "the last day of the month, over midnight",
    blob: MONTH_ENDS,
    events: [
      [
        `DTSTART;${BERLIN}:20260131T230000`,
        `DTEND;${BERLIN}:20260201T010000`,
        "RRULE:FREQ=MONTHLY;UNTIL=20260430T210000Z;BYMONTHDAY=-1",
      ],
    ],
  },
];

for (const { name, blob, events } of VECTORS) {
  test(`a meeting is ${name}`, () => {
    assert.deepEqual(read(series(hex(blob), IN_BERLIN)), { events, problems: [] });
  });
}

test("a series whose structure disagrees with its definition follows the structure ([MS-OXOCAL] 2.2.1.41)", () => {
  const london = hex(STRUCT_OF_BERLIN);
  london.set([0, 0, 0, 0], 0);
  const octets = series(
    hex(DAILY_WITH_DELETIONS),
    IN_BERLIN,
    binary(named("appointment", 0x8233), london),
    wide(named("appointment", 0x8234), "(UTC+00:00) Dublin, Edinburgh, Lisbon, London"),
  );
  assert.deepEqual(read(octets).events[0]?.slice(0, 3), [
    "DTSTART;TZID=(UTC+00:00) Dublin, Edinburgh, Lisbon, London:20110407T080000",
    "DTEND;TZID=(UTC+00:00) Dublin, Edinburgh, Lisbon, London:20110407T083000",
    "RRULE:FREQ=DAILY;INTERVAL=3;UNTIL=20110504T070000Z",
  ]);
});

test("a series whose structure agrees with its definition has the definition's name", () => {
  const octets = series(
    hex(DAILY_WITH_DELETIONS),
    IN_BERLIN,
    binary(named("appointment", 0x8233), hex(STRUCT_OF_BERLIN)),
    wide(named("appointment", 0x8234), "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna"),
  );
  assert.equal(read(octets).events[0]?.[0], `DTSTART;${BERLIN}:20110407T080000`);
});

test("a series with a structure alone has a zone without a name", () => {
  const octets = series(
    hex(DAILY_WITH_DELETIONS),
    binary(named("appointment", 0x8233), hex(STRUCT_OF_BERLIN)),
  );
  assert.equal(read(octets).events[0]?.[0], "DTSTART;TZID=Customized Time Zone:20110407T080000");
});

test("a series of a zone known by its description only stays in local time", () => {
  const octets = series(hex(DAILY_WITH_DELETIONS), wide(named("appointment", 0x8234), "(UTC+01:00) Berlin"));
  assert.deepEqual(read(octets).events[0], [
    "DTSTART;TZID=(UTC+01:00) Berlin:20110407T080000",
    "DTEND;TZID=(UTC+01:00) Berlin:20110407T083000",
    "RRULE:FREQ=DAILY;INTERVAL=3;UNTIL=20110504T080000",
    "EXDATE;TZID=(UTC+01:00) Berlin:20110419T080000,20110422T080000",
  ]);
});

test("a series without any zone floats", () => {
  assert.equal(read(series(hex(DAILY_WITH_DELETIONS))).events[0]?.[0], "DTSTART:20110407T080000");
});

test("a series of whole days has dates throughout", () => {
  const blob = hex(DAILY_WITH_DELETIONS);
  new DataView(blob.buffer).setUint32(66, 0, true);
  new DataView(blob.buffer).setUint32(70, 1440, true);
  const octets = series(blob, IN_BERLIN, flag(named("appointment", 0x8215), true));
  assert.deepEqual(read(octets).events[0], [
    "DTSTART;VALUE=DATE:20110407",
    "DTEND;VALUE=DATE:20110408",
    "RRULE:FREQ=DAILY;INTERVAL=3;UNTIL=20110504",
    "EXDATE;VALUE=DATE:20110419,20110422",
  ]);
});

test("a blob that ends behind the pattern takes its times from the meeting", () => {
  const blob = hex(SECOND_SATURDAYS).subarray(0, 54);
  assert.deepEqual(read(series(blob, IN_BERLIN)), {
    events: [
      [
        `DTSTART;${BERLIN}:20260307T100000`,
        `DTEND;${BERLIN}:20260307T110000`,
        "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SA;WKST=MO",
      ],
    ],
    problems: [],
  });
});

test("a blob cut anywhere gives the first occurrence alone, or the rule with the exceptions that are whole", () => {
  const blob = hex(WEEKLY_WITH_EXCEPTION);
  const endOfPattern = 62;
  const whole = read(series(blob, IN_BERLIN));
  for (let length = 1; length < blob.length; length++) {
    const { events, problems } = read(series(blob.subarray(0, length), IN_BERLIN));
    const rule = events[0]?.find((line) => line.startsWith("RRULE:"));
    assert.equal(rule !== undefined, length >= endOfPattern, `${length}`);
    // Nothing is lost with the last block, which is reserved.
    if (length < blob.length - 4) assert.deepEqual(problems, ["bad-recurrence"], `${length}`);
    else assert.deepEqual({ events, problems }, whole);
  }
});

const CALENDAR_TYPE_AT = 8;

test("a monthly series of another calendar is its first occurrence alone", () => {
  for (const [calendar, problems] of [
    [0, []],
    [1, []],
    [3, []],
    [6, ["bad-recurrence"]],
    [8, ["bad-recurrence"]],
    [13, ["bad-recurrence"]],
  ] as const) {
    const blob = hex(MONTH_ENDS);
    blob[CALENDAR_TYPE_AT] = calendar;
    assert.deepEqual(read(series(blob, IN_BERLIN)).problems, problems, `calendar ${calendar}`);
  }
});

test("a weekly series is the same in every calendar", () => {
  const blob = hex(SECOND_SATURDAYS);
  blob[CALENDAR_TYPE_AT] = 6;
  assert.deepEqual(read(series(blob, IN_BERLIN)).problems, []);
});

test("a cancelled series says so once, without its exceptions", () => {
  const octets = stream(
    messageHead("IPM.Microsoft Schedule.MtgCncl"),
    messageProperties(
      binary(named("meeting", 0x0003), hex(SERIES_ID)),
      flag(named("appointment", 0x8223), true),
      binary(named("appointment", 0x8216), hex(WEEKLY_WITH_EXCEPTION)),
      time(named("appointment", 0x820d), Date.UTC(2007, 2, 26, 8) / 1000),
    ),
  );
  assert.equal(eventLines(readTnef(octets).value).length, 1);
});

test("a series that does not say how it goes on is its first occurrence, and a problem", () => {
  const octets = stream(
    messageHead("IPM.Microsoft Schedule.MtgReq"),
    messageProperties(
      time(tag(0x0060), Date.UTC(2026, 2, 5, 9) / 1000),
      flag(named("meeting", 0x0005), true),
      int16(named("meeting", 0x0018), 0x30),
    ),
  );
  assert.deepEqual(read(octets), { events: [["DTSTART:20260305T090000Z"]], problems: ["bad-recurrence"] });
});

test("a series without a blob and without a zone goes by UTC", () => {
  const octets = stream(
    messageHead("IPM.Microsoft Schedule.MtgReq"),
    messageProperties(
      time(tag(0x0060), Date.UTC(2026, 2, 5, 9) / 1000),
      flag(named("meeting", 0x0005), true),
      int16(named("meeting", 0x0018), 0x40),
      int32(named("meeting", 0x000f), (2026 << 9) | (3 << 5) | 31),
    ),
  );
  assert.deepEqual(read(octets).events, [
    ["DTSTART:20260305T090000Z", "RRULE:FREQ=DAILY;UNTIL=20260331T090000Z"],
  ]);
});

test("a blob that is not one leaves the first occurrence, whatever older properties say", () => {
  const octets = series(hex("0011223344"), int16(named("meeting", 0x0018), 0x40));
  assert.deepEqual(read(octets), {
    events: [["DTSTART:20260305T090000Z", "DTEND:20260305T100000Z"]],
    problems: ["bad-recurrence"],
  });
});

/** [MS-XWDCAL] 2.2.7.44: the properties of a series without a blob, and the rule they mean. */
const LEGACY = [
  { type: 0x40, properties: [[0x11, 3]], rule: "FREQ=DAILY;INTERVAL=3" },
  {
    type: 0x30,
    properties: [
      [0x12, 2],
      [0x15, 0x22],
    ],
    rule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;WKST=SU",
  },
  {
    type: 0x0c,
    properties: [
      [0x13, 1],
      [0x16, 0x8000],
    ],
    rule: "FREQ=MONTHLY;BYMONTHDAY=16",
  },
  {
    type: 0x38,
    properties: [
      [0x12, 5],
      [0x13, 1],
      [0x15, 0x08],
    ],
    rule: "FREQ=MONTHLY;BYDAY=-1WE",
  },
  {
    type: 0x07,
    properties: [
      [0x14, 1],
      [0x16, 0x10],
    ],
    rule: "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=5",
  },
  {
    type: 0x33,
    properties: [
      [0x12, 1],
      [0x14, 1],
      [0x15, 0x10],
    ],
    rule: "FREQ=YEARLY;BYMONTH=3;BYDAY=1TH",
  },
] as const;

for (const { type, properties, rule } of LEGACY) {
  test(`a series of the old properties, type ${type}, is ${rule}`, () => {
    const octets = stream(
      messageHead("IPM.Microsoft Schedule.MtgReq"),
      messageProperties(
        time(tag(0x0060), Date.UTC(2026, 2, 5, 9) / 1000),
        time(tag(0x0061), Date.UTC(2026, 2, 5, 10) / 1000),
        flag(named("meeting", 0x0005), true),
        int32(named("meeting", 0x000c), 4),
        int32(named("meeting", 0x000f), (2026 << 9) | (6 << 5) | 30),
        int16(named("meeting", 0x0018), type),
        ...properties.map(([id, value]) =>
          id === 0x15 || id === 0x16
            ? int32(named("meeting", id), value)
            : int16(named("meeting", id), value),
        ),
      ),
    );
    const [, frequency = ""] = /^(FREQ=\w+(?:;INTERVAL=\d+)?(?:;BYMONTH=\d+)?)/.exec(rule) ?? [];
    assert.deepEqual(eventLines(readTnef(octets).value), [
      [
        "DTSTART;TZID=Customized Time Zone:20260305T100000",
        "DTEND;TZID=Customized Time Zone:20260305T110000",
        `RRULE:${frequency};UNTIL=20260630T080000Z${rule.slice(frequency.length)}`,
      ],
    ]);
  });
}
