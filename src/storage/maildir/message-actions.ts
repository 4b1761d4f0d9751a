import { dirname } from "node:path";
import { inParallel } from "./in-parallel.ts";
import { fileInCur, type MessageFile } from "./listing.ts";
import { pathOf, type SyncedMailbox } from "./mailbox-site.ts";
import { noteGone, noteMarked } from "./mailbox-sync.ts";
import type { ModSeq, Uid } from "./mailbox-view.ts";
import { FLAG_MARK, lettersOf, type Marks, marksOf } from "./marks.ts";
import { isMissing } from "./missing.ts";
import type { ChangingMailbox, Listener, OpenMailbox } from "./open-mailbox.ts";

/** Files worked on at a time: libuv has four threads, and so many keep all of them busy. */
export const MAX_AT_A_TIME = 16;

/** What `storeMarks` shall do, and for whom. */
export interface MarksChange {
  readonly change: (marks: Marks) => Marks;
  readonly unchangedSince: ModSeq;
  readonly origin: Listener;
}

/** `MailboxView.store`. Returns those that were changed too lately. */
export function storeMarks(
  mailbox: OpenMailbox,
  uids: Iterable<Uid>,
  { change, unchangedSince, origin }: MarksChange,
): Promise<Uid[]> {
  return mailbox.change(async (changing) => {
    const { table } = changing.state;
    const isTooLate = (uid: Uid) => table.modSeqAt(table.positionOf(uid)) > unchangedSince;
    /** The marks a message gets; undefined when it stays as it is. */
    const newMarksOf = (uid: Uid): Marks | undefined => {
      const position = table.positionOf(uid);
      if (position < 0 || isTooLate(uid)) return undefined;
      const marks = change(table.marksAt(position)) | 0;
      return marks === table.marksAt(position) ? undefined : marks;
    };
    const marked = new Set<Uid>();
    const wanted = [...uids];
    try {
      const changed = wanted.filter((uid) => newMarksOf(uid) !== undefined);
      await forEachFile(changing, changed, async (uid, file) => {
        const marks = newMarksOf(uid);
        if (marks === undefined) return; // somebody else was faster
        const target = fileInCur(file.baseName, lettersOf(marks, file.letters));
        await renameInFolder(changing, uid, { file, target });
        marked.add(uid);
      });
      return wanted.filter((uid) => !marked.has(uid) && isTooLate(uid));
    } finally {
      noteMarked(changing, positionsOf(changing, [...marked]));
    }
  }, origin);
}

/** `MailboxView.claimRecent`. */
export function claimRecent(mailbox: OpenMailbox): Promise<Uid[]> {
  if (mailbox.state.recentUids.length === 0) return Promise.resolve([]);
  return mailbox.change(async (changing) => {
    const claimed = changing.state.takeRecentInCur();
    await forEachFile(changing, changing.state.table.uidsInNew(), async (uid, file) => {
      await renameInFolder(changing, uid, { file, target: fileInCur(file.baseName, file.letters) });
      claimed.push(uid);
    });
    return claimed.sort(ascending);
  });
}

/** `MailboxView.expunge`. */
export function expungeTrashed(mailbox: OpenMailbox, uids: Iterable<Uid>): Promise<Uid[]> {
  return mailbox.change(async (changing) => {
    const { disk } = changing.site.world;
    const removed: Uid[] = [];
    const folders = new Set<string>();
    try {
      await forEachFile(changing, uids, async (uid, file) => {
        if ((marksOf(file.letters) & FLAG_MARK.trashed) === 0) return;
        const path = pathOf(changing.site, file);
        await disk.unlink(path);
        folders.add(dirname(path));
        removed.push(uid);
      });
    } finally {
      noteGone(changing, positionsOf(changing, removed));
    }
    for (const folder of folders) await disk.syncFolder(folder);
    return removed.sort(ascending);
  });
}

/**
 * Does something to the file of each message, several at a time. Where somebody else renamed files, it looks
 * for them once; messages that are gone are passed over.
 */
export async function forEachFile(
  changing: ChangingMailbox,
  uids: Iterable<Uid>,
  act: (uid: Uid, file: MessageFile) => Promise<void>,
): Promise<void> {
  const { state } = changing;
  const lost: Uid[] = [];
  const tryOn = async (uid: Uid, onMissing: (uid: Uid) => void) => {
    const position = state.table.positionOf(uid);
    if (position < 0) return;
    try {
      await act(uid, state.fileAt(position));
    } catch (error) {
      if (!isMissing(error)) throw error;
      onMissing(uid);
    }
  };
  await inParallel(uids, MAX_AT_A_TIME, (uid) => tryOn(uid, () => lost.push(uid)));
  if (lost.length === 0) return;
  await changing.resync();
  await inParallel(lost, MAX_AT_A_TIME, (uid) => tryOn(uid, () => {}));
}

async function renameInFolder(
  { state, site }: SyncedMailbox,
  uid: Uid,
  { file, target }: { file: MessageFile; target: MessageFile },
): Promise<void> {
  await site.world.disk.rename(pathOf(site, file), pathOf(site, target));
  state.place(state.table.positionOf(uid), target);
}

/** Where those of the messages stand that are still there. */
export function positionsOf({ state }: SyncedMailbox, uids: readonly Uid[]): number[] {
  return uids.map((uid) => state.table.positionOf(uid)).filter((position) => position >= 0);
}

function ascending(one: number, other: number): number {
  return one - other;
}
