import type { Agenda } from "./read-feed.ts";

/** Messages of the corpus that belong together, in their order, and what must be in the feed after them. */
export interface Sequence {
  readonly name: string;
  /** Below imip/. */
  readonly files: readonly string[];
  /** Of each message, its components in any order. */
  readonly outcomes: readonly string[];
  readonly shows: Agenda;
  readonly lines?: readonly string[];
  /** Where the corpus expects something else, and why we think that we are right. */
  readonly deviation?: string;
}

const CYRUS = "6de280c9-edff-4019-8ebd-cfebc73f8201";
const EVENING = ["2021-09-23 21:30..2021-09-24 00:30"];
/** Weekly on Thursday at 15:30 in New York, twelve dates of it; clocks change in between. */
const EVENINGS = [
  ...EVENING,
  "2021-09-30 21:30..2021-10-01 00:30",
  "2021-10-07 21:30..2021-10-08 00:30",
  "2021-10-14 21:30..2021-10-15 00:30",
  "2021-10-21 21:30..2021-10-22 00:30",
  "2021-10-28 21:30..2021-10-29 00:30",
  "2021-11-04 20:30-23:30",
  "2021-11-11 21:30..2021-11-12 00:30",
  "2021-11-18 21:30..2021-11-19 00:30",
  "2021-11-25 21:30..2021-11-26 00:30",
  "2021-12-02 21:30..2021-12-03 00:30",
  "2021-12-09 21:30..2021-12-10 00:30",
];
const STAYS_CANCELLED =
  "The corpus shows cancelled events as such; readers differ so much in what they make of STATUS:CANCELLED that " +
  "only absence looks right everywhere.";

function scenario(name: string, files: readonly string[], rest: Omit<Sequence, "name" | "files">): Sequence {
  return { name: `scenarios/${name}`, files: files.map((file) => `scenarios/${name}/${file}`), ...rest };
}

/** `scenarios/EXPECTED.tsv`. */
const SCENARIOS: readonly Sequence[] = [
  scenario("imip_add", ["01-request.eml", "02-add.eml"], {
    outcomes: ["added new", "updated add"],
    shows: { [CYRUS]: [...EVENING, "2021-09-24 21:30..2021-09-25 00:30"] },
    lines: ["RDATE;TZID=America/New_York:20210924T153000"],
  }),
  scenario("imip_cancel", ["01-request.eml", "02-cancel.eml"], {
    outcomes: ["added new", "cancelled series"],
    shows: {},
    deviation: STAYS_CANCELLED,
  }),
  scenario("imip_cancel_instance", ["01-request.eml", "02-cancel.eml"], {
    outcomes: ["added new", "updated instance-cancelled"],
    shows: { [CYRUS]: [...EVENINGS.slice(1), "2021-12-16 21:30..2021-12-17 00:30"] },
    lines: ["EXDATE;TZID=America/New_York:20210923T153000"],
  }),
  scenario("imip_disallow_multiple_vcalendar", ["01-mail.eml"], {
    outcomes: ["added new, added new"],
    shows: { [CYRUS]: EVENING, abc: EVENING },
    deviation:
      "RFC 5545 §3.4 allows several calendar objects in a stream: each is an event somebody wants seen.",
  }),
  scenario("imip_invite_funky_uid", ["01-mail.eml"], {
    outcomes: ["added new"],
    shows: { [CYRUS]: ["2022-12-13 20:28-21:28"] },
  }),
  scenario("imip_invite_single_then_master", ["01-request.eml", "02-request.eml"], {
    outcomes: ["added orphan", "updated newer"],
    shows: { [CYRUS]: EVENINGS },
    lines: ["SUMMARY:An Overridden Event", "SUMMARY:An Event"],
    deviation:
      "The corpus drops the override when the series comes. Google sends the changed component alone, so that a " +
      "series without overrides says nothing about those that are known (rule K5).",
  }),
  scenario("imip_override", ["01-request.eml", "02-request.eml"], {
    outcomes: ["added new", "updated instance"],
    shows: { [CYRUS]: EVENINGS },
    lines: ["SUMMARY:An Overridden Event", "LOCATION:location2"],
  }),
  scenario("imip_preserve_alerts", ["01-request.eml", "02-request.eml", "03-request.eml"], {
    outcomes: ["added new", "updated instance", "updated instance, updated newer"],
    shows: { [CYRUS]: EVENINGS },
    lines: ["SUMMARY:An Overridden Event", "SUMMARY:An Event"],
  }),
  scenario("imip_publish", ["01-publish.eml"], { outcomes: ["added new"], shows: { [CYRUS]: EVENING } }),
  scenario("imip_reply_override", ["02-reply.eml"], {
    outcomes: ["no_action method-ignored, no_action method-ignored"],
    shows: {},
    deviation: "The feed has no answers: a REPLY is the organizer's business.",
  }),
  scenario("imip_reply_override_rdate", ["02-reply.eml"], {
    outcomes: ["no_action method-ignored, no_action method-ignored"],
    shows: {},
    deviation: "The feed has no answers: a REPLY is the organizer's business.",
  }),
  scenario("imip_update", ["01-request.eml", "02-request.eml"], {
    outcomes: ["added new", "updated newer"],
    shows: { [CYRUS]: ["2021-09-24 20:00-23:00"] },
    lines: ["SUMMARY:An Updated Event"],
  }),
  scenario("imip_update_master_and_add_override", ["01-request.eml", "02-request.eml"], {
    outcomes: ["added new", "added orphan, updated newer"],
    shows: {
      [CYRUS]: ["2021-09-24 20:00-23:00"],
      [`${CYRUS}-20210924T193000Z`]: ["2021-09-24 21:30..2021-09-25 00:30"],
    },
    deviation:
      "The event does not recur and is not at the time that RECURRENCE-ID names: what is said of that time is an " +
      "event of its own.",
  }),
];

