import { createHash } from "node:crypto";
import {
  assembleFeed,
  compareText,
  describeRecord,
  type EventText,
  type FeedIdentity,
  type FeedSettings,
  type FeedVersion,
  Group,
  type Outcome,
  type Payload,
  type PublishedVersions,
  type ReceivedPayload,
  type RenderedGroup,
  renderCancelled,
  renderGroup,
  withDistinctUids,
  withoutVersion,
  withVersion,
} from "../core/calendar/calendar.ts";
import type { MessageReading, SenderProof } from "../core/payloads/payloads.ts";
import type { AgendaDb, StoredGroup, StoredMessageRow } from "../storage/agenda-db/agenda-db.ts";
import { FeedBook, type FeedEntry } from "./feed-book.ts";

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
}

/** What the database keeps of a group, as JSON. */
interface GroupContent extends RenderedGroup {
  readonly uid: string;
  /** What to show if no event is left in the feed, and when the message came that cancelled it. */
  readonly cancelled: { readonly received: number; readonly rendered: RenderedGroup } | undefined;
}

/**
 * The agenda: folds what the messages of the mailbox say, UID by UID, and keeps the text of every event. A
 * change costs what its own UID costs; the feed is one pass over texts that are ready.
 */
export class Agenda {
  readonly #options: AgendaOptions;
  readonly #book: FeedBook;
  /** The messages that are part of it, and whether the user approved each. */
  readonly #messages: Map<string, boolean>;
  /** Seconds since 1970: when any event last changed, those that are gone included. */
  #lastModified = 0;

  constructor(options: AgendaOptions) {
    this.#options = options;
    this.#book = new FeedBook(options.settings);
    this.#messages = options.db.messageApprovals();
    for (const group of options.db.groups()) this.#show(group);
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

  /** Everything known for a UID, in order of reception. */
  payloadsOf(uidKey: string): ReceivedPayload[] {
    return this.#options.db
      .payloadsOf(uidKey)
      .map(({ message, json }) => this.#received(message, JSON.parse(json) as Payload));
  }

  /** The whole feed as of now, and when its content last changed. */
  feed(): { readonly octets: Uint8Array; readonly lastModified: number; readonly events: number } {
    const { octets, events } = this.#book.assemble(this.#whatIsShown());
    const lastCancelled = events === 0 ? this.#feedOfLastCancelled() : undefined;
    return { octets: lastCancelled ?? octets, lastModified: this.#lastModified, events };
  }

  /** Whether an event that ends then is still in the feed; without an end it always is. */
  isShown(endsAt: number | undefined): boolean {
    return this.#whatIsShown()({ endsAt });
  }

  #whatIsShown(): (entry: Pick<FeedEntry, "endsAt">) => boolean {
    const { keepSeconds } = this.#options;
    if (keepSeconds === undefined) return () => true;
    const earliest = this.#today() - keepSeconds;
    return ({ endsAt }) => endsAt === undefined || endsAt > earliest;
  }

  /** Midnight in UTC: what depends on the time changes once a day. */
  #today(): number {
    return Math.floor(this.#options.now().getTime() / 1000 / SECONDS_PER_DAY) * SECONDS_PER_DAY;
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
    group.addAll(this.payloadsOf(uidKey).filter(({ source }) => !isIncoming.has(source)));
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
    const stored = { uidKey, digest, sequence, lastModified, cancelledAt: content.cancelled?.received, json };
    db.putGroup(stored);
    this.#show(stored);
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

  #show({ uidKey, sequence, lastModified, json }: StoredGroup): void {
    this.#lastModified = Math.max(this.#lastModified, lastModified);
    if (json === "") return;
    const { uid, events, zones, definitions, endsAt } = JSON.parse(json) as GroupContent;
    const version = { sequence, lastModified };
    const hasMadeUids = events.some((event) => event.uid !== uid);
    // UIDs that we make may be used by somebody else.
    const distinctText = (taken: Set<string>) => textOf(withDistinctUids(events, uid, taken), version);
    const ownsUid = events.some((event) => event.uid === uid);
    const entry = { uidKey, uid, ownsUid, inUse: { zones, definitions }, endsAt };
    this.#book.put(hasMadeUids ? { ...entry, distinctText } : entry, textOf(events, version));
  }

  #feedOfLastCancelled(): Uint8Array | undefined {
    const group = this.#options.db.lastCancelledGroup(this.#today() - LAST_EVENT_DAYS * SECONDS_PER_DAY);
    if (group === undefined) return undefined;
    const rendered = (JSON.parse(group.json) as GroupContent).cancelled?.rendered;
    if (rendered === undefined) return undefined;
    return assembleFeed([textOf(rendered.events, group)], [rendered], this.#options.settings).octets;
  }
}

function tooMany(messageKey: string, { uid, records }: Payload): ComponentOutcome[] {
  return records.map((record) => ({ messageKey, uid, outcome: TOO_MANY, what: describeRecord(record) }));
}

/** Of a UID that had nothing to show so far, e.g. a cancellation of something unknown. */
const NEVER_PUBLISHED: FeedVersion = { sequence: -1, lastModified: 0 };

function rowOf({ key, isApproved, reading }: FiledMessage): StoredMessageRow {
  const { messageId, sender, senderProof, subject, received } = reading;
  return { key, messageId, sender, senderProof, subject, received, isApproved };
}

function contentOf(group: Group, identity: FeedIdentity): GroupContent {
  if (group.payloads.length === 0) return NOTHING;
  const rendered = renderGroup(group, identity);
  const { tombstone, master } = group.state;
  const end = (tombstone?.by ?? master)?.payload;
  const by = group.payloads.find(({ payload }) => payload === end);
  const last =
    rendered.events.length === 0 && by !== undefined ? renderCancelled(group, identity) : undefined;
  const uid = group.uid;
  return { ...rendered, uid, cancelled: last && by && { received: by.received, rendered: last } };
}

/** A UID whose every message was taken out of the mailbox. */
const NOTHING: GroupContent = {
  uid: "",
  events: [],
  zones: {},
  definitions: {},
  sourceSequence: 0,
  endsAt: undefined,
  cancelled: undefined,
};

/** What readers see of a group, be it that its last event was cancelled. */
function shownBy({ events, cancelled }: GroupContent): readonly EventText[] {
  return cancelled?.rendered.events ?? events;
}

function digestOf(content: GroupContent): string {
  const hash = createHash("sha256");
  for (const event of shownBy(content)) hash.update(withoutVersion(event));
  return hash.digest("base64url");
}

function textOf(events: readonly EventText[], version: FeedVersion): Uint8Array {
  return Buffer.from(events.map((event) => withVersion(event, version)).join(""));
}
