import { createHash } from "node:crypto";
import {
  assembleFeed,
  compareText,
  describeRecord,
  type EventText,
  type FeedEntry,
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
import type { MessageReading } from "../core/payloads/payloads.ts";
import type { AgendaDb, StoredGroup, StoredMessageRow } from "../storage/agenda-db/agenda-db.ts";

const SECONDS_PER_DAY = 86_400;
/** How long a feed without events shows the one that was cancelled last. */
const LAST_EVENT_DAYS = 30;
const MAX_SEQUENCE = 2_147_483_647;

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
  /** Whether the user trusts mail from this address. */
  readonly isTrustedSender: (address: string) => boolean;
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

interface PublishedGroup extends FeedEntry {
  readonly uid: string;
  /** Of a group that has UIDs made of its own, which somebody else may use: what `octets` are made of. */
  readonly events: readonly EventText[] | undefined;
  readonly version: FeedVersion;
  readonly endsAt: number | undefined;
  readonly cancelled: GroupContent["cancelled"];
}

/**
 * The agenda: folds what the messages of the mailbox say, UID by UID, and knows the text of every event. A
 * change costs what its own UID costs; the feed is one pass over texts that are ready.
 */
export class Agenda {
  readonly #options: AgendaOptions;
  readonly #groups = new Map<string, PublishedGroup>();

  constructor(options: AgendaOptions) {
    this.#options = options;
    for (const group of options.db.groups()) this.#show(group);
  }

  /** Takes messages in and out of the agenda, in one transaction, and says what each component did. */
  apply(added: readonly FiledMessage[], removedKeys: readonly string[]): ComponentOutcome[] {
    return this.#options.db.transaction(() => {
      const touched = new Map<string, ReceivedPayload[]>();
      for (const key of removedKeys) {
        for (const uidKey of this.#options.db.uidKeysOf(key)) touched.set(uidKey, []);
        this.#options.db.removeMessage(key);
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
          touched.set(payload.uidKey, [...(touched.get(payload.uidKey) ?? []), received]);
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
    const today = Math.floor(this.#options.now().getTime() / 1000 / SECONDS_PER_DAY) * SECONDS_PER_DAY;
    const { keepSeconds } = this.#options;
    const earliest = keepSeconds === undefined ? Number.NEGATIVE_INFINITY : today - keepSeconds;
    const shown = [...this.#groups.values()].filter(
      ({ octets, endsAt }) => octets.length > 0 && (endsAt === undefined || endsAt > earliest),
    );
    const lastCancelled = shown.length === 0 ? this.#lastCancelled(today) : undefined;
    const entries = lastCancelled === undefined ? shown : [lastCancelled];
    entries.sort((a, b) => compareText(a.uid, b.uid));
    const lastModified = [...this.#groups.values()].reduce(
      (latest, { version }) => Math.max(latest, version.lastModified),
      0,
    );
    return {
      octets: assembleFeed(distinct(entries), this.#options.settings),
      lastModified,
      events: shown.length,
    };
  }

  #store({ key, isApproved, reading }: FiledMessage): void {
    const payloads = reading.payloads.map((payload) => ({
      messageKey: key,
      uidKey: payload.uidKey,
      json: JSON.stringify(payload),
    }));
    this.#options.db.addMessage(rowOf({ key, isApproved, reading }), payloads);
  }

  #received(message: StoredMessageRow, payload: Payload): ReceivedPayload {
    const isAllowListed = message.isApproved || this.#options.isTrustedSender(message.sender);
    const { key: source, received, sender } = message;
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
    const stored = { uidKey, digest, sequence: version.sequence, lastModified: version.lastModified, json };
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
    if (json === "") return;
    const { uid, events, zones, definitions, endsAt, cancelled } = JSON.parse(json) as GroupContent;
    const version = { sequence, lastModified };
    const octets = octetsOf(events, version);
    const made = events.some((event) => event.uid !== uid) ? events : undefined;
    this.#groups.set(uidKey, { uid, version, octets, events: made, zones, definitions, endsAt, cancelled });
  }

  #lastCancelled(today: number): PublishedGroup | undefined {
    let latest: PublishedGroup | undefined;
    for (const group of this.#groups.values()) {
      const received = group.cancelled?.received ?? Number.NEGATIVE_INFINITY;
      if (received < today - LAST_EVENT_DAYS * SECONDS_PER_DAY) continue;
      if (latest?.cancelled === undefined || received > latest.cancelled.received) latest = group;
    }
    if (latest?.cancelled === undefined) return undefined;
    const { events, zones, definitions } = latest.cancelled.rendered;
    return { ...latest, octets: octetsOf(events, latest.version), zones, definitions };
  }
}

/** Of a UID that had nothing to show so far, e.g. a cancellation of something unknown. */
const NEVER_PUBLISHED: FeedVersion = { sequence: -1, lastModified: 0 };

function rowOf({ key, isApproved, reading }: FiledMessage): StoredMessageRow {
  const { messageId, sender, subject, received } = reading;
  return { key, messageId, sender, subject, received, isApproved };
}

function contentOf(group: Group, identity: FeedIdentity): GroupContent {
  if (group.payloads.length === 0) return NOTHING;
  const rendered = renderGroup(group, identity);
  const { tombstone } = group.state;
  const by = group.payloads.find(({ payload }) => payload === tombstone?.by.payload);
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

/** The same groups, but no UID for two events. */
function distinct(groups: readonly PublishedGroup[]): readonly PublishedGroup[] {
  if (groups.every(({ events }) => events === undefined)) return groups;
  const isOwn = ({ uid, events }: PublishedGroup) => events?.some((event) => event.uid === uid) ?? true;
  const taken = new Set(groups.filter(isOwn).map(({ uid }) => uid));
  return groups.map((group) => {
    if (group.events === undefined) return group;
    return { ...group, octets: octetsOf(withDistinctUids(group.events, group.uid, taken), group.version) };
  });
}

function octetsOf(events: readonly EventText[], version: FeedVersion): Uint8Array {
  return Buffer.from(events.map((event) => withVersion(event, version)).join(""));
}
