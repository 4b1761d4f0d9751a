import { allDone } from "./in-parallel.ts";
import type { MessageFile } from "./listing.ts";
import type { SyncedMailbox } from "./mailbox-site.ts";
import type { MailboxState } from "./mailbox-state.ts";
import type { Uid } from "./mailbox-view.ts";
import { formatUidListEntry, type UidList } from "./uidlist-file.ts";

/** The UIDs we know mean nothing any more: somebody gave the mailbox another UIDVALIDITY. */
export class UidValidityChanged extends Error {}

/** Whether the list is that of the mailbox we know. */
export function isListOf({ identity }: MailboxState, list: UidList): boolean {
  const isSameId = list.mailboxId === "" || list.mailboxId === identity.mailboxId;
  return list.uidValidity === identity.uidValidity && isSameId;
}

/** Throws `UidValidityChanged` when it is not. */
export function checkList(state: MailboxState, list: UidList | undefined): void {
  if (list === undefined || isListOf(state, list)) return;
  throw new UidValidityChanged(`UIDVALIDITY is ${list.uidValidity} and was ${state.identity.uidValidity}`);
}

/** What is known and done besides. */
interface Assignment {
  /** What was read of `dovecot-uidlist`, if that is not what we wrote there. */
  readonly list?: UidList | undefined;
  /** Folders in which the files were made, to be durable as well. */
  readonly folders?: Iterable<string>;
}

/**
 * Gives UIDs to messages that are new, in the order of the files, and resolves when that is on disk. One that
 * Dovecot gave a UID already, in `list` or meanwhile, keeps it.
 */
export async function assignUids(
  { state, site, tell }: SyncedMailbox,
  files: readonly MessageFile[],
  { list, folders = [] }: Assignment,
): Promise<Uid[]> {
  return site.uidList.whileLocked(async () => {
    const current = (await site.uidList.readIfChanged()) ?? list;
    checkList(state, current);
    let uidNext = Math.max(state.uidNext, current?.uidNext ?? 1);
    const plan = files.map((file) => {
      const listed = current?.entries.get(file.baseName);
      // Below our UIDNEXT it was told to somebody, who was also told that the message is gone. A UID is not
      // used a second time (RFC 9051 §2.3.1.1).
      const entry = listed !== undefined && listed.uid >= state.uidNext ? listed : undefined;
      return { file, uid: entry?.uid ?? uidNext++, fields: entry?.fields ?? "", isNew: entry === undefined };
    });
    const lines = plan
      .filter(({ isNew }) => isNew)
      .map(({ uid, file }) => formatUidListEntry(uid, file.baseName));
    const syncFolders = () => allDone([...folders].map((folder) => site.world.disk.syncFolder(folder)));
    if (lines.length > 0 || !site.uidList.isWhole) {
      const whole = () => [...state.uidListLines(uidNext), ...lines];
      await site.uidList.add(lines, { whole, alongside: syncFolders });
    } else await syncFolders();
    const modSeq = state.nextModSeq(site.world.now());
    const ascending = plan.toSorted((one, other) => one.uid - other.uid);
    for (const { uid, file, fields } of ascending) state.add(uid, file, { modSeq, fields });
    state.uidNext = Math.max(state.uidNext, uidNext);
    if (plan.length > 0) tell({ kind: "arrived", uids: ascending.map(({ uid }) => uid) });
    return plan.map(({ uid }) => uid);
  });
}
