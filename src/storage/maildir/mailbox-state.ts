import type { ExpungeLog } from "./expunge-log.ts";
import type { KeywordTable } from "./keyword-file.ts";
import { fileInCur, fileInNew, type MessageFile } from "./listing.ts";
import type { ModSeq, Uid } from "./mailbox-view.ts";
import { lettersOf, marksOf } from "./marks.ts";
import { parseMessageName, sizesIn } from "./message-name.ts";
import type { MessageTable } from "./message-table.ts";
import { formatUidListEntry, formatUidListHeader } from "./uidlist-file.ts";

/** What names a mailbox and gives its UIDs their meaning. */
export interface MailboxIdentity {
  readonly uidValidity: number;
  readonly mailboxId: string;
}

/** What a mailbox's state consists of; the index keeps the same. */
export interface StateParts {
  readonly identity: MailboxIdentity;
  readonly uidNext: Uid;
  readonly highestModSeq: ModSeq;
  readonly table: MessageTable;
  readonly expunged: ExpungeLog;
  /** Names of files that are not as we would name them. */
  readonly fileNames: Map<Uid, string>;
  /** Dovecot's fields in its UID list. */
  readonly fields: Map<Uid, string>;
}

/**
 * All that is known of a mailbox, in memory: its messages with their UIDs and marks, and in which file each
 * is. Touches no disk.
 */
export class MailboxState implements StateParts {
  readonly identity: MailboxIdentity;
  readonly table: MessageTable;
  readonly expunged: ExpungeLog;
  readonly fileNames: Map<Uid, string>;
  readonly fields: Map<Uid, string>;
  uidNext: Uid;
  highestModSeq: ModSeq;
  keywords: KeywordTable = [];
  /** Messages that were put into `cur`, having flags say, and that nobody was told of as recent. Only in memory. */
  readonly #recentInCur = new Set<Uid>();

  constructor(parts: StateParts) {
    this.identity = parts.identity;
    this.table = parts.table;
    this.expunged = parts.expunged;
    this.fileNames = parts.fileNames;
    this.fields = parts.fields;
    this.uidNext = parts.uidNext;
    this.highestModSeq = parts.highestModSeq;
  }

  /** The mod-sequence of a change that happens now. */
  nextModSeq(now: Date): ModSeq {
    this.highestModSeq = Math.max(this.highestModSeq + 1, now.getTime());
    return this.highestModSeq;
  }

  /** In which file the message at a position is. */
  fileAt(position: number): MessageFile {
    const { uid, marks, subfolder, baseName } = this.table.rowAt(position);
    const fileName = this.fileNames.get(uid);
    if (fileName !== undefined) {
      return { baseName, subfolder, fileName, letters: parseMessageName(fileName)?.letters ?? "" };
    }
    return subfolder === "new" ? fileInNew(baseName) : fileInCur(baseName, lettersOf(marks));
  }

  /** What `fileAt(position).fileName` is in this subfolder, or undefined when the message is in the other. */
  fileNameIn(subfolder: "new" | "cur", position: number, baseName: string): string | undefined {
    if (this.table.isInNew(position) !== (subfolder === "new")) return undefined;
    const odd = this.fileNames.size === 0 ? undefined : this.fileNames.get(this.table.uidAt(position));
    return (
      odd ?? (subfolder === "new" ? baseName : `${baseName}:2,${lettersOf(this.table.marksAt(position))}`)
    );
  }

  /** Takes over where a message's file is and how it is named. Tells whether that changes its marks. */
  place(position: number, file: MessageFile): boolean {
    const marks = marksOf(file.letters);
    const isChange = marks !== this.table.marksAt(position);
    this.table.update(position, { marks, subfolder: file.subfolder });
    this.#noteName(this.table.uidAt(position), file);
    return isChange;
  }

  /** Adds a message whose UID is above all others. */
  add(uid: Uid, file: MessageFile, { modSeq, fields }: { modSeq: ModSeq; fields: string }): void {
    const { baseName, subfolder } = file;
    this.table.append({
      uid,
      marks: marksOf(file.letters),
      modSeq,
      crlfOctets: sizesIn(baseName).crlfOctets ?? Number.NaN,
      internalDate: Number.NaN,
      subfolder,
      baseName,
    });
    this.#noteName(uid, file);
    if (fields !== "") this.fields.set(uid, fields);
    this.uidNext = Math.max(this.uidNext, uid + 1);
  }

  /** Messages that were put here and that nobody was told of as recent; those in `new` are so anyway. */
  markRecent(uids: readonly Uid[]): void {
    for (const uid of uids) {
      const position = this.table.positionOf(uid);
      if (position >= 0 && !this.table.isInNew(position)) this.#recentInCur.add(uid);
    }
  }

  /** Messages that nobody was told of as recent. */
  get recentUids(): Uid[] {
    return [...this.table.uidsInNew(), ...this.#recentInCur];
  }

  /** The messages of `markRecent`, from now on told of. */
  takeRecentInCur(): Uid[] {
    const uids = [...this.#recentInCur];
    this.#recentInCur.clear();
    return uids;
  }

  /** Removes the messages at these positions, which ascend, and gives their UIDs. */
  remove(positions: readonly number[], modSeq: ModSeq): Uid[] {
    const uids = positions.map((position) => this.table.uidAt(position));
    this.table.remove(positions);
    for (const uid of uids) {
      this.fileNames.delete(uid);
      this.fields.delete(uid);
      this.#recentInCur.delete(uid);
    }
    this.expunged.add(uids, modSeq);
    return uids;
  }

  #noteName(uid: Uid, file: MessageFile): void {
    const { baseName, letters, subfolder, fileName } = file;
    const usual = subfolder === "new" ? baseName : `${baseName}:2,${lettersOf(marksOf(letters))}`;
    if (fileName === usual) this.fileNames.delete(uid);
    else this.fileNames.set(uid, fileName);
  }

  /** The lines of `dovecot-uidlist` for all that is here, with a UIDNEXT that may be ahead of it. */
  uidListLines(uidNext: Uid = this.uidNext): string[] {
    const lines = [formatUidListHeader({ ...this.identity, uidNext })];
    for (let position = 0; position < this.table.count; position += 1) {
      const { uid, baseName } = this.table.rowAt(position);
      lines.push(formatUidListEntry(uid, baseName, this.fields.get(uid)));
    }
    return lines;
  }
}
