import type { FieldSearch, SearchedFacts, SearchedMessage } from "../../core/imap/imap.ts";
import type { MailboxView, Marks, Uid } from "../../storage/maildir/maildir.ts";
import type { SelectedMailbox } from "./selected-mailbox.ts";
import type { SoughtTexts } from "./sought-texts.ts";

/** What `MailboxView.find` answered of the messages at hand, by the question's name. */
export type FieldAnswers = ReadonlyMap<string, Uint8Array>;

/** Stands on one message after the other and knows of each what is known without its description. */
export class MessageCursor implements SearchedMessage {
  readonly #selected: SelectedMailbox;
  readonly #view: MailboxView;
  readonly #sought: SoughtTexts;
  readonly #answers: FieldAnswers;
  #uid: Uid = 0;
  #place = 0;
  #marks: Marks = 0;

  constructor(selected: SelectedMailbox, sought: SoughtTexts, answers: FieldAnswers) {
    this.#selected = selected;
    this.#view = selected.view;
    this.#sought = sought;
    this.#answers = answers;
  }

  /** False when the message is gone. `place` is where it stands among those at hand. */
  moveTo(uid: Uid, place: number): boolean {
    const marks = this.#view.marksOf(uid);
    this.#uid = uid;
    this.#place = place;
    this.#marks = marks ?? 0;
    return marks !== undefined;
  }

  get uid(): Uid {
    return this.#uid;
  }

  get sequenceNumber(): number {
    return this.#selected.sequenceNumberOf(this.#uid);
  }

  get modSeq(): number {
    return this.#view.modSeqOf(this.#uid) ?? 0;
  }

  get isRecent(): boolean {
    return this.#selected.isRecent(this.#uid);
  }

  get facts(): SearchedFacts | undefined {
    return this.#view.factsOf(this.#uid);
  }

  get savedAt(): number | undefined {
    return this.facts && this.#view.savedAt(this.#uid)?.getTime();
  }

  get ids(): undefined {
    return undefined;
  }

  hasFlag(flag: string): boolean {
    return (this.#marks & this.#selected.markNamed(flag)) !== 0;
  }

  answerOf({ name }: FieldSearch): boolean | undefined {
    const answer = this.#answers.get(name)?.[this.#place] ?? IS_UNKNOWN;
    return answer === IS_UNKNOWN ? undefined : answer === 1;
  }

  fields(): undefined {
    return undefined;
  }

  hasText(_: "body" | "text", needle: string): boolean | undefined {
    return this.#sought.mayBeIn(this.#uid, needle) ? undefined : false;
  }
}

/** As `MailboxView.find` says it. */
const IS_UNKNOWN = 2;
