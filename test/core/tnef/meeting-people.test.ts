import assert from "node:assert/strict";
import { test } from "node:test";
import { linesOf, request } from "./messages.ts";
import {
  ATTRIBUTE_ID,
  ascii,
  attribute,
  concat,
  int32,
  LEVEL,
  named,
  recipientTable,
  tag,
  uint16,
  type WrittenProperty,
  wide,
} from "./tnef-writer.ts";

const FROM = { address: "from@example.com", name: "From" };

const ORGANIZERS: readonly { name: string; octets: Uint8Array; organizer: string }[] = [
  {
    name: "the sender's SMTP address",
    octets: request(wide(tag(0x5d02), "ann@example.org"), wide(tag(0x0042), "Ann Example")),
    organizer: "ORGANIZER;CN=Ann Example:mailto:ann@example.org",
  },
  {
    name: "the sender's address of type SMTP",
    octets: request(wide(tag(0x0065), "ann@example.org"), wide(tag(0x0064), "smtp")),
    organizer: "ORGANIZER:mailto:ann@example.org",
  },
  {
    name: "attOwner",
    octets: concat(
      request(wide(tag(0x0065), "/o=EXAMPLE/cn=ann"), wide(tag(0x0064), "EX")),
      attribute(
        LEVEL.message,
        ATTRIBUTE_ID.owner,
        concat(uint16(12), ascii("Ann Example\0"), uint16(21), ascii("SMTP:ann@example.org\0")),
      ),
    ),
    organizer: "ORGANIZER;CN=Ann Example:mailto:ann@example.org",
  },
  {
    name: "the mail's From, when there are only directory names",
    octets: request(wide(tag(0x0065), "/o=EXAMPLE/cn=ann"), wide(tag(0x0064), "EX")),
    organizer: "ORGANIZER;CN=From:mailto:from@example.com",
  },
  {
    name: "no address that is none",
    octets: request(wide(tag(0x5d02), "ann@example.org>, <x")),
    organizer: "ORGANIZER;CN=From:mailto:from@example.com",
  },
];

for (const { name, octets, organizer } of ORGANIZERS) {
  test(`the organizer is ${name}`, () =>
    assert.deepEqual(linesOf(octets, ["ORGANIZER"], { from: FROM }), [organizer]));
}

test("attendees are the recipients, without those removed and the organizer", () => {
  const row = (address: string, ...more: readonly WrittenProperty[]): WrittenProperty[] => [
    wide(tag(0x39fe), address),
    ...more,
  ];
  const octets = concat(
    request(wide(named("appointment", 0x8238), "Somebody Else")),
    recipientTable([
      row("bob@example.org", wide(tag(0x3001), "Bob"), int32(tag(0x0c15), 1)),
      row("carol@example.org", int32(tag(0x0c15), 2)),
      row("room4@example.org", int32(tag(0x0c15), 3)),
      row("ann@example.org", int32(tag(0x5ffd), 3)),
      row("dan@example.org", int32(tag(0x5ffd), 0x21)),
      [wide(tag(0x3001), "Eve"), wide(tag(0x3002), "EX"), wide(tag(0x3003), "/o=EXAMPLE/cn=eve")],
      [wide(tag(0x3002), "SMTP"), wide(tag(0x3003), "fay@example.org")],
      [int32(tag(0x0c15), 1)],
    ]),
  );
  assert.deepEqual(linesOf(octets, ["ATTENDEE"]), [
    "ATTENDEE;ROLE=REQ-PARTICIPANT;CN=Bob:mailto:bob@example.org",
    "ATTENDEE;ROLE=OPT-PARTICIPANT:mailto:carol@example.org",
    "ATTENDEE;ROLE=NON-PARTICIPANT;CUTYPE=RESOURCE:mailto:room4@example.org",
    "ATTENDEE;ROLE=REQ-PARTICIPANT;CN=Eve:invalid:nomail",
    "ATTENDEE;ROLE=REQ-PARTICIPANT:mailto:fay@example.org",
  ]);
});

test("attendees are the names Outlook lists where it lists no recipients", () => {
  const octets = request(
    wide(named("appointment", 0x8238), "Bob Example (bob@example.org); Carol; dan@example.org;"),
  );
  assert.deepEqual(linesOf(octets, ["ATTENDEE"]), [
    "ATTENDEE;CN=Bob Example:mailto:bob@example.org",
    "ATTENDEE;CN=Carol:invalid:nomail",
    "ATTENDEE:mailto:dan@example.org",
  ]);
});
