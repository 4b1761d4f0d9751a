import { open, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Delivered, deliverInto } from "./delivery.ts";
import type { Disk } from "./disk.ts";
import {
  extendKeywordTable,
  type KeywordTable,
  keywordsOf,
  marksOfKeywords,
  readKeywordTable,
} from "./keyword-file.ts";
import { fileAt, fileInCur, fileInNew, listFolder, type MessageFile } from "./listing.ts";
import { folderOf, type MailboxName } from "./mailbox-name.ts";
import type { MailboxRegistry } from "./mailbox-registry.ts";
import { type Flag, flagsOf, KEYWORD_MARKS, lettersOf, type Marks, marksOf, marksOfFlags } from "./marks.ts";
import { sizeSuffix, sizesIn } from "./message-name.ts";
import { isMissing } from "./missing.ts";
import { readPieces } from "./read-pieces.ts";
import type { World } from "./surroundings.ts";

/** Where a delivered message shall appear. */
export type Destination =
  | { readonly mailbox: MailboxName }
  /** A plain folder on the Maildir's file system, for somebody who sorts the message later. */
  | { readonly folder: string };

/** What a message can be marked with. */
export interface Markings {
  readonly flags?: readonly Flag[];
  readonly keywords?: readonly string[];
}

/** A message in a mailbox, as its file's name tells. */
export interface StoredMessage extends Required<Markings> {
  readonly mailbox: MailboxName;
  /** Names the message for as long as it stays in its mailbox. */
  readonly baseName: string;
  /** Where its file was when we looked; other programs may rename it at any time. */
  readonly path: string;
  /** As the name claims; undefined when another program named it without. */
  readonly octets: number | undefined;
}

/**
 * Messages as files in the folders of a Maildir. A message that another program renamed since we saw it is
 * found again by its base name.
 */
export class MessageFiles {
  readonly #root: string;
  readonly #disk: Disk;
  readonly #newName: () => string;
  /** Who else works on the same files. */
  readonly #registry: MailboxRegistry;

  constructor(root: string, { disk, newName }: World, registry: MailboxRegistry) {
    this.#root = root;
    this.#disk = disk;
    this.#newName = newName;
    this.#registry = registry;
  }

  async deliver(octets: AsyncIterable<Uint8Array>, destinations: readonly Destination[]): Promise<Delivered> {
    const folders = destinations.map((destination) =>
      "folder" in destination ? destination.folder : join(this.#folderOf(destination.mailbox), "new"),
    );
    const site = { disk: this.#disk, tmpFolder: join(this.#root, "tmp"), uniqueName: this.#newName() };
    const delivered = await deliverInto(folders, octets, site);
    for (const [nth, destination] of destinations.entries()) {
      if ("folder" in destination) continue;
      this.#registry.hint(destination.mailbox, join(folders[nth] ?? "", delivered.baseName));
    }
    return delivered;
  }

  async file(path: string, mailbox: MailboxName, markings: Markings): Promise<StoredMessage> {
    const { flags = [], keywords = [] } = markings;
    return this.#registry.turnsOf(mailbox).take(async () => {
      const table = await extendKeywordTable(this.#folderOf(mailbox), keywords);
      const marks = marksOfFlags(flags) | marksOfKeywords(table, keywords);
      const twin = await this.#twinOf(path, mailbox);
      const filed = fileWith(twin ?? fileInNew(basename(path)), marks);
      const message = this.#message(mailbox, filed, table);
      const from = twin === undefined ? path : join(this.#folderOf(mailbox), twin.subfolder, twin.fileName);
      await this.#rename(from, message.path);
      if (twin !== undefined) await this.#unlink(path);
      this.#registry.hint(mailbox, message.path);
      return message;
    });
  }

  /**
   * The file in the mailbox that is the same one as that at `path`, because it was delivered to both. A mail
   * program may have marked it since.
   */
  async #twinOf(path: string, mailbox: MailboxName): Promise<MessageFile | undefined> {
    const { nlink } = await stat(path);
    if (nlink === 1) return undefined;
    const files = await listFolder(this.#folderOf(mailbox));
    return files.find(({ baseName }) => baseName === basename(path));
  }

  list(mailbox: MailboxName): Promise<StoredMessage[]> {
    return this.#registry.turnsOf(mailbox).take(async () => {
      const folder = this.#folderOf(mailbox);
      const files = await listFolder(folder);
      const table = await readKeywordTable(folder);
      return files.map((file) => this.#message(mailbox, file, table, folder));
    });
  }

  mark(message: StoredMessage, markings: Markings): Promise<StoredMessage | undefined> {
    const { mailbox } = message;
    return this.#whereItIs(message, async (file, path) => {
      const table = await extendKeywordTable(this.#folderOf(mailbox), markings.keywords ?? []);
      const marks = marksOf(file.letters);
      const { flags = flagsOf(marks), keywords = keywordsOf(table, marks) } = markings;
      const letters = lettersOf(marksOfFlags(flags) | marksOfKeywords(table, keywords), file.letters);
      const marked = this.#message(mailbox, fileInCur(file.baseName, letters), table);
      await this.#rename(path, marked.path);
      this.#registry.hint(mailbox, marked.path);
      return marked;
    });
  }

