import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import { isTnef, readTnef, type TnefMessage } from "../../../src/core/tnef/tnef.ts";
import { describeParsed, eventLines } from "./content-lines.ts";
import { request } from "./messages.ts";
import {
  ATTRIBUTE_ID,
  ascii,
  attribute,
  concat,
  embedded,
  file,
  hex,
  LEVEL,
  messageHead,
  messageProperties,
  named,
  startNamedIdsAt,
  stream,
  tag,
  uint32,
  type WrittenProperty,
  wide,
} from "./tnef-writer.ts";

const folder = resolve(import.meta.dirname, "../../../fixtures/tnef");
const REQUEST = readFileSync(resolve(folder, "request-in-zone.dat"));
const CANCEL = readFileSync(resolve(folder, "cancelled-occurrence.dat"));

const FROM = { address: "from@example.com", name: "From" };

test("isTnef knows the signature, and nothing shorter", () => {
  assert.ok(isTnef(REQUEST));
  assert.ok(!isTnef(hex("789f3e")));
  assert.ok(!isTnef(ascii("BEGIN:VCALENDAR")));
});

test("readTnef of something else is an empty message and a problem", () => {
  assert.deepEqual(describeParsed(readTnef(ascii("BEGIN:VCALENDAR"))), {
    messageClass: "",
    problems: ["not-tnef"],
  });
});

test("readTnef uses an attribute whose checksum is wrong", () => {
  const damaged = Uint8Array.from(REQUEST);
  damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 0xff;
  const { problems, ...described } = describeParsed(readTnef(damaged));
  assert.deepEqual(described, describeParsed(readTnef(REQUEST)));
  assert.deepEqual(problems, ["bad-checksum"]);
});

test("readTnef does not look at the numbers of named properties ([MS-OXTNEF] 2.1.3.4)", () => {
  const once = describeParsed(readTnef(request(wide(named("appointment", 0x8208), "Room 4"))));
  startNamedIdsAt(0x9123);
  assert.deepEqual(describeParsed(readTnef(request(wide(named("appointment", 0x8208), "Room 4")))), once);
});

test("readTnef does not copy attachments", () => {
  const octets = stream(messageHead("IPM.Note"), file("a.pdf", new Uint8Array(100_000)));
  const [attachment] = readTnef(octets).value.attachments;
  assert.equal(attachment?.content.buffer, octets.buffer);
});

test("a forwarded meeting is embedded, and who forwards it is not its organizer", () => {
  const octets = stream(messageHead("IPM.Note"), embedded(REQUEST), file("agenda.txt", ascii("1. Plan")));
  const { value, problems } = readTnef(octets, { from: FROM, subject: "FW: Budget", textBody: "See below" });
  assert.deepEqual(problems, []);
  assert.equal(value.calendar, undefined);
  assert.deepEqual(
    value.attachments.map(({ fileName }) => fileName),
    ["agenda.txt"],
  );
  assert.deepEqual(value.embedded, [readTnef(REQUEST).value]);
  const cancelled = readTnef(stream(messageHead("IPM.Note"), embedded(CANCEL)), { from: FROM }).value
    .embedded[0];
  assert.ok(cancelled && eventLines(cancelled)[0]?.every((line) => !line.startsWith("ORGANIZER")));
});

test("messages are read three levels deep", () => {
  const nested = (levels: number): Uint8Array =>
    levels === 0 ? REQUEST : stream(messageHead("IPM.Note"), embedded(nested(levels - 1)));
  const deepest = (value: TnefMessage): TnefMessage =>
    value.embedded[0] === undefined ? value : deepest(value.embedded[0]);
  assert.ok(deepest(readTnef(nested(3)).value).calendar);
  const deeper = readTnef(nested(4));
  assert.equal(deepest(deeper.value).calendar, undefined);
  assert.deepEqual(
    deeper.problems.map(({ code }) => code),
    ["too-deep"],
  );
});

test("attachments have a name without folders and a media type that is one", () => {
  const attachmentOf = (
    ...properties: readonly WrittenProperty[]
  ): { fileName: string; mediaType: string } => {
    const list = concat(uint32(properties.length), messageProperties(...properties).subarray(13, -2));
    const octets = stream(
      messageHead("IPM.Note"),
      attribute(LEVEL.attachment, ATTRIBUTE_ID.attachRendData, new Uint8Array(14)),
      attribute(LEVEL.attachment, ATTRIBUTE_ID.attachTitle, ascii("SHORT~1.ICS\0")),
      attribute(LEVEL.attachment, ATTRIBUTE_ID.attachment, list),
    );
    const [attachment] = readTnef(octets).value.attachments;
    assert.ok(attachment);
    return { fileName: attachment.fileName, mediaType: attachment.mediaType };
  };
  assert.deepEqual(
    attachmentOf(wide(tag(0x3707), "..\\..\\dir/invite.ics"), wide(tag(0x370e), "Text/Calendar")),
    {
      fileName: "invite.ics",
      mediaType: "text/calendar",
    },
  );
  assert.deepEqual(attachmentOf(wide(tag(0x370e), "text/calendar; x\r\ny")), {
    fileName: "SHORT~1.ICS",
    mediaType: "application/octet-stream",
  });
});
