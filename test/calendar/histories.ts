import fc from "fast-check";
import {
  berlin,
  between,
  CANCELLED,
  calendarPart,
  calendarText,
  type EventLines,
  embedded,
  eventS,
  type Mail,
  mailOf,
  multipart,
  part,
  stampAt,
  TEXT,
} from "./case-mails.ts";

/** One VEVENT of a random history, about the series s1, single event or date of it. */
export interface Happening {
  readonly kind: "master" | "single" | "override" | "rest" | "cancel" | "cancel-date" | "cancel-rest" | "add";
  /** Which date of the series; 8 names none. */
  readonly date: number;
  readonly sequence?: number | undefined;
  readonly hours: number;
  readonly time: "09:00" | "10:00" | "11:00";
  readonly title: "A" | "B";
  readonly count: number | undefined;
  readonly exdate?: number | undefined;
  /** Who is removed by a CANCEL that has no STATUS. */
  readonly uninvited?: "u@example.net" | "bob@example.org" | undefined;
  /** LAST-MODIFIED, where it is not DTSTAMP. */
  readonly modified?: number | undefined;
  /** Whole days, and the name of a date is one. */
  readonly isWholeDay?: boolean | undefined;
  /** What the date is called, where not by 09:00 that day. */
  readonly named?: "10:00" | undefined;
}

/** One VCALENDAR: its METHOD follows from the first of what it carries. */
export interface HistoryPayload {
  readonly happenings: readonly Happening[];
  readonly hasMethod: boolean;
}

export interface HistoryMail {
  readonly payloads: readonly HistoryPayload[];
  readonly from: string;
  readonly organizer: string;
  /** The same once more: each calendar as an attached file, or the whole message inside another. */
  readonly copied?: "file" | "embedded" | undefined;
}

const DAYS = ["03-05", "03-12", "03-19", "03-26", "04-02", "04-09", "04-16", "04-23", "03-07"];

const happening: fc.Arbitrary<Happening> = fc.record({
  kind: fc.constantFrom(
    ...(["master", "master", "single", "override", "override", "rest"] as const),
    ...(["cancel", "cancel-date", "cancel-date", "cancel-rest", "add"] as const),
  ),
  date: fc.nat(8),
  sequence: fc.option(fc.nat(3), { nil: undefined, freq: 5 }),
  hours: fc.oneof(fc.nat(8), fc.nat(1)), // many of the same second
  time: fc.constantFrom("09:00", "09:00", "10:00", "11:00"),
  title: fc.constantFrom("A", "B"),
  count: fc.constantFrom(1, 2, 3, 6, 6, 6, undefined),
  exdate: fc.option(fc.nat(5), { nil: undefined, freq: 3 }),
  uninvited: fc.constantFrom(undefined, undefined, "u@example.net", "bob@example.org"),
  modified: fc.option(fc.nat(8), { nil: undefined, freq: 1 }),
  isWholeDay: fc.constantFrom(undefined, undefined, undefined, undefined, undefined, true),
  named: fc.constantFrom(undefined, undefined, undefined, undefined, "10:00"),
});

const payload: fc.Arbitrary<HistoryPayload> = fc.record({
  happenings: fc.array(happening, { minLength: 1, maxLength: 3 }),
  hasMethod: fc.boolean().map((isMissing) => !isMissing),
});

/** Everybody may write; the last two are strangers to the event, or are forwarding it. */
const senders = fc.constantFrom(
  { from: "ann@example.org", organizer: "ann@example.org" },
  { from: "ann@example.org", organizer: "ann@example.org" },
  { from: "bob@example.org", organizer: "ann@example.org" },
  { from: "u@example.net", organizer: "carol@example.com" },
  { from: "carol@example.com", organizer: "carol@example.com" },
  { from: "evil@evil.example", organizer: "ann@example.org" },
);

/** Of senders who count: what they say later has a SEQUENCE that is not lower. */
const consistent = (one: Happening): Happening => ({
  ...one,
  sequence: Math.floor(one.hours / 3),
  modified: undefined,
});

function mails(sender: fc.Arbitrary<{ from: string; organizer: string }>): fc.Arbitrary<HistoryMail[]> {
  const payloads = fc.array(payload, { minLength: 1, maxLength: 2 });
  const copied = fc.constantFrom(undefined, undefined, undefined, undefined, "file", "embedded");
  const mail = fc
    .tuple(payloads, sender, copied)
    .map(([list, who, copy]) => ({ payloads: list, ...who, copied: copy }) as HistoryMail);
  return fc.array(mail, { minLength: 1, maxLength: 6 });
}

