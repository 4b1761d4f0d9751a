import { rename, rm, unlink } from "node:fs/promises";
import { join } from "node:path";
import { syncFolder } from "../atomic-file/atomic-file.ts";
import { writeMessage } from "./delivery.ts";
import { listMailboxes, makeMailboxFolder, unmakeMailboxFolder } from "./mailbox-folder.ts";
import { folderOf, HIERARCHY_SEPARATOR, INBOX, isMailboxName, type MailboxName } from "./mailbox-name.ts";
import type { MailboxRegistry } from "./mailbox-registry.ts";
import type { MailboxChange, MailboxView, Uid } from "./mailbox-view.ts";
import type { Appended, Mailboxes, MailboxStatus, StagedMessage } from "./mailboxes.ts";
import { FLAG_MARK, marksOfFlags } from "./marks.ts";
import { type MessageSize, withSizes } from "./message-name.ts";
import { appear, moveMessages } from "./message-transfer.ts";
import { SessionView } from "./session-view.ts";
import { readSpecialUses, type SpecialUses, writeSpecialUses } from "./special-uses-file.ts";
import { readSubscriptions, writeSubscriptions } from "./subscriptions-file.ts";
import type { World } from "./surroundings.ts";
import { Turns } from "./turns.ts";

/** Where a mailbox goes that is being deleted. Dovecot, too, removes what is left there by a crash. */
const TRASHED = "..DOVECOT-TRASHED";

/** The mailboxes of a Maildir. */
export class MailboxCatalog implements Mailboxes {
  readonly #root: string;
  readonly #world: World;
  readonly #registry: MailboxRegistry;
  /** Creating, deleting and renaming mailboxes, one at a time. */
  readonly #turns = new Turns();
  readonly #subscriptionTurns = new Turns();

  constructor(root: string, world: World, registry: MailboxRegistry) {
    this.#root = root;
    this.#world = world;
    this.#registry = registry;
  }

  list(): Promise<MailboxName[]> {
    return listMailboxes(this.#root);
  }

  specialUses(): Promise<SpecialUses> {
    return readSpecialUses(this.#root);
  }

  async create(
    mailbox: MailboxName,
    specialUses: readonly string[] = [],
  ): Promise<"created" | "exists" | "bad-name"> {
    if (!isMailboxName(mailbox)) return "bad-name";
    return this.#turns.take(async () => {
      if ((await this.list()).includes(mailbox)) return "exists";
      // Before the folder, so that it never is there without them; and without those of one that was there once.
      await this.#setSpecialUses([[mailbox, specialUses]]);
      await this.#make(mailbox);
      return "created";
    });
  }

