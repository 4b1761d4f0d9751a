import { isMeant, type Payload, tellEvent, uidKeyOf } from "../core/calendar/calendar.ts";
import type { AgendaDb, Decision } from "../storage/agenda-db/agenda-db.ts";
import { type StoryOptions, tellStory } from "./event-story.ts";
import { passagesAbout, tellPassages } from "./passage.ts";
import { PUBLISHED_MAILBOX } from "./workplace.ts";

/** More events of one name are better asked for by more of it. */
const MAX_LISTED = 20;

/**
 * Tells the story of an event, or of all that one message brought: every message in the order of its
 * arrival, what it wanted, what it changed and why not. Of several events that may be meant, a list.
 *
 * @param subject a UID, a Message-ID, words of a title, or a day as `2026-03-10`
 * @returns lines; none when nothing is known of it
 */
export function explain(subject: string, options: StoryOptions): string[] {
  const id = subject.trim().replace(/^<|>$/g, "");
  const named = explainAll(uidKeysNamedBy(id, options.db), options);
  if (named.length > 0) return named.map(printable);
  const passages = passagesAbout(decisionsNamedBy(id, options.db), options.db, options.zone);
  if (passages.length > 0) return [...tellPassages(passages, options.zone), "", NOT_THERE].map(printable);
  const meant = id === "" ? new Map<string, string>() : eventsMeantBy(id, options.db);
  const [only, ...others] = meant.keys();
  if (only !== undefined && others.length === 0) return explainAll([only], options).map(printable);
  return listOf(meant).map(printable);
}

const NOT_THERE = `Not in the calendar: no message in the mailbox ${PUBLISHED_MAILBOX} is about it`;

/** Those of a message, or the one that has this UID. */
function uidKeysNamedBy(id: string, db: AgendaDb): Set<string> {
  const ofMessage = db.messagesById(id).flatMap(({ key }) => db.uidKeysOf(key));
  const decided = db.decisionsAbout(id).flatMap(({ uid }) => (uid === undefined ? [] : [uidKeyOf(uid)]));
  return new Set([uidKeyOf(id), ...ofMessage, ...decided]);
}

/** About this UID or Message-ID, and about the messages that told of the UID. */
function decisionsNamedBy(id: string, db: AgendaDb): Decision[] {
  const about = db.decisionsAbout(id);
  const messageIds = new Set(about.flatMap(({ messageId }) => (messageId === "" ? [] : [messageId])));
  messageIds.delete(id);
  const ofMessages = [...messageIds].flatMap((messageId) => db.decisionsAbout(messageId));
  return [...about, ...ofMessages.filter(({ uid }) => uid === undefined)];
}

function explainAll(uidKeys: Iterable<string>, options: StoryOptions): string[] {
  const stories = [...uidKeys].map((uidKey) => tellStory(uidKey, options));
  return stories
    .filter((story) => story.length > 0)
    .flatMap((story, index) => (index > 0 ? ["", ...story] : story));
}

/** By UID what is said last of each event that somebody may remember so. */
function eventsMeantBy(words: string, db: AgendaDb): Map<string, string> {
  const meant = new Map<string, string>();
  for (const { uidKey, json } of db.payloads()) {
    const payload = JSON.parse(json) as Payload;
    const record = payload.records.find((one) => isMeant(one, words, payload));
    if (record?.content !== undefined) meant.set(uidKey, tellEvent(record.content));
  }
  return meant;
}

function listOf(events: ReadonlyMap<string, string>): string[] {
  if (events.size === 0) return [];
  const listed = [...events].slice(0, MAX_LISTED).flatMap(([uidKey, event]) => [event, `  UID ${uidKey}`]);
  const more = events.size > MAX_LISTED ? [`and ${events.size - MAX_LISTED} more`] : [];
  return [`${events.size} events may be meant; ask for one by its UID:`, "", ...listed, ...more];
}

/** Senders choose what stands in titles and addresses; none of it shall move a cursor or turn a line around. */
function printable(line: string): string {
  return line.replace(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, " ");
}
