import {
  assembleFeed,
  compareText,
  describeRecord,
  type FeedIdentity,
  type FeedSettings,
  type FeedVersion,
  Group,
  type Outcome,
  type Payload,
  type PublishedVersions,
  type ReceivedPayload,
} from "../core/calendar/calendar.ts";
import type { MessageReading, SenderProof } from "../core/payloads/payloads.ts";
import type { AgendaDb, StoredGroup, StoredMessageRow } from "../storage/agenda-db/agenda-db.ts";
import { FeedBook, type IsShown } from "./feed-book.ts";
import { contentOf, digestOf, entryOf, type GroupContent, shownBy, textOf } from "./group-content.ts";

const SECONDS_PER_DAY = 86_400;
/** How long a feed without events shows the one that was cancelled last. */
const LAST_EVENT_DAYS = 30;
const MAX_SEQUENCE = 2_147_483_647;
/** Live UIDs: a lifetime of appointments. Beyond it nothing new is taken, but what is known can change. */
const MAX_LIVE_GROUPS = 100_000;
const TOO_MANY: Outcome = { outcome: "error", reason: "too-many" };

/** A message of the mailbox `Secretary`, read. */
export interface FiledMessage {
  /** The base name of its file. */
  readonly key: string;
  readonly isApproved: boolean;
  readonly reading: MessageReading;
}

/** What became of one component. */
export interface ComponentOutcome {
  readonly messageKey: string;
  readonly uid: string | undefined;
  readonly outcome: Outcome;
  /** The component in a few words, as far as it could be read. */
  readonly what: string;
}

export interface AgendaOptions {
  readonly db: AgendaDb;
  readonly identity: FeedIdentity;
  readonly settings: FeedSettings;
  /** Whether the user trusts mail from this address, given what is known about its sender. */
  readonly isTrustedSender: (address: string, proof: SenderProof) => boolean;
  /** How long after its end an event stays in the feed, in seconds; for ever when undefined. */
  readonly keepSeconds: number | undefined;
  readonly now: () => Date;
  /** What was published before, for UIDs that the database does not know. */
  readonly published: PublishedVersions;
  /** What readers get now: if the database says that it published just that, no text need be read from there. */
  readonly served?: ServedFeed | undefined;
}

/** The feed as readers get it. */
export interface ServedFeed {
  readonly octets: Uint8Array;
  /** Of just these octets. */
  readonly etag: string;
}

/** The whole feed as of one day, and when its content last changed. */
export interface AgendaFeed {
  readonly octets: Uint8Array;
  readonly lastModified: number;
  /** UIDs that are in it. */
  readonly events: number;
}

/**
 * The agenda: folds what the messages of the mailbox say, UID by UID, and keeps the text of every event. A
 * change costs what its own UID costs; the feed is one pass over texts that are ready.
 */
export class Agenda {
  readonly #options: Omit<AgendaOptions, "served">;
  readonly #book: FeedBook;
  /** The messages that are part of it, and whether the user approved each. */
  readonly #messages: Map<string, boolean>;
  /** Seconds since 1970: when any event last changed, those that are gone included. */
  #lastModified: number;
  /** The feed that was made last, until something changes. */
  #feed: { readonly made: AgendaFeed; readonly day: number } | undefined;

  constructor({ served, ...options }: AgendaOptions) {
    const { db, settings } = options;
    this.#options = options; // without the feed, which will not be current for long
    this.#book = new FeedBook(settings, (uidKey, takenUids) => this.#textOf(uidKey, takenUids));
    this.#messages = db.messageApprovals();
    for (const entry of db.entries()) this.#book.put(entry);
    this.#lastModified = db.lastModified();
    if (served !== undefined) this.#adopt(served);
  }

  /** The keys of the messages that are part of it, and whether the user approved each. */
  get messages(): ReadonlyMap<string, boolean> {
    return this.#messages;
  }

