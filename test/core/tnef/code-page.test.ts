import assert from "node:assert/strict";
import { test } from "node:test";
import { linesOf, MARCH_5_10, request } from "./messages.ts";
import {
  ascii,
  hex,
  int32,
  messageHead,
  messageProperties,
  named,
  narrow,
  stream,
  tag,
  time,
  wide,
} from "./tnef-writer.ts";

const CODE_PAGES = [
  { codePage: 1250, label: "windows-1250", text: "Příliš žluťoučký" },
  { codePage: 1251, label: "windows-1251", text: "Совещание" },
  { codePage: 1252, label: "windows-1252", text: "Café – €" },
  { codePage: 1253, label: "windows-1253", text: "Σύσκεψη" },
  { codePage: 1255, label: "windows-1255", text: "פגישה" },
  { codePage: 20866, label: "koi8-r", text: "Совещание" },
  { codePage: 28592, label: "iso-8859-2", text: "Příliš" },
  { codePage: 28605, label: "iso-8859-15", text: "Café €" },
  { codePage: 874, label: "windows-874", text: "ประชุม" },
] as const;

for (const { codePage, label, text } of CODE_PAGES) {
  test(`8-bit texts are in code page ${codePage} when the stream says so`, () => {
    const octets = stream(
      messageHead("IPM.Appointment", codePage),
      messageProperties(
        time(named("appointment", 0x820d), MARCH_5_10),
        narrow(named("appointment", 0x8208), text, label),
      ),
    );
    assert.deepEqual(linesOf(octets, ["LOCATION"]), [`LOCATION:${text}`]);
  });
}

test("8-bit texts of two octets a character, UTF-8, and a code page nobody knows", () => {
  const inOctets = (codePage: number, octets: Uint8Array): string[] =>
    linesOf(
      stream(
        messageHead("IPM.Appointment", codePage),
        messageProperties(time(named("appointment", 0x820d), MARCH_5_10), {
          id: named("appointment", 0x8208),
          type: 0x001e,
          values: [octets],
        }),
      ),
      ["LOCATION"],
    );
  assert.deepEqual(inOctets(932, hex("89ef8b6300")), ["LOCATION:会議"]);
  assert.deepEqual(inOctets(65001, new TextEncoder().encode("Büro\0")), ["LOCATION:Büro"]);
  assert.deepEqual(inOctets(4711, ascii("B\u00fcro\0")), ["LOCATION:Büro"]);
});

test("PidTagMessageCodepage counts before the stream's", () => {
  const octets = stream(
    messageHead("IPM.Appointment", 1252),
    messageProperties(
      time(named("appointment", 0x820d), MARCH_5_10),
      int32(tag(0x3ffd), 1251),
      narrow(named("appointment", 0x8208), "Зал", "windows-1251"),
    ),
  );
  assert.deepEqual(linesOf(octets, ["LOCATION"]), ["LOCATION:Зал"]);
});

test("texts lose control characters and keep their lines", () => {
  const octets = request(
    wide(tag(0x0e1d), "a\u0001b\r\nEND:VEVENT"),
    wide(tag(0x0042), "Ann\r\nATTENDEE:x"),
    wide(tag(0x5d02), "ann@example.org"),
    wide(tag(0x1000), "1\r\n2\r3\u0085\tend\0 and no more"),
  );
  assert.deepEqual(linesOf(octets, ["SUMMARY", "ORGANIZER", "DESCRIPTION"]), [
    "SUMMARY:ab\nEND:VEVENT",
    "DESCRIPTION:1\n2\n3\tend",
    "ORGANIZER;CN=Ann ATTENDEE:x:mailto:ann@example.org",
  ]);
});
