/**
 * The MAPI properties we read ([MS-OXPROPS]). Those of a fixed id are `tag`; the others carry a name, a
 * number or a text within a property set, and their id is a number of one message only
 * ([MS-OXTNEF] 2.1.3.4), so they are looked up by that name and by nothing else.
 */

/** Stands for a property wherever it is looked up. */
export type PropertyKey = number | string;

const SETS = ["appointment", "common", "meeting", "public"] as const;
type PropertySet = (typeof SETS)[number];

/** GUIDs of the property sets as they stand in a stream, fields 1 to 3 little-endian ([MS-OXPROPS] 1.3.2). */
const SET_GUIDS: Readonly<Record<PropertySet, string>> = {
  appointment: "0220060000000000c000000000000046",
  common: "0820060000000000c000000000000046",
  meeting: "90dad86e0b451b1098da00aa003f1305",
  public: "2903020000000000c000000000000046",
};

function tag(id: number): PropertyKey {
  return id;
}

function numbered(set: PropertySet, id: number): PropertyKey {
  return (SETS.indexOf(set) + 1) * 2 ** 32 + id;
}

function named(set: PropertySet, name: string): PropertyKey {
  return `${set}:${name}`;
}

/** Ids are those of [MS-OXPROPS]; the meaning of each stands where it is used. */
export const PROPERTY = {
  importance: tag(0x0017),
  messageClass: tag(0x001a),
  subject: tag(0x0037),
  clientSubmitTime: tag(0x0039),
  sentRepresentingName: tag(0x0042),
  startDate: tag(0x0060),
  endDate: tag(0x0061),
  sentRepresentingAddressType: tag(0x0064),
  sentRepresentingAddress: tag(0x0065),
  conversationTopic: tag(0x0070),
  recipientType: tag(0x0c15),
  normalizedSubject: tag(0x0e1d),
  body: tag(0x1000),
  rtfCompressed: tag(0x1009),
  html: tag(0x1013),
  displayName: tag(0x3001),
  addressType: tag(0x3002),
  emailAddress: tag(0x3003),
  attachData: tag(0x3701),
  attachFileName: tag(0x3704),
  attachLongFileName: tag(0x3707),
  attachMimeTag: tag(0x370e),
  smtpAddress: tag(0x39fe),
  internetCodePage: tag(0x3fde),
  messageCodePage: tag(0x3ffd),
  sentRepresentingSmtpAddress: tag(0x5d02),
  recipientFlags: tag(0x5ffd),

  sequence: numbered("appointment", 0x8201),
  busyStatus: numbered("appointment", 0x8205),
  location: numbered("appointment", 0x8208),
  startWhole: numbered("appointment", 0x820d),
  endWhole: numbered("appointment", 0x820e),
  duration: numbered("appointment", 0x8213),
  allDay: numbered("appointment", 0x8215),
  recurrenceBlob: numbered("appointment", 0x8216),
  stateFlags: numbered("appointment", 0x8217),
  recurring: numbered("appointment", 0x8223),
  intendedBusyStatus: numbered("appointment", 0x8224),
  exceptionReplaceTime: numbered("appointment", 0x8228),
  timeZoneStruct: numbered("appointment", 0x8233),
  timeZoneDescription: numbered("appointment", 0x8234),
  allAttendees: numbered("appointment", 0x8238),
  counterProposal: numbered("appointment", 0x8257),
  startZone: numbered("appointment", 0x825e),
  endZone: numbered("appointment", 0x825f),
  recurrenceZone: numbered("appointment", 0x8260),

  commonStart: numbered("common", 0x8516),
  commonEnd: numbered("common", 0x8517),

  attendeeCriticalChange: numbered("meeting", 0x0001),
  where: numbered("meeting", 0x0002),
  globalObjectId: numbered("meeting", 0x0003),
  isRecurring: numbered("meeting", 0x0005),
  isException: numbered("meeting", 0x000a),
  timeZoneIndex: numbered("meeting", 0x000c),
  startRecurrenceDate: numbered("meeting", 0x000d),
  startRecurrenceTime: numbered("meeting", 0x000e),
  endRecurrenceDate: numbered("meeting", 0x000f),
  dayInterval: numbered("meeting", 0x0011),
  weekInterval: numbered("meeting", 0x0012),
  monthInterval: numbered("meeting", 0x0013),
  yearInterval: numbered("meeting", 0x0014),
  dayOfWeekMask: numbered("meeting", 0x0015),
  dayOfMonthMask: numbered("meeting", 0x0016),
  monthOfYearMask: numbered("meeting", 0x0017),
  oldRecurrenceType: numbered("meeting", 0x0018),
  ownerCriticalChange: numbered("meeting", 0x001a),
  cleanGlobalObjectId: numbered("meeting", 0x0023),

  keywords: named("public", "Keywords"),
  calendarUid: named("public", "urn:schemas:calendar:uid"),
} as const satisfies Readonly<Record<string, PropertyKey>>;

export type PropertyName = keyof typeof PROPERTY;

const NAMES: ReadonlyMap<PropertyKey, PropertyName> = new Map(
  Object.entries(PROPERTY).map(([name, key]) => [key, name as PropertyName]),
);

const SETS_BY_GUID: ReadonlyMap<string, PropertySet> = new Map(SETS.map((set) => [SET_GUIDS[set], set]));

/** The property with a fixed id, if it is one of ours. */
export function propertyOfTag(id: number): PropertyName | undefined {
  return NAMES.get(tag(id));
}

/** The property with that name in the set of that GUID, if it is one of ours. */
export function propertyOfName(guid: Uint8Array, name: PropertyKey): PropertyName | undefined {
  const set = SETS_BY_GUID.get(Buffer.from(guid.buffer, guid.byteOffset, guid.length).toString("hex"));
  if (set === undefined) return undefined;
  return NAMES.get(typeof name === "number" ? numbered(set, name) : named(set, name));
}