const KDE = "uosj936i6arrtl9c2i5r2mfuvg";
/** Daily at 09:00Z from 22 October 2013; the first night of winter time is the fifth. */
const DAILY = ["22", "23", "24", "25", "26", "27", "28", "29", "30", "31"]
  .map((day, index) => `2013-10-${day} ${index < 5 ? "11:00-12:00" : "10:00-11:00"}`)
  .concat(["2013-11-01 10:00-11:00", "2013-11-02 10:00-11:00"]);

function akonadi(name: string, files: readonly string[], rest: Omit<Sequence, "name" | "files">): Sequence {
  return {
    name: `akonadi: ${name}`,
    files: files.map((file) => `itip-bodies/akonadi/invited_us${file}.ics`),
    ...rest,
  };
}

/** `itip-bodies/akonadi` and its `expected-*.ics`. */
const AKONADI: readonly Sequence[] = [
  akonadi("update1", ["", "_update01"], {
    outcomes: ["added new", "no_action organizer-mismatch"],
    shows: { [KDE]: ["2013-10-10 13:00-16:00"] },
    deviation:
      "The update names another organizer, which nobody whom the user trusts confirms (RFC 5546 §6.1.1). From an " +
      "own address it would be taken.",
  }),
  akonadi("update2", ["_daily", "_daily_update01"], {
    outcomes: ["added new", "updated newer"],
    shows: { [KDE]: DAILY },
    lines: ["SUMMARY:new-summary", "RRULE:FREQ=DAILY"],
  }),
  akonadi("update3", ["_daily", "_daily_update_recid01"], {
    outcomes: ["added new", "updated instance"],
    shows: { [KDE]: DAILY },
    lines: ["SUMMARY:Daily stuff", "SUMMARY:new-summary-for-second-occurrence"],
  }),
  akonadi("cancel", ["", "_cancel01"], { outcomes: ["added new", "cancelled series"], shows: {} }),
  akonadi("cancel daily", ["_daily", "_daily_cancel01"], {
    outcomes: ["added new", "cancelled series"],
    shows: {},
  }),
  akonadi("cancel1", ["_daily", "_daily_cancel_recid01"], {
    outcomes: ["added new", "no_action held-cancel"],
    shows: { [KDE]: DAILY },
    deviation:
      "The corpus keeps a cancelled override at midnight, where the series (at 09:00Z) has no date: we remember it " +
      "for a series that has.",
  }),
];