/** Histories in which everybody has a say. */
export const histories: fc.Arbitrary<HistoryMail[]> = mails(senders);

/** Histories of one sender. */
export const ownHistories: fc.Arbitrary<HistoryMail[]> = mails(
  fc.constant({ from: "ann@example.org", organizer: "ann@example.org" }),
);

/** Histories of one sender whose SEQUENCE and DTSTAMP never contradict each other. */
export const consistentHistories: fc.Arbitrary<HistoryMail[]> = ownHistories.map((history) =>
  history.map((mail) => ({
    ...mail,
    payloads: mail.payloads.map((one) => ({ ...one, happenings: one.happenings.map(consistent) })),
  })),
);

/** The message of a mail of a history. */
export function mailOfHistory({ payloads, from, organizer, copied }: HistoryMail): Mail {
  const parts = payloads.flatMap(({ happenings, hasMethod }) => {
    const method = hasMethod ? methodOf(happenings[0]) : undefined;
    const events = happenings.map((one) => ({ ...eventOf(one), ORGANIZER: `:mailto:${organizer}` }));
    const text = calendarText(method, events);
    const copy = copied === "file" ? [part("application/ics; name=invite.ics", text)] : [];
    return [calendarPart(text, method), ...copy];
  });
  const date = Math.max(...payloads.flatMap(({ happenings }) => happenings.map(({ hours }) => hours)));
  const mail = mailOf(multipart("mixed", TEXT, ...parts), { from, date });
  if (copied !== "embedded") return mail;
  return mailOf(multipart("mixed", TEXT, embedded(mail)), { from, date: date + 1 });
}

function methodOf(happening: Happening | undefined): string {
  if (happening?.kind.startsWith("cancel")) return "CANCEL";
  return happening?.kind === "add" ? "ADD" : "REQUEST";
}

function eventOf(one: Happening): EventLines {
  const { kind, sequence, hours, title, time, uninvited, modified = hours, named = "09:00" } = one;
  const day = DAYS[one.date] ?? "03-05";
  const text: EventLines = { SUMMARY: `:${title}`, "LAST-MODIFIED": `:${stampAt(modified)}` };
  const base = eventS(sequence, hours, { ...text, RRULE: undefined });
  const range = kind.endsWith("rest") ? ";RANGE=THISANDFUTURE" : "";
  const times = one.isWholeDay
    ? (on: string) => ({ DTSTART: wholeDay(on), DTEND: undefined })
    : (on: string) => between(on, time, 30);
  const name = one.isWholeDay ? wholeDay(day) : berlin(day, named);
  const recurrenceId = { "RECURRENCE-ID": `${range}${name}` };
  const cancelled = uninvited === undefined ? CANCELLED : { ATTENDEE: `:mailto:${uninvited}` };
  switch (kind) {
    case "master":
      return { ...base, ...times("03-05"), ...seriesOf(one) };
    case "single":
      return { ...base, ...times("03-05") };
    case "override":
    case "rest":
      return { ...base, ...recurrenceId, ...times(day) };
    case "cancel":
      return { ...base, ...cancelled };
    case "cancel-date":
    case "cancel-rest":
      return { ...base, ...recurrenceId, ...cancelled };
    case "add":
      return { ...base, ...times(day) };
  }
}

function wholeDay(day: string): string {
  return `;VALUE=DATE:2026${day.replace("-", "")}`;
}

function seriesOf({ count, exdate }: Happening): EventLines {
  const excluded = exdate === undefined ? undefined : berlin(DAYS[exdate] ?? "03-05", "09:00");
  return {
    RRULE: count === undefined ? ":FREQ=WEEKLY" : `:FREQ=WEEKLY;COUNT=${count}`,
    EXDATE: excluded,
  };
}

/** Random numbers, as many as are wanted: for orders, and for what comes twice or after a rebuild. */
export const draws: fc.Arbitrary<Draw> = fc
  .infiniteStream(fc.nat(1_000_000))
  .map((stream) => () => Number(stream.next().value ?? 0));
type Draw = () => number;

export function shuffled<T>(items: readonly T[], draw: Draw): T[] {
  return items
    .map((item) => ({ item, rank: draw() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}