  async delete(mailbox: MailboxName): Promise<"deleted" | "missing" | "bad-name"> {
    if (mailbox === INBOX || !isMailboxName(mailbox)) return "bad-name";
    return this.#turns.take(async () => {
      if (!(await this.list()).includes(mailbox)) return "missing";
      await this.#registry.forget(mailbox);
      await removeTrashed(this.#root);
      await rename(folderOf(this.#root, mailbox), join(this.#root, TRASHED));
      await syncFolder(this.#root);
      await removeTrashed(this.#root);
      await this.#setSpecialUses([[mailbox, []]]);
      return "deleted";
    });
  }

  async rename(from: MailboxName, to: MailboxName): Promise<"renamed" | "missing" | "exists" | "bad-name"> {
    if (!isMailboxName(from) || !isMailboxName(to) || isBelow(to, from)) return "bad-name";
    return this.#turns.take(async () => {
      const mailboxes = await this.list();
      const renames = mailboxes
        .filter((mailbox) => mailbox === from || (from !== INBOX && isBelow(mailbox, from)))
        .map((mailbox) => ({ mailbox, target: to + mailbox.slice(from.length) }));
      if (renames.length === 0) return "missing";
      if (renames.some(({ target }) => mailboxes.includes(target))) return "exists";
      if (renames.some(({ target }) => !isMailboxName(target))) return "bad-name";
      // The uses stand under both names until the folders have the new ones.
      const uses = await this.specialUses();
      await this.#setSpecialUses(renames.map(({ mailbox, target }) => [target, uses.get(mailbox) ?? []]));
      if (from === INBOX) await this.#empty(from, to);
      else for (const { mailbox, target } of renames) await this.#renameFolder(mailbox, target);
      await this.#setSpecialUses(renames.map(({ mailbox }) => [mailbox, []]));
      return "renamed";
    });
  }

  subscriptions(): Promise<MailboxName[]> {
    return readSubscriptions(this.#root);
  }

  subscribe(mailbox: MailboxName): Promise<void> {
    return this.#changeSubscriptions((names) => (names.includes(mailbox) ? names : [...names, mailbox]));
  }

  unsubscribe(mailbox: MailboxName): Promise<void> {
    return this.#changeSubscriptions((names) => names.filter((name) => name !== mailbox));
  }

  async status(mailbox: MailboxName): Promise<MailboxStatus | undefined> {
    const loaded = await this.#get(mailbox);
    if (loaded === undefined) return undefined;
    const { table, identity, uidNext, highestModSeq, recentUids } = loaded.state;
    return {
      ...identity,
      uidNext,
      highestModSeq,
      messages: table.count,
      unseen: table.countMarked(0, FLAG_MARK.seen),
      deleted: table.countMarked(FLAG_MARK.trashed, 0),
      recent: recentUids.length,
    };
  }

  async open(
    mailbox: MailboxName,
    onChange: (change: MailboxChange) => void,
  ): Promise<MailboxView | undefined> {
    const loaded = await this.#get(mailbox);
    return (
      loaded &&
      new SessionView(loaded, {
        onChange,
        onClose: () => this.#registry.release(mailbox),
        openMailbox: (name) => this.#getAsKnown(name),
      })
    );
  }

  async stage(octets: AsyncIterable<Uint8Array>, internalDate?: Date): Promise<StagedMessage> {
    const path = join(this.#root, "tmp", this.#world.newName());
    try {
      return new Staged(path, await writeMessage(this.#world.disk, path, { octets, internalDate }));
    } catch (cause) {
      await unlink(path).catch(() => {});
      throw new Error("Cannot write a message", { cause });
    }
  }

  async append(
    mailbox: MailboxName,
    messages: readonly Appended[],
  ): Promise<{ uidValidity: number; uids: Uid[] } | undefined> {
    const loaded = await this.#getAsKnown(mailbox);
    if (loaded === undefined) return undefined;
    const files = messages.map(({ message, flags = [], keywords = [] }) => {
      const { path, size } = stagedHere(message);
      return { path, sizes: withSizes("", size), flags: marksOfFlags(flags), keywords };
    });
    const uids = await appear(loaded, files);
    for (const { message } of messages) stagedHere(message).isAppended = true;
    return { uidValidity: loaded.state.identity.uidValidity, uids };
  }

  async #get(mailbox: MailboxName) {
    return isMailboxName(mailbox) ? this.#registry.get(mailbox) : undefined;
  }

  async #getAsKnown(mailbox: MailboxName) {
    return isMailboxName(mailbox) ? this.#registry.getAsKnown(mailbox) : undefined;
  }

  /** Makes a mailbox with all that it takes to open it, or nothing: a full disk may have room for its folder alone. */
  async #make(mailbox: MailboxName): Promise<void> {
    try {
      await makeMailboxFolder(this.#root, mailbox);
      await this.#registry.get(mailbox);
    } catch (error) {
      await unmakeMailboxFolder(this.#root, mailbox).catch(() => {}); // what cannot be removed is a mailbox
      throw error;
    }
  }

  async #renameFolder(from: MailboxName, to: MailboxName): Promise<void> {
    await this.#registry.forget(from);
    await rename(folderOf(this.#root, from), folderOf(this.#root, to));
    await syncFolder(this.#root);
  }

  /** Moves all messages of a mailbox into a new one. */
  async #empty(from: MailboxName, to: MailboxName): Promise<void> {
    await this.#make(to);
    const [source, target] = [await this.#get(from), await this.#get(to)];
    if (source && target) await moveMessages(source, source.state.table.columns.uids.slice(), target);
  }

  /** Only in a turn. Mailboxes for nothing special are left out. */
  async #setSpecialUses(changes: readonly (readonly [MailboxName, readonly string[]])[]): Promise<void> {
    const before = await this.specialUses();
    if (changes.every(([mailbox, uses]) => uses.length === 0 && !before.has(mailbox))) return;
    const after = [...new Map([...before, ...changes])].filter(([, uses]) => uses.length > 0);
    await writeSpecialUses(this.#root, new Map(after));
  }

  #changeSubscriptions(change: (names: readonly MailboxName[]) => readonly MailboxName[]): Promise<void> {
    return this.#subscriptionTurns.take(async () => {
      const names = await readSubscriptions(this.#root);
      const changed = change(names);
      if (changed.length !== names.length) await writeSubscriptions(this.#root, changed);
    });
  }
}

/** Removes what is left of a mailbox that was deleted. */
export async function removeTrashed(root: string): Promise<void> {
  await rm(join(root, TRASHED), { recursive: true, force: true });
}

function isBelow(mailbox: MailboxName, other: MailboxName): boolean {
  return mailbox.startsWith(other + HIERARCHY_SEPARATOR);
}

function stagedHere(message: StagedMessage): Staged {
  if (message instanceof Staged) return message;
  throw new Error("Cannot append a message that was not staged here");
}

class Staged implements StagedMessage {
  readonly path: string;
  readonly size: MessageSize;
  /** It is a message by now: there is nothing to discard. */
  isAppended = false;

  constructor(path: string, size: MessageSize) {
    this.path = path;
    this.size = size;
  }

  get octets(): number {
    return this.size.octets;
  }

  async discard(): Promise<void> {
    if (!this.isAppended) await rm(this.path, { force: true });
  }
}
