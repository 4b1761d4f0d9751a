import type { GroupState } from "./group.ts";
import { compareText, type ReceivedPayload, refusedPayloads } from "./guard.ts";
import type { Outcome } from "./outcome.ts";
import { stampOf } from "./record.ts";
import { Replay } from "./replay.ts";

/**
 * Everything received for one UID, and the state it adds up to. The state depends on the set of payloads
 * only, never on the order in which they came: accepted payloads are replayed in the order in which their
 * senders made them. Adding one at the end costs one step; one that belongs further ahead, a replay.
 */
export class Group {
  readonly #isOwn: (address: string) => boolean;
  readonly #payloads: ReceivedPayload[] = [];
  #accepted: readonly ReceivedPayload[] = [];
  #replay: Replay;

  constructor(isOwnAddress: (address: string) => boolean) {
    this.#isOwn = isOwnAddress;
    this.#replay = new Replay(isOwnAddress);
  }

  get payloads(): readonly ReceivedPayload[] {
    return this.#payloads;
  }

  /** The UID in the spelling of the message that came first; empty as long as there is none. */
  get uid(): string {
    const [first] = [...this.#payloads].sort(
      (a, b) => a.received - b.received || compareText(a.source, b.source),
    );
    return first?.payload.uid ?? "";
  }

  get state(): GroupState {
    return this.#replay.state;
  }

  /** Those that count, in the order of their versions. */
  get accepted(): readonly ReceivedPayload[] {
    return this.#accepted;
  }

  /** Adds many at once, when what became of each does not matter. */
  addAll(payloads: Iterable<ReceivedPayload>): void {
    this.#payloads.push(...payloads);
    const refused = refusedPayloads(this.#payloads);
    this.#accepted = this.#payloads.filter((payload) => !refused.has(payload)).sort(byVersion);
    this.#replay = this.#replayed().replay;
  }

  /** Adds one payload and says what it did, record by record. */
  add(incoming: ReceivedPayload): Outcome[] {
    this.#payloads.push(incoming);
    const refused = refusedPayloads(this.#payloads);
    const before = this.#accepted;
    this.#accepted = this.#payloads.filter((payload) => !refused.has(payload)).sort(byVersion);
    const rejection = refused.get(incoming);
    if (rejection !== undefined) return incoming.payload.records.map(() => rejection);

    const onlyAppended = this.#accepted.length === before.length + 1 && this.#accepted.at(-1) === incoming;
    if (onlyAppended) return this.#replay.apply(incoming.payload);

    // Out of order. What a reader notices is the difference to the state before, so the tables are asked
    // first with that state; where the replay disagrees about the effect, the replay is right.
    const previous = this.#replay;
    const onArrival = previous.fork().apply(incoming.payload);
    const { replay, outcomes } = this.#replayed();
    this.#replay = replay;
    const hasEffect = fingerprint(previous.state) !== fingerprint(replay.state);
    const claimsEffect = onArrival.some(({ outcome }) => outcome !== "no_action");
    if (hasEffect === claimsEffect) return onArrival;
    if (hasEffect) return outcomes.get(incoming) ?? onArrival;
    return onArrival.map(() => ({ outcome: "no_action", reason: "stale" }));
  }

  #replayed(): { replay: Replay; outcomes: Map<ReceivedPayload, Outcome[]> } {
    const replay = new Replay(this.#isOwn);
    const outcomes = new Map<ReceivedPayload, Outcome[]>();
    for (const accepted of this.#accepted) outcomes.set(accepted, replay.apply(accepted.payload));
    return { replay, outcomes };
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
    compareText(a.source, b.source)
  );
}

function sequenceOf({ payload }: ReceivedPayload): number {
  return Math.max(...payload.records.map((record) => record.sequence));
}

function isCancel({ payload }: ReceivedPayload): boolean {
  return payload.records.every((record) => record.kind === "cancel");
}

function digestOf({ payload }: ReceivedPayload): string {
  return payload.records.map((record) => record.digest).join();
}

/** Two states with the same fingerprint show the same and answer the same to whatever comes next. */
function fingerprint({ master, instances, tombstone }: GroupState): string {
  return JSON.stringify([
    master && [master.record.digest, master.record.sequence, master.record.stamp],
    [...instances]
      .map(
        ([
          key,
          {
            kind,
            versioned: { record },
          },
        ]) => [key, kind, record.digest, record.sequence, record.stamp],
      )
      .sort((a, b) => compareText(String(a[0]), String(b[0]))),
    tombstone && [tombstone.sequence, tombstone.stamp],
  ]);
}