  move(message: StoredMessage, mailbox: MailboxName): Promise<StoredMessage | undefined> {
    return this.#whereItIs(message, async (file, path) => {
      const marks = marksOf(file.letters);
      // Each mailbox has its own letters for its keywords.
      const keywords = keywordsOf(await readKeywordTable(this.#folderOf(message.mailbox)), marks);
      const table = await extendKeywordTable(this.#folderOf(mailbox), keywords);
      const letters = lettersOf((marks & ~KEYWORD_MARKS) | marksOfKeywords(table, keywords), file.letters);
      const baseName = this.#newName() + sizeSuffix(file.baseName);
      const moved = this.#message(mailbox, fileInCur(baseName, letters), table);
      await this.#rename(path, moved.path);
      this.#registry.hint(message.mailbox, path);
      this.#registry.hint(mailbox, moved.path);
      return moved;
    });
  }

  async remove(message: StoredMessage): Promise<void> {
    await this.#whereItIs(message, async (_, path) => {
      await this.#unlink(path);
      this.#registry.hint(message.mailbox, path);
    });
  }

  async *read(message: StoredMessage): AsyncGenerator<Uint8Array> {
    const file = await this.#whereItIs(message, (_, path) => open(path));
    if (file === undefined) throw new Error(`Cannot read message "${message.baseName}": it is gone`);
    yield* readPieces(file, message.octets);
  }

  /**
   * Does something with the message's file where it was or, if it was renamed since, where it is now.
   * Undefined when it is nowhere.
   */
  #whereItIs<T>(
    message: StoredMessage,
    act: (file: MessageFile, path: string) => Promise<T>,
  ): Promise<T | undefined> {
    return this.#registry.turnsOf(message.mailbox).take(async () => {
      const seen = fileAt(message.path);
      try {
        if (seen !== undefined) return await act(seen, message.path);
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
      const folder = this.#folderOf(message.mailbox);
      const file = (await listFolder(folder)).find(({ baseName }) => baseName === message.baseName);
      return file && act(file, join(folder, file.subfolder, file.fileName));
    });
  }

  /** Moves a file, durably. */
  async #rename(from: string, to: string): Promise<void> {
    await this.#disk.rename(from, to);
    await Promise.all([dirname(from), dirname(to)].map((folder) => this.#disk.syncFolder(folder)));
  }

  /** Removes a file, durably. */
  async #unlink(path: string): Promise<void> {
    await this.#disk.unlink(path);
    await this.#disk.syncFolder(dirname(path));
  }

  #message(
    mailbox: MailboxName,
    file: MessageFile,
    table: KeywordTable,
    folder = this.#folderOf(mailbox),
  ): StoredMessage {
    const marks = marksOf(file.letters);
    return {
      mailbox,
      baseName: file.baseName,
      // Not `join`, which is slow and has nothing to do here: a mailbox may have 100,000 messages.
      path: `${folder}/${file.subfolder}/${file.fileName}`,
      octets: sizesIn(file.baseName).octets,
      flags: flagsOf(marks),
      keywords: keywordsOf(table, marks),
    };
  }

  #folderOf(mailbox: MailboxName): string {
    return folderOf(this.#root, mailbox);
  }
}

/** The file with these marks besides its own; it stays in `new` if it has none. */
function fileWith(file: MessageFile, marks: Marks): MessageFile {
  return marks === 0
    ? file
    : fileInCur(file.baseName, lettersOf(marksOf(file.letters) | marks, file.letters));
}
