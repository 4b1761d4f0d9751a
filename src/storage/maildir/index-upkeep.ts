import { setImmediate as nextTick } from "node:timers/promises";
import { describeMissing } from "./describe-missing.ts";
import { indexTexts } from "./index-texts.ts";
import type { DescriptionParts, Uid } from "./mailbox-view.ts";
import type { FactSources } from "./message-facts.ts";
import { makeKeys, makeKeysBehind } from "./message-keys.ts";
import type { Turns } from "./turns.ts";

/** More messages than these at once are described only when somebody asks for them, or selects their mailbox. */
const MAX_DESCRIBED_ON_ARRIVAL = 100;

/** What is put into a mailbox's indexes while nobody waits for it. None of it fails: who asks later hears why. */
export class IndexUpkeep {
  readonly #sources: FactSources;
  readonly #turns: Turns;
  /** Of what was described. */
  #keying: Promise<void> = Promise.resolve();
  /** Of what arrived. */
  #describing: Promise<void> = Promise.resolve();
  /** Of whatever is not described. */
  #describingAll: Promise<void> | undefined;
  /** Whether that has been done, or is about to be. */
  #isDescribed = false;
  #indexing: Promise<void> | undefined;
  #isStopped = false;
  readonly #stopping = Promise.withResolvers<void>();

  /** `turns` are those in which the mailbox's files are changed. */
  constructor(sources: FactSources, turns: Turns) {
    this.#sources = sources;
    this.#turns = turns;
  }

  /** `FactSources.keysSoon`. */
  keysSoon(descriptions: ReadonlyMap<Uid, DescriptionParts>): void {
    this.#keying = this.#keying
      .then(async () => {
        if (!this.#isStopped) await makeKeysBehind(this.#sources, descriptions);
      })
      .catch(() => {});
  }

  /** Describes new messages before somebody asks, one at a time, for mail that comes in shall not wait. */
  describeSoon(uids: readonly Uid[]): void {
    if (uids.length > MAX_DESCRIBED_ON_ARRIVAL) {
      this.#isDescribed = false;
      return;
    }
    this.#describing = this.#describing
      .then(async () => {
        await this.#turns.take(() => nextTick()); // who copies them here knows their descriptions, then
        for (const uid of uids) for await (const _ of makeKeys(this.#sources, [uid]));
      })
      .catch(() => {});
  }

  /** `MailboxView.describe`. */
  describe(calm: () => Promise<void>): void {
    if (this.#isStopped || this.#isDescribed || this.#describingAll !== undefined) return;
    this.#isDescribed = true;
    this.#describingAll = describeMissing(this.#sources, {
      // Who closes the mailbox may be the one for whom it is not calm.
      calm: () => Promise.race([calm(), this.#stopping.promise]),
      isEnough: () => this.#isStopped,
    }).finally(() => {
      this.#describingAll = undefined;
    });
  }

  /** Somebody removed the index of descriptions. */
  describeAgain(): void {
    this.#isDescribed = false;
  }

  /** `MailboxView.indexTexts`. */
  indexTexts(): void {
    if (this.#isStopped) return;
    this.#indexing ??= indexTexts(this.#sources, () => this.#isStopped)
      .catch(() => {}) // the next search tries again
      .finally(() => {
        this.#indexing = undefined;
      });
  }

  /** Begins nothing more. */
  stop(): void {
    this.#isStopped = true;
    this.#stopping.resolve();
  }

  /** Stops, and resolves when nothing is under way. */
  async close(): Promise<void> {
    this.stop();
    await this.#describing;
    await this.#describingAll;
    await this.#keying;
    await this.#indexing;
  }
}
