import type { MailboxSite } from "./mailbox-site.ts";
import type { Uid } from "./mailbox-view.ts";

/** So many unreadable messages are told of: with a disk that fails, it would be all of them. */
const MAX_TOLD = 100;

/** The messages of a mailbox that cannot be read, and where they were when that was found. */
export class UnreadableMessages {
  readonly #site: MailboxSite;
  readonly #paths = new Map<Uid, string>();

  constructor(site: MailboxSite) {
    this.#site = site;
  }

  has(uid: Uid, path: string | undefined): boolean {
    return path !== undefined && this.#paths.get(uid) === path;
  }

  /** Tells of it, once. */
  note(uid: Uid, path: string, err: unknown): void {
    if (this.has(uid, path)) return;
    this.#paths.set(uid, path);
    if (this.#paths.size > MAX_TOLD) return;
    const { mailbox, world } = this.#site;
    world.onUnreadable({ mailbox, uid, path, err });
  }
}

/** Whether it is for want of descriptors or memory that a file cannot be opened, and not the file's fault. */
export function isShortage(error: unknown): boolean {
  return error instanceof Error && "code" in error && SHORTAGES.has(error.code);
}

const SHORTAGES = new Set<unknown>(["EMFILE", "ENFILE", "ENOMEM"]);
