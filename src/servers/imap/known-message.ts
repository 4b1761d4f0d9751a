import type { MessageSummary, SearchedFacts, SearchedIds, SearchedMessage } from "../../core/imap/imap.ts";
import { findFields, type HeaderField, parseHeader, toOctetString } from "../../core/mime/mime.ts";
import type { FoundTexts, MessageFacts, OpenMessage, Uid } from "../../storage/maildir/maildir.ts";
import type { SelectedMailbox } from "./selected-mailbox.ts";
import type { SoughtTexts } from "./sought-texts.ts";

/** What the index knows of a message. */
export interface Indexed {
  readonly facts: MessageFacts;
  /** With the parts that were asked for; missing when that was none. */
  readonly summary?: MessageSummary;
}

/** A message that is known from the index, then from opening it. */
export class KnownMessage implements SearchedMessage {
  readonly uid: Uid;
  readonly #selected: SelectedMailbox;
  readonly #sought: SoughtTexts;
  readonly #facts: MessageFacts;
  readonly #summary: MessageSummary | undefined;
  #lacksHeader = false;
  #header: readonly HeaderField[] | undefined;
  #found: FoundTexts | undefined;

  constructor(selected: SelectedMailbox, { facts, summary }: Indexed, sought: SoughtTexts) {
    this.uid = facts.uid;
    this.#selected = selected;
    this.#sought = sought;
    this.#facts = facts;
    this.#summary = summary;
  }

  get facts(): SearchedFacts {
    return this.#facts;
  }

  get savedAt(): number | undefined {
    return this.#selected.view.savedAt(this.uid)?.getTime();
  }

  get ids(): SearchedIds | undefined {
    return this.#summary;
  }

  get sequenceNumber(): number {
    return this.#selected.sequenceNumberOf(this.uid);
  }

  get modSeq(): number {
    return this.#selected.view.modSeqOf(this.uid) ?? 0;
  }

  get isRecent(): boolean {
    return this.#selected.isRecent(this.uid);
  }

  /** Whether something was asked of the header that only the message itself can answer. */
  get lacksHeader(): boolean {
    return this.#lacksHeader;
  }

  hasFlag(flag: string): boolean {
    return ((this.#selected.view.marksOf(this.uid) ?? 0) & this.#selected.markNamed(flag)) !== 0;
  }

  /** The header, which is here, knows it as well. */
  answerOf(): undefined {
    return undefined;
  }

  fields(name: string): readonly string[] | undefined {
    if (this.#header !== undefined) return findFields(this.#header, name);
    const fields = this.#summary?.parseFields(new Set([name.toLowerCase()]));
    if (fields === undefined) this.#lacksHeader = true;
    return fields?.map((field) => field.value);
  }

  hasText(where: "body" | "text", needle: string): boolean | undefined {
    if (this.#found === undefined) return this.#sought.mayBeIn(this.uid, needle) ? undefined : false;
    return this.#found.areFound[this.#sought.indexOf({ where, needle })];
  }

  /** `end` is where the header ends. */
  async readHeader(opened: OpenMessage, end: number): Promise<void> {
    let header = "";
    for await (const octets of opened.read(0, end)) header += toOctetString(octets);
    this.#header = parseHeader(header);
  }

  /** What was found when the message was read. */
  learnTexts(found: FoundTexts): void {
    this.#found = found;
  }
}
