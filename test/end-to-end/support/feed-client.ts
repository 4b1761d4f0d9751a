import assert from "node:assert/strict";
import ICAL from "ical.js";
import { findValue, MAX_CALENDAR_OCTETS, readCalendarText } from "../../../src/core/icalendar/icalendar.ts";
import { PASSWORD, USER } from "./test-settings.ts";

/** One VEVENT of the feed. */
export interface FeedEvent {
  readonly uid: string;
  readonly summary: string;
  /** The whole line. */
  readonly start: string;
  readonly recurrenceId: string | undefined;
  readonly sequence: number;
}

const AUTHORIZATION = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString("base64")}`;

/** A calendar app that subscribed. */
export class FeedClient {
  readonly #url: string;

  constructor(port: number) {
    this.#url = `http://127.0.0.1:${port}/calendar.ics`;
  }

  /** Logged in, unless the fields say otherwise. */
  request(fields: Readonly<Record<string, string>> = {}, method = "GET"): Promise<Response> {
    return fetch(this.#url, { method, headers: { authorization: AUTHORIZATION, ...fields } });
  }

  async octets(): Promise<Buffer> {
    const response = await this.request();
    assert.equal(response.status, 200);
    return Buffer.from(await response.arrayBuffer());
  }

  async events(): Promise<FeedEvent[]> {
    return readFeed(await this.octets());
  }

  async summaries(): Promise<string[]> {
    return (await this.events()).map(({ summary }) => summary);
  }
}

/** The events of a feed, read by ical.js; our own reader must see the same, within its limits. */
export function readFeed(octets: Uint8Array): FeedEvent[] {
  const text = new TextDecoder("utf-8", { fatal: true }).decode(octets);
  assert.match(text, /^BEGIN:VCALENDAR\r\n[\s\S]*\r\nEND:VCALENDAR\r\n$/);
  const calendar = new ICAL.Component(ICAL.parse(text));
  const events = calendar.getAllSubcomponents("vevent").map((event) => ({
    uid: String(event.getFirstPropertyValue("uid")),
    summary: String(event.getFirstPropertyValue("summary")),
    start: event.getFirstProperty("dtstart")?.toICALString() ?? "",
    recurrenceId: event.getFirstProperty("recurrence-id")?.toICALString(),
    sequence: Number(event.getFirstPropertyValue("sequence")),
  }));
  if (octets.length <= MAX_CALENDAR_OCTETS) {
    assert.deepEqual(
      events.map(({ uid, summary }) => [uid, summary]),
      readByOurselves(octets),
    );
  }
  return events;
}

function readByOurselves(octets: Uint8Array): (string | undefined)[][] {
  const { calendars, faults } = readCalendarText(octets);
  assert.deepEqual([calendars.length, faults], [1, []]);
  const events = (calendars[0]?.components ?? []).filter(({ name }) => name === "VEVENT");
  return events.map((event) => [findValue(event, "UID"), findValue(event, "SUMMARY")]);
}
