import { type FolderEntries, type MessageFile, messageFile } from "./listing.ts";
import type { MailboxState } from "./mailbox-state.ts";
import type { UidList } from "./uidlist-file.ts";

/**
 * What is in a mailbox's folders beside what the state has. A hundred thousand names are compared, so that
 * those which are as they were must cost next to nothing.
 */
export class FolderComparison {
  /** Messages whose files are in other places or have other names than the state has, by position. */
  readonly moved = new Map<number, MessageFile>();
  /** Positions of messages that have another UID now. */
  readonly renumbered: number[] = [];
  /** Whether a message that the state has is not in `dovecot-uidlist`. */
  isListBehind = false;
  readonly #state: MailboxState;
  readonly #list: UidList | undefined;
  readonly #positions: ReadonlyMap<string, number>;
  /** 1 for a position whose file was found. */
  readonly #found: Uint8Array;
  readonly #arrivals = new Map<string, MessageFile>();

  /** `list` is what somebody else wrote into `dovecot-uidlist`, if anybody did. */
  constructor(state: MailboxState, list: UidList | undefined) {
    this.#state = state;
    this.#list = list;
    this.#positions = state.table.positionsByName();
    this.#found = new Uint8Array(state.table.count);
  }

  /** Positions of messages without a file, ascending. */
  get missing(): number[] {
    const missing: number[] = [];
    for (const [position, isFound] of this.#found.entries()) if (isFound === 0) missing.push(position);
    return missing;
  }

  /** New messages, each once. */
  get arrivals(): MessageFile[] {
    return [...this.#arrivals.values()];
  }

  /** Takes what a reading of the folders showed. After a first reading, another shows what that one missed. */
  take(entries: FolderEntries): void {
    // A message that is in both moved from `new` to `cur` meanwhile.
    for (const subfolder of ["cur", "new"] as const) {
      for (const fileName of entries[subfolder]) this.#takeName(subfolder, fileName);
    }
  }

  #takeName(subfolder: "new" | "cur", fileName: string): void {
    const colon = fileName.indexOf(":");
    const baseName = colon < 0 ? fileName : fileName.slice(0, colon);
    const position = this.#positions.get(baseName);
    if (position === undefined) {
      const file = this.#arrivals.has(baseName) ? undefined : messageFile(subfolder, fileName);
      if (file !== undefined) this.#arrivals.set(baseName, file);
    } else if (this.#found[position] === 0) {
      this.#found[position] = 1;
      this.#takeKnown(position, { baseName, subfolder, fileName });
    } else if (subfolder === "cur" && this.moved.has(position)) {
      // Somebody copied it to another name: of two files the message keeps its own.
      const isOwn = fileName === this.#state.fileNameIn(subfolder, position, baseName);
      if (isOwn) this.moved.delete(position);
    }
  }

  #takeKnown(position: number, { baseName, subfolder, fileName }: Omit<MessageFile, "letters">): void {
    const listed = this.#list?.entries.get(baseName)?.uid;
    if (this.#list !== undefined && listed === undefined) this.isListBehind = true;
    const isRenumbered = listed !== undefined && listed !== this.#state.table.uidAt(position);
    if (!isRenumbered && fileName === this.#state.fileNameIn(subfolder, position, baseName)) return;
    const file = messageFile(subfolder, fileName);
    if (file === undefined) return;
    if (isRenumbered) {
      // To everybody else it is another message now.
      this.renumbered.push(position);
      this.#arrivals.set(baseName, file);
    } else this.moved.set(position, file);
  }
}
