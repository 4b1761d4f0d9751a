import type { ModSeq, Uid } from "./mailbox-view.ts";

/** So many expunged messages are remembered; clients that were away longer compare all UIDs. */
export const MAX_EXPUNGED = 20_000;

/** Which messages were expunged and when, for clients that come back (RFC 7162 §3.2.5.1). */
export class ExpungeLog {
  #uids: Uid[] = [];
  /** Ascending. */
  #modSeqs: ModSeq[] = [];
  /** Nothing that happened later than this was forgotten. */
  #knownSince: ModSeq;

  constructor(knownSince: ModSeq) {
    this.#knownSince = knownSince;
  }

  add(uids: readonly Uid[], modSeq: ModSeq): void {
    for (const uid of uids) {
      this.#uids.push(uid);
      this.#modSeqs.push(modSeq);
    }
    if (this.#uids.length <= MAX_EXPUNGED) return;
    const forgotten = this.#uids.length - MAX_EXPUNGED;
    this.#knownSince = this.#modSeqs[forgotten - 1] ?? modSeq;
    this.#uids = this.#uids.slice(forgotten);
    this.#modSeqs = this.#modSeqs.slice(forgotten);
  }

  /** What was expunged after `modSeq`, ascending; undefined when it is not known that far back. */
  since(modSeq: ModSeq): Uid[] | undefined {
    if (modSeq < this.#knownSince) return undefined;
    const first = this.#modSeqs.findIndex((at) => at > modSeq);
    return first < 0 ? [] : this.#uids.slice(first).sort((one, other) => one - other);
  }

  get entries(): ExpungeLogEntries {
    return { knownSince: this.#knownSince, uids: this.#uids, modSeqs: this.#modSeqs };
  }

  static from({ knownSince, uids, modSeqs }: ExpungeLogEntries): ExpungeLog {
    const log = new ExpungeLog(knownSince);
    log.#uids = [...uids];
    log.#modSeqs = [...modSeqs];
    return log;
  }
}

/** The log as it is written into the index. */
export interface ExpungeLogEntries {
  readonly knownSince: ModSeq;
  readonly uids: readonly Uid[];
  readonly modSeqs: readonly ModSeq[];
}
