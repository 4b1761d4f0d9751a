import assert from "node:assert/strict";
import { test } from "node:test";
import { readTnef } from "../../../src/core/tnef/tnef.ts";
import { message, methodOf } from "./messages.ts";
import { flag, named, tag, wide } from "./tnef-writer.ts";

const METHODS: readonly { messageClass: string; method: string | undefined }[] = [
  { messageClass: "IPM.Microsoft Schedule.MtgReq", method: "METHOD:REQUEST" },
  { messageClass: "Microsoft Mail v3.0 IPM.Microsoft Schedule.MtgReq", method: "METHOD:REQUEST" },
  { messageClass: "ipm.schedule.meeting.request", method: "METHOD:REQUEST" },
  { messageClass: "IPM.Schedule.Meeting.Request.Form", method: "METHOD:REQUEST" },
  { messageClass: "IPM.Microsoft Schedule.MtgCncl", method: "METHOD:CANCEL" },
  { messageClass: "IPM.Schedule.Meeting.Canceled", method: "METHOD:CANCEL" },
  { messageClass: "IPM.Microsoft Schedule.MtgRespP", method: "METHOD:REPLY" },
  { messageClass: "IPM.Microsoft Schedule.MtgRespN", method: "METHOD:REPLY" },
  { messageClass: "IPM.Microsoft Schedule.MtgRespA", method: "METHOD:REPLY" },
  { messageClass: "IPM.Schedule.Meeting.Resp.Tent", method: "METHOD:REPLY" },
];

for (const { messageClass, method } of METHODS) {
  test(`a message of class ${messageClass} has ${method}`, () => {
    assert.equal(methodOf(readTnef(message(messageClass)).value), method);
  });
}

test("a stored appointment has no METHOD", () => {
  const { value } = readTnef(message("IPM.Appointment"));
  assert.ok(value.calendar);
  assert.equal(methodOf(value), undefined);
});

for (const messageClass of [
  "IPM.Note",
  "IPM.Task",
  "IPM.TaskRequest",
  "IPM.Schedule.Meeting.Notification.Forward",
  "IPM.Schedule.Meeting.Requests",
]) {
  test(`a message of class ${messageClass} is no meeting`, () => {
    const { value, problems } = readTnef(message(messageClass));
    assert.deepEqual([value.calendar, problems], [undefined, []]);
  });
}

test("a response that proposes another time is a COUNTER", () => {
  const octets = message("IPM.Schedule.Meeting.Resp.Tent", flag(named("appointment", 0x8257), true));
  assert.equal(methodOf(readTnef(octets).value), "METHOD:COUNTER");
});

test("the class among the properties counts before that of the attribute", () => {
  const octets = message("IPM.Microsoft Mail.Note", wide(tag(0x001a), "IPM.Schedule.Meeting.Request"));
  assert.equal(readTnef(octets).value.messageClass, "IPM.Schedule.Meeting.Request");
});
