import { SECRETARY } from "./test-settings.ts";

/** The moment at which the messages of these tests are sent. */
export const SENT = "20260301T080000Z";

export interface EventOptions {
  readonly uid: string;
  readonly summary?: string;
  readonly sequence?: number;
  /** In Berlin. */
  readonly start?: string;
  readonly stamp?: string;
  readonly method?: "REQUEST" | "CANCEL";
  /** More lines of the event. */
  readonly lines?: readonly string[];
}

/** A calendar object with one event. */
export function calendarOf(options: EventOptions): string {
  const { uid, summary = uid, sequence = 0, start = "20260310T100000", stamp = SENT } = options;
  const { method = "REQUEST", lines = [] } = options;
  return `BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//Test//EN
METHOD:${method}
BEGIN:VEVENT
UID:${uid}
DTSTAMP:${stamp}
SEQUENCE:${sequence}
DTSTART;TZID=Europe/Berlin:${start}
DURATION:PT1H
SUMMARY:${summary}
ORGANIZER;CN=Ann Example:mailto:ann@example.org
ATTENDEE:mailto:user@example.test
${lines.map((line) => `${line}\n`).join("")}END:VEVENT
END:VCALENDAR
`;
}

export interface MessageOptions {
  readonly from?: string;
  readonly messageId?: string;
  readonly to?: string;
}

/** A message whose body is a calendar object. */
export function invitation(event: EventOptions, options: MessageOptions = {}): string {
  const { method = "REQUEST", uid } = event;
  return `${header(`Invitation: ${event.summary ?? uid}`, { messageId: `m-${uid}`, ...options })}MIME-Version: 1.0
Content-Type: text/calendar; charset=utf-8; method=${method}

${calendarOf(event)}`;
}

/** A message without anything for a calendar. */
export function plainMail(subject: string, options: MessageOptions = {}): string {
  return `${header(subject, options)}
Hello.
`;
}

function header(subject: string, options: MessageOptions): string {
  const { from = "Ann Example <ann@example.org>", to = SECRETARY, messageId = subject } = options;
  return `From: ${from}
To: ${to}
Subject: ${subject}
Date: Sun, 1 Mar 2026 09:00:00 +0100
Message-ID: <${messageId}@example.org>
`;
}
