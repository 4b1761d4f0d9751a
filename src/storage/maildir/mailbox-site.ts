import type { MessageFile } from "./listing.ts";
import type { MailboxName } from "./mailbox-name.ts";
import type { MailboxState } from "./mailbox-state.ts";
import type { Uid } from "./mailbox-view.ts";
import type { SmallFiles } from "./small-files.ts";
import type { World } from "./surroundings.ts";
import type { TextIndexThread } from "./text-index.ts";
import type { UidListStore } from "./uidlist-store.ts";

/** Where a mailbox is on disk, and what it is reached with. */
export interface MailboxSite {
  readonly mailbox: MailboxName;
  readonly folder: string;
  readonly uidList: UidListStore;
  readonly world: World;
  readonly textIndexThread: TextIndexThread;
  readonly smallFiles: SmallFiles;
  /** A UIDVALIDITY that no mailbox of this name had before (RFC 9051 §2.3.1.1). */
  readonly newUidValidity: () => number;
}

/** What turned out to be different in a mailbox. UIDs ascend. */
export type FoundChange =
  | { readonly kind: "arrived"; readonly uids: readonly Uid[] }
  | { readonly kind: "expunged"; readonly uids: readonly Uid[] }
  | { readonly kind: "marked"; readonly uids: readonly Uid[] };

/** A mailbox whose state is brought in line with the disk; every change is told as soon as the state has it. */
export interface SyncedMailbox {
  readonly state: MailboxState;
  readonly site: MailboxSite;
  readonly tell: (change: FoundChange) => void;
}

/** Where a message's file is. */
export function pathOf({ folder }: MailboxSite, { subfolder, fileName }: MessageFile): string {
  return `${folder}/${subfolder}/${fileName}`; // not `join`, which is slow and has nothing to do here
}