  /** Takes messages in and out of the agenda, in one transaction, and says what each component did. */
  apply(added: readonly FiledMessage[], removedKeys: readonly string[]): ComponentOutcome[] {
    return this.#options.db.transaction(() => {
      const touched = new Map<string, ReceivedPayload[]>();
      for (const key of removedKeys) {
        for (const uidKey of this.#options.db.uidKeysOf(key)) touched.set(uidKey, []);
        this.#options.db.removeMessage(key);
        this.#messages.delete(key);
      }
      const outcomes: ComponentOutcome[] = [];
      const inOrder = [...added].sort(
        (a, b) => a.reading.received - b.reading.received || compareText(a.key, b.key),
      );
      for (const message of inOrder) {
        this.#store(message);
        for (const { uid, outcome } of message.reading.refused) {
          outcomes.push({ messageKey: message.key, uid, outcome, what: "" });
        }
        for (const payload of message.reading.payloads) {
          const received = this.#received(rowOf(message), payload);
          const others = touched.get(payload.uidKey);
          if (others === undefined && this.#isFull(payload.uidKey, touched.size)) {
            outcomes.push(...tooMany(message.key, payload));
          } else {
            touched.set(payload.uidKey, [...(others ?? []), received]);
          }
        }
      }
      for (const [uidKey, incoming] of touched) outcomes.push(...this.#fold(uidKey, incoming));
      return outcomes;
    });
  }

  /** Everything known for a UID, in order of reception, but what certain messages said. */
  payloadsOf(uidKey: string, besides: ReadonlySet<string> = NO_MESSAGES): ReceivedPayload[] {
    return this.#options.db
      .payloadsOf(uidKey)
      .filter(({ message }) => !besides.has(message.key))
      .map(({ message, json }) => this.#received(message, JSON.parse(json) as Payload));
  }

  /** The whole feed as of now; the same object as long as nothing changes. */
  feed(): AgendaFeed {
    const day = this.#today();
    if (this.#feed?.day === day) return this.#feed.made;
    const { octets, events } = this.#book.assemble(this.#isShownSince(this.#earliestOn(day)));
    const lastCancelled = events === 0 ? this.#feedOfLastCancelled(day) : undefined;
    const made = { octets: lastCancelled ?? octets, lastModified: this.#lastModified, events };
    this.#feed = { made, day };
    return made;
  }

  /** Takes note that readers get this feed now, in the octets given, for the next start. */
  markPublished(feed: AgendaFeed, { octets, etag }: ServedFeed): void {
    if (this.#feed?.made !== feed || feed.events === 0) return;
    const { day } = this.#feed;
    this.#feed = { made: { ...feed, octets }, day };
    this.#book.useCopy(octets);
    const mark = `${etag} ${this.#earliestOn(day)}`; // together with what is left out of it
    if (this.#options.db.published !== mark) this.#options.db.markPublished(mark);
  }

  /** Whether an event that ends then is still in the feed; without an end it always is. */
  isShown(endsAt: number | undefined): boolean {
    return this.#isShownSince(this.#earliestOn(this.#today()))({ endsAt });
  }

  #adopt({ octets, etag }: ServedFeed): void {
    const mark = this.#options.db.published;
    if (mark?.startsWith(`${etag} `) !== true) return;
    const earliest = Number(mark.slice(etag.length + 1));
    const events = this.#book.adopt(octets, this.#isShownSince(earliest));
    const day = this.#today();
    if (events === undefined || earliest !== this.#earliestOn(day)) return;
    this.#feed = { made: { octets, lastModified: this.#lastModified, events }, day };
  }

  /** Midnight in UTC: what depends on the time changes once a day. */
  #today(): number {
    return Math.floor(this.#options.now().getTime() / 1000 / SECONDS_PER_DAY) * SECONDS_PER_DAY;
  }

  /** What was over by then is not in the feed of that day. */
  #earliestOn(day: number): number {
    const { keepSeconds } = this.#options;
    return keepSeconds === undefined ? Number.NEGATIVE_INFINITY : day - keepSeconds;
  }

  #isShownSince(earliest: number): IsShown {
    return ({ endsAt }) => endsAt === undefined || endsAt > earliest;
  }

  /** Whether there is no room for a UID, should it be a new one; `pending` ones are about to be folded. */
  #isFull(uidKey: string, pending: number): boolean {
    return this.#book.size + pending >= MAX_LIVE_GROUPS && this.#options.db.group(uidKey) === undefined;
  }

  #store({ key, isApproved, reading }: FiledMessage): void {
    const payloads = reading.payloads.map((payload) => ({
      messageKey: key,
      uidKey: payload.uidKey,
      json: JSON.stringify(payload),
    }));
    this.#options.db.addMessage(rowOf({ key, isApproved, reading }), payloads);
    this.#messages.set(key, isApproved);
  }

  #received(message: StoredMessageRow, payload: Payload): ReceivedPayload {
    const proof = message.senderProof as SenderProof;
    const isAllowListed = message.isApproved || this.#options.isTrustedSender(message.sender, proof);
    const { key: source, received } = message;
    const sender = proof === "failed" ? "" : message.sender; // somebody else, in a borrowed name
    return { payload, source, received, sender, isAllowListed };
  }

