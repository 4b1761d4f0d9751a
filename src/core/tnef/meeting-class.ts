/** What a message of the calendar wants (RFC 5546 §1.4); an appointment that was stored wants nothing. */
export type MeetingKind = "REQUEST" | "CANCEL" | "REPLY" | "APPOINTMENT";

/** How Schedule+ and Outlook before 2007 put it in front of a class. */
const OLD_PREFIX = /^microsoft mail v3\.0 /i;

/** Classes by the form of the attribute and of PidTagMessageClass ([MS-OXTNEF] 2.1.3.2.1, [MS-OXOCAL] 2.2). */
const KINDS: ReadonlyMap<string, MeetingKind> = new Map([
  ["ipm.microsoft schedule.mtgreq", "REQUEST"],
  ["ipm.schedule.meeting.request", "REQUEST"],
  ["ipm.microsoft schedule.mtgcncl", "CANCEL"],
  ["ipm.schedule.meeting.canceled", "CANCEL"],
  ["ipm.microsoft schedule.mtgrespp", "REPLY"],
  ["ipm.microsoft schedule.mtgrespn", "REPLY"],
  ["ipm.microsoft schedule.mtgrespa", "REPLY"],
  ["ipm.schedule.meeting.resp.pos", "REPLY"],
  ["ipm.schedule.meeting.resp.neg", "REPLY"],
  ["ipm.schedule.meeting.resp.tent", "REPLY"],
  ["ipm.appointment", "APPOINTMENT"],
]);

/** A message class without what old programs put in front of it. */
export function plainMessageClass(messageClass: string): string {
  return messageClass.replace(OLD_PREFIX, "");
}

/** What a message of that class wants; undefined for mail, tasks, notifications and all else. */
export function meetingKind(messageClass: string): MeetingKind | undefined {
  const wanted = messageClass.toLowerCase();
  for (const [known, kind] of KINDS) {
    // Custom forms have a class of their own below the one they are made from.
    if (wanted === known || wanted.startsWith(`${known}.`)) return kind;
  }
  return undefined;
}
