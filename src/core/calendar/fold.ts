import type { GroupState } from "./group.ts";
import { GroupDraft, type Known } from "./group-draft.ts";
import { byReception, compareText, type ReceivedPayload, refusedPayloads } from "./guard.ts";
import { cancelled, isAction, noAction, type Outcome, updated } from "./outcome.ts";
import type { IsOwnAddress } from "./person.ts";
import { type CalendarRecord, isAboutMaster, type Payload, stampOf } from "./record.ts";
import { applyPayload } from "./replay.ts";
import { splitSeries } from "./split-series.ts";

/**
 * Everything received for one UID, and the state it adds up to. The state depends on the set of payloads
 * only, never on the order in which they came: accepted payloads are replayed in the order in which their
 * senders made them. Adding one at the end costs one step; one that belongs further ahead, a replay.
 */
export class Group {
  readonly #isOwn: IsOwnAddress;
  readonly #payloads: ReceivedPayload[] = [];
  #accepted: readonly ReceivedPayload[] = [];
  #draft = new GroupDraft();

  constructor(isOwnAddress: IsOwnAddress) {
    this.#isOwn = isOwnAddress;
  }

  get payloads(): readonly ReceivedPayload[] {
    return this.#payloads;
  }

  /** The UID in the spelling of the message that came first; empty as long as there is none. */
  get uid(): string {
    const [first] = [...this.#payloads].sort(byReception);
    return first?.payload.uid ?? "";
  }

  get state(): GroupState {
    return this.#draft;
  }

  /** What is known so far of the event or the date that a record is about. */
  known(record: CalendarRecord, { zones }: Payload): Known | undefined {
    if (!isAboutMaster(record)) return this.#draft.known(this.#draft.keyOf(record, zones));
    const known = this.#draft.master?.record;
    return known?.content && { record: known, content: known.content };
  }

  /** Those that count, in the order of their versions. */
  get accepted(): readonly ReceivedPayload[] {
    return this.#accepted;
  }

  /** Adds many at once, when what became of each does not matter. */
  addAll(payloads: Iterable<ReceivedPayload>): void {
    this.#payloads.push(...payloads);
    this.#accept();
    this.#draft = this.#replayed().draft;
  }

  /** Adds one payload and says what it did, record by record. */
  add(incoming: ReceivedPayload): Outcome[] {
    this.#payloads.push(incoming);
    const before = this.#accepted;
    const rejection = this.#accept().get(incoming);
    const isAppended =
      this.#accepted.length === before.length + 1 &&
      [...before, incoming].every((payload, index) => payload === this.#accepted[index]);
    if (isAppended) return applyPayload(this.#draft, incoming.payload, this.#isOwn);

    const previous = this.#draft;
    const { draft, outcomes: inOrder } = this.#replayed();
    this.#draft = draft;
    if (rejection !== undefined) return incoming.payload.records.map(() => rejection);
    // Out of order. What a reader notices is the difference to the state before, so the tables are asked with
    // that state; where they claim what did not come about, the replay is right.
    const onArrival = applyPayload(previous.fork(), incoming.payload, this.#isOwn);
    const replayed = inOrder.get(incoming) ?? onArrival;
    const hasEffect = fingerprint(previous) !== fingerprint(draft);
    const told = incoming.payload.records.map((record, index) => {
      const said = [onArrival[index], replayed[index]].filter((outcome) => outcome !== undefined);
      return whatItDid(said, hasEffect ? standingOf(record, draft) : "gone", record);
    });
    if (told.some(isAction) || shownBy(previous) === shownBy(draft)) return told;
    // A link that was missing can change the end of a history without being seen itself.
    const honest = [onArrival, replayed].find((outcomes) => outcomes.some(isAction));
    return honest ?? incoming.payload.records.map(effectOf);
  }

  /** Decides anew which payloads count, and says why the others do not. */
  #accept(): ReadonlyMap<ReceivedPayload, Outcome> {
    const refused: Map<ReceivedPayload, Outcome> = refusedPayloads(this.#payloads);
    const allowed = this.#payloads.filter((payload) => !refused.has(payload)).sort(byVersion);
    for (const copy of copiesIn(allowed)) refused.set(copy, noAction("duplicate"));
    this.#accepted = allowed.filter((payload) => !refused.has(payload));
    return refused;
  }

  #replayed(): { draft: GroupDraft; outcomes: Map<ReceivedPayload, Outcome[]> } {
    const draft = new GroupDraft();
    const outcomes = new Map<ReceivedPayload, Outcome[]>();
    for (const accepted of this.#accepted) {
      outcomes.set(accepted, applyPayload(draft, accepted.payload, this.#isOwn));
    }
    return { draft, outcomes };
  }
}

/** The order in which versions were made; a CANCEL after what it cancels, the best carrier first. */
function byVersion(a: ReceivedPayload, b: ReceivedPayload): number {
  return (
    stampOf(a.payload) - stampOf(b.payload) ||
    sequenceOf(a) - sequenceOf(b) ||
    Number(isCancel(a)) - Number(isCancel(b)) ||
    a.payload.rank - b.payload.rank ||
    a.payload.messageDate - b.payload.messageDate ||
    compareText(digestOf(a), digestOf(b)) ||
    compareText(JSON.stringify(a.payload), JSON.stringify(b.payload)) ||
    byReception(a, b) // the same twice: which of the two counts says when an event was cancelled
  );
}

/** Twice is once: of payloads that say the same, word for word, all but the first. */
function copiesIn(sorted: readonly ReceivedPayload[]): ReceivedPayload[] {
  const byDigest = Map.groupBy(sorted, (received) => `${stampOf(received.payload)} ${digestOf(received)}`);
  return [...byDigest.values()].flatMap((similar) => {
    if (similar.length === 1) return [];
    const seen = new Set<string>();
    return similar.filter(({ payload }) => {
      const text = JSON.stringify(payload.records);
      const isCopy = seen.has(text);
      seen.add(text);
      return isCopy;
    });
  });
}

function sequenceOf({ payload: { records } }: ReceivedPayload): number {
  return records.find(isAboutMaster)?.sequence ?? Math.max(...records.map(({ sequence }) => sequence));
}

function isCancel({ payload: { records } }: ReceivedPayload): boolean {
  const master = records.find(isAboutMaster);
  return (master === undefined ? records : [master]).every(({ kind }) => kind === "cancel");
}

function digestOf({ payload }: ReceivedPayload): string {
  return payload.records.map((record) => record.digest).join();
}

/** Two states with the same fingerprint show the same and answer the same to whatever comes next. */
function fingerprint({ master, instances, tombstone }: GroupState): string {
  const version = ({ digest, sequence, stamp }: CalendarRecord) => [digest, sequence, stamp];
  const known = [...instances].map(([key, { kind, isAdded, versioned }]) => ({
    key,
    told: [kind, isAdded, ...version(versioned.record)],
  }));
  return JSON.stringify([
    master && version(master.record),
    known.sort((a, b) => compareText(a.key, b.key)),
    tombstone && [tombstone.sequence, tombstone.stamp],
  ]);
}

/** What readers see of a state. */
function shownBy(state: GroupState): string {
  const { segments, orphans } = splitSeries(state);
  return JSON.stringify([segments, orphans.map(({ at, instance }) => [at, instance.versioned.record])]);
}

/** What is left of a record after all others: it is seen, it is remembered for what may come, or neither. */
type Standing = "in-force" | "remembered" | "gone";

function standingOf(record: CalendarRecord, draft: GroupDraft): Standing {
  if (draft.master?.record === record) return "in-force";
  if (draft.tombstone?.by.record === record) {
    return draft.tombstone.was === undefined ? "remembered" : "in-force";
  }
  for (const [key, { kind, versioned }] of draft.instances) {
    if (versioned.record !== record) continue;
    return kind === "override" || draft.isOccurrence(key) ? "in-force" : "remembered";
  }
  return "gone";
}

/** Of what was said about a record, the first that agrees with its standing. */
function whatItDid(said: readonly Outcome[], standing: Standing, record: CalendarRecord): Outcome {
  if (standing !== "in-force") {
    const honest = said.find((outcome) => outcome.outcome === "no_action");
    return honest ?? noAction(standing === "remembered" ? "held-cancel" : "stale");
  }
  return said.find(isAction) ?? effectOf(record);
}

/** What a record of that kind does when it counts. */
function effectOf(record: CalendarRecord): Outcome {
  if (record.kind !== "cancel") return updated(isAboutMaster(record) ? "newer" : "instance");
  return isAboutMaster(record) ? cancelled("series") : updated("instance-cancelled");
}