  #fold(uidKey: string, incoming: readonly ReceivedPayload[]): ComponentOutcome[] {
    const group = new Group((address) => this.#options.identity.isOwnAddress(address));
    const isIncoming = new Set(incoming.map(({ source }) => source));
    group.addAll(this.payloadsOf(uidKey, isIncoming));
    const outcomes: ComponentOutcome[] = [];
    for (const received of incoming) {
      const { uid } = received.payload;
      const { records } = received.payload;
      group.add(received).forEach((outcome, index) => {
        const record = records[index];
        const what = record === undefined ? "" : describeRecord(record);
        outcomes.push({ messageKey: received.source, uid, outcome, what });
      });
    }
    this.#render(uidKey, group);
    return outcomes;
  }

  #render(uidKey: string, group: Group): void {
    const { db, identity } = this.#options;
    const content = contentOf(group, identity);
    const digest = digestOf(content);
    const known = db.group(uidKey);
    const json = JSON.stringify(content);
    if (known?.digest === digest && known.json === json) return;
    const version = known?.digest === digest ? known : this.#nextVersion(content, known);
    const { sequence, lastModified } = version;
    const text = textOf(content, version);
    const entry = entryOf(uidKey, content, text.length);
    const cancelledAt = content.cancelled?.received;
    db.putGroup({ ...entry, digest, sequence, lastModified, cancelledAt, json });
    this.#book.put(entry, text);
    this.#lastModified = Math.max(this.#lastModified, lastModified);
    this.#feed = undefined;
  }

  #textOf(uidKey: string, takenUids?: Set<string>): Uint8Array {
    const group = this.#options.db.group(uidKey);
    if (group === undefined) throw new Error("Cannot find the text of an event in agenda.db");
    return textOf(JSON.parse(group.json) as GroupContent, group, takenUids);
  }

  /** SEQUENCE rises and LAST-MODIFIED grows whenever what is written changes (RFC 5545 §3.8.7.3, §3.8.7.4). */
  #nextVersion(content: GroupContent, known: StoredGroup | undefined): FeedVersion {
    const { published, now } = this.#options;
    const same = known === undefined ? published.sameAs(shownBy(content)) : undefined;
    if (same !== undefined) return same;
    const last = known ?? published.latestOf(content.uid);
    if (last === undefined && content.events.length === 0) return NEVER_PUBLISHED;
    const instant = Math.floor(now().getTime() / 1000);
    if (last === undefined) return { sequence: content.sourceSequence, lastModified: instant };
    return {
      sequence: Math.min(Math.max(content.sourceSequence, last.sequence + 1), MAX_SEQUENCE),
      lastModified: Math.max(instant, last.lastModified + 1),
    };
  }

  #feedOfLastCancelled(today: number): Uint8Array | undefined {
    const group = this.#options.db.lastCancelledGroup(today - LAST_EVENT_DAYS * SECONDS_PER_DAY);
    if (group === undefined) return undefined;
    const rendered = (JSON.parse(group.json) as GroupContent).cancelled?.rendered;
    if (rendered === undefined) return undefined;
    const { events } = rendered;
    return assembleFeed([textOf({ events, uid: "" }, group)], [rendered], this.#options.settings).octets;
  }
}

function tooMany(messageKey: string, { uid, records }: Payload): ComponentOutcome[] {
  return records.map((record) => ({ messageKey, uid, outcome: TOO_MANY, what: describeRecord(record) }));
}

const NO_MESSAGES: ReadonlySet<string> = new Set();

/** Of a UID that had nothing to show so far, e.g. a cancellation of something unknown. */
const NEVER_PUBLISHED: FeedVersion = { sequence: -1, lastModified: 0 };

function rowOf({ key, isApproved, reading }: FiledMessage): StoredMessageRow {
  const { messageId, sender, senderProof, subject, received } = reading;
  return { key, messageId, sender, senderProof, subject, received, isApproved };
}
