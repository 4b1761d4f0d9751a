import {
  type EncodedName,
  encodeMailboxName,
  type NameForm,
  type NumberRange,
  type SequenceSet,
} from "../../core/imap/imap.ts";
import type { Uid } from "../../storage/maildir/maildir.ts";
import type { Enableable } from "./capabilities.ts";
import type { Channel } from "./channel.ts";
import type { ImapContext } from "./imap-options.ts";
import type { ResponseWriter } from "./response-writer.ts";
import type { SelectedMailbox } from "./selected-mailbox.ts";
import type { State } from "./states.ts";

/** What the server and one client have come to agree on. */
export class Session {
  readonly options: ImapContext;
  readonly channel: Channel;
  /** Where the client comes from. */
  readonly address: string;
  /** What `$` stands for (RFC 5182 §2.1). */
  saved: readonly NumberRange[] = [];
  /** In IDLE: no command is under way although one has begun. */
  isIdling = false;
  readonly #enabled = new Set<Enableable>();
  #selected: SelectedMailbox | undefined;
  #isLoggedIn = false;
  #isEnding = false;

  constructor(options: ImapContext, channel: Channel, address: string) {
    this.options = options;
    this.channel = channel;
    this.address = address;
  }

  get out(): ResponseWriter {
    return this.channel.out;
  }

  get state(): State {
    if (this.#isEnding) return "logout";
    if (!this.#isLoggedIn) return "not-authenticated";
    return this.#selected === undefined ? "authenticated" : "selected";
  }

  logIn(): void {
    this.#isLoggedIn = true;
  }

  /** No further command is taken. */
  end(): void {
    this.#isEnding = true;
  }

  /** Only for commands of the selected state. */
  get selected(): SelectedMailbox {
    if (this.#selected === undefined) throw new Error("No mailbox is selected");
    return this.#selected;
  }

  get hasSelected(): boolean {
    return this.#selected !== undefined;
  }

  select(mailbox: SelectedMailbox): void {
    this.deselect();
    this.#selected = mailbox;
  }

  deselect(): void {
    this.#selected?.view.close();
    this.#selected = undefined;
    this.saved = [];
  }

  enable(what: Enableable): void {
    // Who is told what vanished is told mod-sequences, too (RFC 7162 §3.2.3).
    if (what === "QRESYNC") this.enable("CONDSTORE");
    // From here on the client counts mod-sequences, and has to know where it stands.
    if (what === "CONDSTORE" && !this.isEnabled(what) && this.hasSelected)
      this.out.untagged(`OK [HIGHESTMODSEQ ${this.selected.view.highestModSeq}] Highest mod-sequence`);
    this.#enabled.add(what);
  }

  isEnabled(what: Enableable): boolean {
    return this.#enabled.has(what);
  }

  /** UTF-8 in names and quoted strings is what both of these mean (RFC 6855 §3, RFC 9051 §5.1). */
  get nameForm(): NameForm {
    return this.isEnabled("UTF8=ACCEPT") || this.isEnabled("IMAP4REV2") ? "utf-8" : "utf-7";
  }

  /** A mailbox name as this client reads it. */
  formatName(name: EncodedName): string {
    const written = encodeMailboxName(name, this.nameForm);
    const isAtom = /^[\w.,:;=~!?@#$&+/-]+$/.test(written) && written.toUpperCase() !== "NIL";
    return isAtom ? written : `"${written.replace(/["\\]/g, "\\$&")}"`;
  }

  /** The messages that a set of the client means; undefined for numbers that it must not use. */
  resolve(set: SequenceSet, isUid: boolean): Uid[] | undefined {
    return this.selected.resolve(set, isUid, this.saved);
  }
}
