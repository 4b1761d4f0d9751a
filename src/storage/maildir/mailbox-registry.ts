import { folderOf, type MailboxName } from "./mailbox-name.ts";
import { isMissing } from "./missing.ts";
import { OpenMailbox } from "./open-mailbox.ts";
import { SmallFiles } from "./small-files.ts";
import type { World } from "./surroundings.ts";
import { makeTextIndexThread } from "./text-index.ts";
import { Turns } from "./turns.ts";
import { UidListStore } from "./uidlist-store.ts";

/** A mailbox that nobody looks at any more stays loaded for this long: clients come back soon. */
const UNLOAD_DELAY_MS = 300_000;

/** The mailboxes that are loaded, each once, and whose turn it is in each of all. */
export class MailboxRegistry {
  readonly #root: string;
  readonly #world: World;
  readonly #loaded = new Map<MailboxName, Promise<OpenMailbox>>();
  readonly #turns = new Map<MailboxName, Turns>();
  readonly #textIndexThread = makeTextIndexThread();
  readonly #smallFiles = new SmallFiles();
  readonly #unloadTimers = new Map<MailboxName, NodeJS.Timeout>();
  #lastUidValidity = 0;
  #isClosed = false;

  constructor(root: string, world: World) {
    this.#root = root;
    this.#world = world;
  }

  /** Who lists a mailbox's files, renames or removes them takes turns. */
  turnsOf(mailbox: MailboxName): Turns {
    const turns = this.#turns.get(mailbox) ?? new Turns();
    if (this.#isClosed) turns.close();
    this.#turns.set(mailbox, turns);
    return turns;
  }

  /** For a file that was put into the mailbox, renamed or removed there by other means than the mailbox's. */
  hint(mailbox: MailboxName, path: string): void {
    this.#loaded.get(mailbox)?.then(
      (loaded) => loaded.hint(path),
      () => {}, // who asked for the mailbox hears of it
    );
  }

  /** The mailbox as it is on disk now; undefined when there is none. It stays loaded for a while. */
  async get(mailbox: MailboxName): Promise<OpenMailbox | undefined> {
    const known = await this.#loaded.get(mailbox);
    await known?.refresh();
    return this.getAsKnown(mailbox);
  }

  /** The same for whom it does not matter what other programs did there. */
  async getAsKnown(mailbox: MailboxName): Promise<OpenMailbox | undefined> {
    const known = await this.#loaded.get(mailbox);
    // Somebody may have deleted it or given it other UIDs, and there may be another by now.
    if (known?.isGone && (await this.#loaded.get(mailbox)) === known) await this.drop(mailbox);
    const loaded = known === undefined || known.isGone ? await this.#load(mailbox) : known;
    if (loaded !== undefined) this.release(mailbox);
    return loaded;
  }

  /** Unloads the mailbox when nobody has looked at it for a while. */
  release(mailbox: MailboxName): void {
    clearTimeout(this.#unloadTimers.get(mailbox));
    const unload = async () => {
      const loaded = await this.#loaded.get(mailbox);
      if (loaded !== undefined && loaded.listeners.size === 0) await this.drop(mailbox);
    };
    const timer = setTimeout(() => unload().catch(() => {}), UNLOAD_DELAY_MS).unref();
    this.#unloadTimers.set(mailbox, timer);
  }

  /** Lets go of the mailbox, whoever looks at it. */
  async drop(mailbox: MailboxName): Promise<void> {
    clearTimeout(this.#unloadTimers.get(mailbox));
    const loaded = this.#loaded.get(mailbox);
    this.#loaded.delete(mailbox);
    await (await loaded?.catch(() => undefined))?.close();
  }

  /** Lets go of a mailbox that is about to be deleted or renamed. Its UIDVALIDITY is not given again. */
  async forget(mailbox: MailboxName): Promise<void> {
    const loaded = await this.get(mailbox);
    if (loaded === undefined) return;
    this.#lastUidValidity = Math.max(this.#lastUidValidity, loaded.state.identity.uidValidity);
    loaded.retire();
    await this.drop(mailbox);
  }

  /** Whoever is late in using a mailbox fails from then on. */
  async close(): Promise<void> {
    while (this.#loaded.size > 0) {
      await Promise.all([...this.#loaded.keys()].map((mailbox) => this.drop(mailbox)));
    }
    this.#isClosed = true;
    for (const turns of this.#turns.values()) turns.close();
    await this.#textIndexThread.close();
    await this.#smallFiles.close();
  }

  /** Undefined when there is no such mailbox. */
  async #load(mailbox: MailboxName): Promise<OpenMailbox | undefined> {
    const folder = folderOf(this.#root, mailbox);
    const site = {
      mailbox,
      folder,
      uidList: new UidListStore(folder, this.#world),
      world: this.#world,
      textIndexThread: this.#textIndexThread,
      smallFiles: this.#smallFiles,
      newUidValidity: () => this.#newUidValidity(),
    };
    const loading = this.#loaded.get(mailbox) ?? OpenMailbox.load(site, this.turnsOf(mailbox));
    this.#loaded.set(mailbox, loading);
    try {
      return await loading;
    } catch (error) {
      this.#loaded.delete(mailbox);
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /**
   * Above all that were given before, so that a mailbox that is deleted and created again is another one
   * (RFC 9051 §2.3.1.1): in seconds since 1970, and ahead of the clock when there are many in a second.
   */
  #newUidValidity(): number {
    const seconds = Math.floor(this.#world.now().getTime() / 1000);
    this.#lastUidValidity = Math.max(seconds, this.#lastUidValidity + 1);
    return this.#lastUidValidity;
  }
}
