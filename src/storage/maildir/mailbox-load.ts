import { join } from "node:path";
import { ExpungeLog, MAX_EXPUNGED } from "./expunge-log.ts";
import { stampOf } from "./file-stamp.ts";
import { type FolderStamps, readMailboxIndex } from "./mailbox-index.ts";
import type { MailboxSite } from "./mailbox-site.ts";
import { MailboxState } from "./mailbox-state.ts";
import { syncWithFolder } from "./mailbox-sync.ts";
import type { Uid } from "./mailbox-view.ts";
import { MessageTable } from "./message-table.ts";
import { isListOf } from "./uid-assignment.ts";
import type { UidList } from "./uidlist-file.ts";

/** Random octets in a mailbox's GUID, as many as Dovecot's has. */
const MAILBOX_ID_OCTETS = 16;

/** What the folders look like now. */
export function stampFolder(folder: string): FolderStamps {
  return {
    cur: stampOf(join(folder, "cur")),
    new: stampOf(join(folder, "new")),
    uidList: stampOf(join(folder, "dovecot-uidlist")),
  };
}

export function areSame(one: FolderStamps, other: FolderStamps): boolean {
  return one.cur === other.cur && one.new === other.new && one.uidList === other.uidList;
}

/** A mailbox's state as it is on disk. */
export interface LoadedState {
  readonly state: MailboxState;
  /** What the folders looked like. */
  readonly stamps: FolderStamps;
  /** Whether the index says all of it. */
  readonly isIndexed: boolean;
}

/**
 * Loads a mailbox. The index is taken as it is when nothing happened since it was written. Else
 * `dovecot-uidlist` and the folders say what is there, and the index only what they cannot: mod-sequences
 * and sizes.
 */
export async function loadMailbox(site: MailboxSite): Promise<LoadedState> {
  const stamps = stampFolder(site.folder);
  const index = await readMailboxIndex(site.folder);
  if (index !== undefined && index.stamps.uidList === stamps.uidList && stamps.uidList !== "") {
    site.uidList.adopt(stamps.uidList, index.uidListLines);
    if (areSame(index.stamps, stamps)) return { state: index.state, stamps, isIndexed: true };
  }
  const list = await site.uidList.readIfChanged();
  const isKnown = index !== undefined && (list === undefined || isListOf(index.state, list));
  const state = isKnown ? index.state : startState(site, list);
  const known = state.uidNext;
  // Mod-sequences may have been told that the index does not know of: those to come shall be above them.
  state.nextModSeq(site.world.now());
  await syncWithFolder({ state, site, tell: () => {} }, list);
  if (isKnown) noteGoneSince(state, known);
  return { state, stamps: { ...stamps, uidList: site.uidList.stamp ?? "" }, isIndexed: false };
}

function startState({ newUidValidity, world }: MailboxSite, list: UidList | undefined): MailboxState {
  const highestModSeq = world.now().getTime();
  const newId = () => Buffer.from(world.randomOctets(MAILBOX_ID_OCTETS)).toString("hex");
  return new MailboxState({
    identity: {
      uidValidity: list?.uidValidity ?? newUidValidity(),
      mailboxId: list?.mailboxId || newId(),
    },
    uidNext: 1,
    highestModSeq,
    table: new MessageTable(),
    expunged: new ExpungeLog(highestModSeq),
    fileNames: new Map(),
    fields: new Map(),
  });
}

/**
 * UIDs from `uidNext` on were given since the index was written. Who has one and is not here was expunged
 * since, too.
 */
function noteGoneSince(state: MailboxState, uidNext: Uid): void {
  const uids: Uid[] = [];
  for (let uid = uidNext; uid < state.uidNext && uids.length <= MAX_EXPUNGED; uid += 1) {
    if (state.table.positionOf(uid) < 0) uids.push(uid);
  }
  state.expunged.add(uids, state.highestModSeq);
}
