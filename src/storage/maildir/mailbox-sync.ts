import { existsSync } from "node:fs";
import { FolderComparison } from "./folder-comparison.ts";
import { fileAt, type MessageFile, readMailboxFolder } from "./listing.ts";
import { pathOf, type SyncedMailbox } from "./mailbox-site.ts";
import { inArrivalOrder } from "./message-name.ts";
import { assignUids } from "./uid-assignment.ts";
import type { UidList } from "./uidlist-file.ts";

/**
 * Brings the state to what is in the folders, whoever put it there. `list` is what `dovecot-uidlist` says,
 * if that is not what we wrote there. Throws `UidValidityChanged`.
 */
export async function syncWithFolder(mailbox: SyncedMailbox, list: UidList | undefined): Promise<void> {
  const { state, site } = mailbox;
  const comparison = new FolderComparison(state, list);
  comparison.take(await readMailboxFolder(site.folder));
  // A file that is renamed while a folder is read can be missed, and nobody shall lose a message for that.
  if (comparison.missing.length > 0) comparison.take(await readMailboxFolder(site.folder));
  const { moved, renumbered, missing, arrivals } = comparison;
  if (comparison.isListBehind || (list !== undefined && list.uidNext < state.uidNext))
    site.uidList.distrust();
  noteMarked(
    mailbox,
    [...moved].filter(([position, file]) => state.place(position, file)).map(([position]) => position),
  );
  noteGone(mailbox, [...renumbered, ...missing]);
  await admit(mailbox, arrivals, list);
}

/**
 * The same for a few files that somebody did something to, without listing the folders. Resolves with false
 * when only a listing can tell what became of a message.
 */
export async function syncFiles(mailbox: SyncedMailbox, paths: Iterable<string>): Promise<boolean> {
  const { state, site } = mailbox;
  const marked: number[] = [];
  const arrivals: MessageFile[] = [];
  let isEnough = true;
  // Asked at once, because the kernel has it in its cache when something just happened to a file: waiting for a
  // thread for each of a thousand, most of which we renamed ourselves, took the time of a command.
  const exists = (file: MessageFile) => existsSync(pathOf(site, file));
  const groups = byName(paths);
  const positions = state.table.positionsOfNames(groups.keys());
  for (const [baseName, files] of groups) {
    const position = positions.get(baseName) ?? -1;
    if (position >= 0 && exists(state.fileAt(position))) continue;
    const existing = files.filter(exists);
    const file = existing.find(({ subfolder }) => subfolder === "cur") ?? existing[0];
    if (file === undefined) isEnough &&= position < 0;
    else if (position < 0) arrivals.push(file);
    else if (state.place(position, file)) marked.push(position);
  }
  noteMarked(mailbox, marked);
  await admit(mailbox, arrivals, undefined);
  return isEnough;
}

function byName(paths: Iterable<string>): Map<string, MessageFile[]> {
  const groups = new Map<string, MessageFile[]>();
  for (const path of paths) {
    const file = fileAt(path);
    if (file === undefined) continue;
    const group = groups.get(file.baseName);
    if (group === undefined) groups.set(file.baseName, [file]);
    else group.push(file);
  }
  return groups;
}

/** Gives the messages at these positions, whose marks are others now, a mod-sequence. */
export function noteMarked({ state, site, tell }: SyncedMailbox, positions: readonly number[]): void {
  if (positions.length === 0) return;
  const modSeq = state.nextModSeq(site.world.now());
  for (const position of positions) state.table.update(position, { modSeq });
  tell({ kind: "marked", uids: positions.map((position) => state.table.uidAt(position)).sort(ascending) });
}

/** Removes the messages at these positions, whose files are gone. */
export function noteGone({ state, site, tell }: SyncedMailbox, positions: readonly number[]): void {
  if (positions.length === 0) return;
  const uids = state.remove([...positions].sort(ascending), state.nextModSeq(site.world.now()));
  tell({ kind: "expunged", uids });
}

async function admit(
  mailbox: SyncedMailbox,
  arrivals: readonly MessageFile[],
  list: UidList | undefined,
): Promise<void> {
  if (arrivals.length === 0 && mailbox.site.uidList.isWhole) return;
  await assignUids(mailbox, inArrivalOrder(arrivals), { list });
}

function ascending(one: number, other: number): number {
  return one - other;
}
