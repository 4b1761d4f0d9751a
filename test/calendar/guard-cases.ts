import { between, CE, E, eventE, scheduling } from "./case-mails.ts";
import { type CalendarCase, step } from "./cases.ts";

const SHOWN = { "e1@example.org": ["03-10 10:00-11:00"] };
const SHOWN_AT_14 = { "e1@example.org": ["03-10 14:00-15:00"] };
const AT_14 = between("03-10", "14:00", 60);
const WHO_WAS_FIRST = "who sent the first message owns the event";
const evil = { from: "evil@evil.example" };

/** Who may change an event that exists (RFC 5546 §6.1.1). */
export const GUARD_CASES: readonly CalendarCase[] = [
  {
    id: "G01",
    name: "foreign organizer",
    steps: [
      step(E(0, 0), "added new"),
      step(
        E(1, 1, { ...AT_14, ORGANIZER: ":mailto:evil@evil.example" }, evil),
        "no_action organizer-mismatch",
      ),
    ],
    shows: SHOWN,
    orderMatters: WHO_WAS_FIRST,
  },
  {
    id: "G02",
    name: "forged organizer",
    steps: [step(E(0, 0), "added new"), step(CE(1, 1, {}, evil), "no_action sender-not-allowed")],
    shows: SHOWN,
  },
  {
    id: "G02a",
    name: "forged cancellation in advance",
    steps: [step(CE(1, 1, {}, evil), "no_action held-cancel"), step(E(0, 0), "added new")],
    shows: SHOWN,
  },
  {
    id: "G03",
    name: "forwarded update",
    steps: [step(E(0, 0), "added new"), step(E(1, 1, AT_14, { from: "u@example.net" }), "updated newer")],
    shows: SHOWN_AT_14,
  },
  {
    id: "G03a",
    name: "forwarded invitation, update from its organizer",
    steps: [step(E(0, 0, {}, { from: "u@example.net" }), "added new"), step(E(1, 1, AT_14), "updated newer")],
    shows: SHOWN_AT_14,
  },
  {
    id: "G04",
    name: "assistant",
    steps: [
      step(E(0, 0), "added new"),
      step(
        E(
          1,
          1,
          { ...AT_14, ORGANIZER: ';SENT-BY="mailto:bob@example.org":mailto:ann@example.org' },
          { from: "bob@example.org" },
        ),
        "updated newer",
      ),
    ],
    shows: SHOWN_AT_14,
  },
  {
    id: "G05",
    name: "new organizer, trusted",
    steps: [
      step(E(0, 0), "added new"),
      step(
        E(1, 1, { ...AT_14, ORGANIZER: ":mailto:carol@example.com" }, { from: "u@example.net" }),
        "updated newer",
      ),
    ],
    shows: SHOWN_AT_14,
    lines: ["DESCRIPTION:Organizer: carol@example.com"],
  },
  {
    id: "G06",
    name: "case",
    steps: [
      step(E(0, 0), "added new"),
      step(E(1, 1, { ...AT_14, ORGANIZER: ":MAILTO:Ann@Example.ORG" }), "updated newer"),
    ],
    shows: SHOWN_AT_14,
  },
  {
    id: "G07",
    name: "public provider",
    steps: [
      step(E(0, 0, { ORGANIZER: ":mailto:ann@gmail.com" }, { from: "ann@gmail.com" }), "added new"),
      step(
        CE(1, 1, { ORGANIZER: ":mailto:ann@gmail.com" }, { from: "bob@gmail.com" }),
        "no_action sender-not-allowed",
      ),
    ],
    shows: SHOWN,
  },
  {
    id: "G08",
    name: "no organizer",
    steps: [step(E(0, 0), "added new"), step(CE(1, 1, { ORGANIZER: undefined }), "cancelled series")],
    shows: {},
  },
  {
    id: "G08a",
    name: "no organizer, stranger",
    steps: [
      step(E(0, 0), "added new"),
      step(
        scheduling("CANCEL", [eventE(1, 1, { ORGANIZER: undefined, STATUS: ":CANCELLED" })], evil),
        "no_action sender-not-allowed",
      ),
    ],
    shows: SHOWN,
  },
];
