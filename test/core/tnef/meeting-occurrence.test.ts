import assert from "node:assert/strict";
import { test } from "node:test";
import { readTnef } from "../../../src/core/tnef/tnef.ts";
import { codesOf, linesOf, MARCH_5_10 } from "./messages.ts";
import {
  binary,
  flag,
  hex,
  int32,
  messageHead,
  messageProperties,
  named,
  stream,
  time,
  type WrittenProperty,
} from "./tnef-writer.ts";
import { DEFINITION_OF_BERLIN, SERIES_ID } from "./vectors.ts";

const OF_MARCH_12 = SERIES_ID.replace("A82E00800000000", "A82E00807EA030C");
const AT_10_30 = 0xa780;

function aboutOccurrence(...properties: readonly WrittenProperty[]): Uint8Array {
  return stream(
    messageHead("IPM.Microsoft Schedule.MtgReq"),
    messageProperties(
      time(named("appointment", 0x820d), MARCH_5_10),
      flag(named("appointment", 0x8223), true),
      ...properties,
    ),
  );
}

const OCCURRENCES: readonly { name: string; properties: readonly WrittenProperty[]; recurrenceId: string }[] =
  [
    {
      name: "by the time it replaces, in the zone of the series",
      properties: [
        time(named("appointment", 0x8228), Date.UTC(2026, 2, 12, 9) / 1000),
        binary(named("appointment", 0x8260), hex(DEFINITION_OF_BERLIN)),
      ],
      recurrenceId: "RECURRENCE-ID;TZID=W. Europe Standard Time:20260312T100000",
    },
    {
      name: "by the time it replaces, in no zone",
      properties: [time(named("appointment", 0x8228), Date.UTC(2026, 2, 12, 9) / 1000)],
      recurrenceId: "RECURRENCE-ID:20260312T090000Z",
    },
    {
      name: "by its identity and the time of the series",
      properties: [
        binary(named("meeting", 0x0003), hex(OF_MARCH_12)),
        int32(named("meeting", 0x000e), AT_10_30),
        binary(named("appointment", 0x8260), hex(DEFINITION_OF_BERLIN)),
      ],
      recurrenceId: "RECURRENCE-ID;TZID=W. Europe Standard Time:20260312T103000",
    },
    {
      name: "by its identity alone",
      properties: [binary(named("meeting", 0x0003), hex(OF_MARCH_12))],
      recurrenceId: "RECURRENCE-ID;VALUE=DATE:20260312",
    },
    {
      name: "of a series of whole days",
      properties: [
        flag(named("appointment", 0x8215), true),
        time(named("appointment", 0x8228), Date.UTC(2026, 2, 11, 23) / 1000),
        binary(named("appointment", 0x8260), hex(DEFINITION_OF_BERLIN)),
      ],
      recurrenceId: "RECURRENCE-ID;VALUE=DATE:20260312",
    },
  ];

for (const { name, properties, recurrenceId } of OCCURRENCES) {
  test(`a message about one occurrence tells it ${name}`, () => {
    assert.deepEqual(linesOf(aboutOccurrence(...properties), ["RECURRENCE-ID", "RRULE"]), [recurrenceId]);
  });
}

test("a message about an occurrence it does not name must not pass for one about the series", () => {
  const octets = aboutOccurrence(
    flag(named("meeting", 0x000a), true),
    binary(named("meeting", 0x0003), hex(SERIES_ID)),
  );
  assert.equal(readTnef(octets).value.calendar, undefined);
  assert.deepEqual(codesOf(octets), ["unreadable"]);
});
