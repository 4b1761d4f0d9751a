import type { MailboxView, SoughtText, Uid } from "../../storage/maildir/maildir.ts";

/** The texts that a search looks for in messages, and what the index knows of them. */
export class SoughtTexts {
  /** Each once. */
  readonly texts: SoughtText[] = [];
  readonly #indexes = { body: new Map<string, number>(), text: new Map<string, number>() };
  readonly #candidates = new Map<string, ReadonlySet<Uid>>();

  constructor(texts: Iterable<SoughtText>) {
    for (const text of texts) {
      const indexes = this.#indexes[text.where];
      if (!indexes.has(text.needle)) indexes.set(text.needle, this.texts.push(text) - 1);
    }
  }

  /** Has the index say which of the messages may contain them. */
  async askIndex(view: MailboxView, uids: readonly Uid[]): Promise<void> {
    for (const needle of new Set(this.texts.map((text) => text.needle))) {
      const candidates = await view.mayContain(uids, needle);
      // That all may is not worth the memory: a search may ask for a thousand single letters.
      if (candidates.size < uids.length) this.#candidates.set(needle, candidates);
    }
  }

  /** False when the index says that the text is not in that message. */
  mayBeIn(uid: Uid, needle: string): boolean {
    return this.#candidates.get(needle)?.has(uid) !== false;
  }

  /** Where a text is among `texts`; -1 for one that is not sought. */
  indexOf({ where, needle }: SoughtText): number {
    return this.#indexes[where].get(needle) ?? -1;
  }
}