const GOOGLE = "3evgs2i0jdkofmibc9u5cah0a9@google.com";
const THUNDERBIRD = "02e79b96";
const tine = (...files: readonly string[]) => files.map((file) => `itip-bodies/tine/${file}.ics`);
const thunderbird = (...files: readonly string[]) => files.map((file) => `thunderbird/${file}.eml`);

/** What the README of the corpus says belongs together. */
const THREADS: readonly Sequence[] = [
  {
    name: "Google: invitation, two updates, one more attendee",
    files: tine(
      "google_external_invite",
      "google_external_invite_update1",
      "google_external_invite_update2",
      "google_external_invite_addAttender",
    ),
    outcomes: ["added new", "updated newer", "updated newer", "updated newer"],
    shows: { [GOOGLE]: ["2019-02-05 16:00-17:00"] },
  },
  {
    name: "Outlook: rescheduled",
    files: tine("outlook_invitation", "outlook_reschedule"),
    outcomes: ["added new", "updated newer"],
    shows: {
      "040000008200E00074C5B7101A82E00800000000B02E5C95A5F1D20100000000000000001000000093544CFB75D75A42B698FD2C940B3285":
        ["2017-08-16 11:00-12:00"],
    },
  },
  {
    name: "Google: two versions",
    files: ["itip-bodies/nylas/gcal_v1.ics", "itip-bodies/nylas/gcal_v2.ics"],
    outcomes: ["added new", "updated newer"],
    shows: { "jvbroggos139aumnj4p5og9rd0@google.com": ["2015-03-20 00:30-01:30"] },
  },
  {
    name: "iCloud: cancelled",
    files: ["itip-bodies/nylas/icloud_cancelled1.ics", "itip-bodies/nylas/icloud_cancelled2.ics"],
    outcomes: ["added new", "cancelled series"],
    shows: {},
  },
  {
    name: "Thunderbird: small update",
    // Its DTSTAMP is two days after its Date, which is that of the invitation.
    files: thunderbird("single-event", "update-minor"),
    outcomes: ["added new", "updated tie-break"],
    shows: { [THUNDERBIRD]: ["2022-03-16 12:00-12:30"] },
    lines: ["SUMMARY:Updated Event"],
  },
  {
    name: "Thunderbird: large update, then the cancellation of what it replaced",
    files: thunderbird("single-event", "update-major", "cancel-single-event"),
    outcomes: ["added new", "updated newer", "no_action stale"],
    shows: { [THUNDERBIRD]: ["2022-03-16 06:00-06:30"] },
  },
  {
    name: "Thunderbird: cancelled",
    files: thunderbird("single-event", "cancel-single-event"),
    outcomes: ["added new", "cancelled series"],
    shows: {},
  },
  {
    name: "Thunderbird: series with one date changed",
    files: thunderbird("repeat-event", "exception-minor"),
    outcomes: ["added new", "updated instance"],
    shows: { [THUNDERBIRD]: ["16", "17", "18"].map((day) => `2022-03-${day} 12:00-12:30`) },
    lines: ["SUMMARY:Exception title"],
  },
  {
    name: "Thunderbird: series cancelled",
    files: thunderbird("repeat-event", "cancel-repeat-event"),
    outcomes: ["added new", "cancelled series"],
    shows: {},
  },
  {
    name: "Zimbra: invitation and its answer",
    files: ["zimbra/bug-69862-invite.eml", "zimbra/bug-69862-reply.eml"],
    outcomes: ["added new", "no_action method-ignored"],
    shows: { "5baee2a1-9064-4356-9b3c-f56b02050088": ["2012-04-25 01:00-02:00"] },
  },
];

export const SEQUENCES: readonly Sequence[] = [...SCENARIOS, ...AKONADI, ...THREADS];
