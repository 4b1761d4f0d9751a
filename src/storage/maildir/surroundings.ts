import { type Disk, realDisk } from "./disk.ts";
import type { MailboxName } from "./mailbox-name.ts";
import type { Describer, Description, MessageKeys, Uid } from "./mailbox-view.ts";
import { uniqueName } from "./message-name.ts";

/** What a Maildir is given of the world. */
export interface Surroundings {
  readonly now: () => Date;
  readonly randomOctets: (octets: number) => Uint8Array;
  readonly hostname: string;
  /** Makes the descriptions of the index; without it they are empty. */
  readonly describer?: Describer;
  /** Called when a message cannot be read: once for each while its mailbox is loaded, and not for very many. */
  readonly onUnreadable?: (message: UnreadableMessage) => void;
  /** Only tests give one: a disk that fails. */
  readonly disk?: Disk;
}

/** A message that is there and whose file cannot be read. */
export interface UnreadableMessage {
  readonly mailbox: MailboxName;
  readonly uid: Uid;
  readonly path: string;
  readonly err: unknown;
}

/** Surroundings with everything in them. */
export interface World extends Required<Surroundings> {
  /** A name for a message's file, without sizes, that nothing else has. Later ones sort higher. */
  readonly newName: () => string;
}

/**
 * Random octets in the names of files, the same in all of one Maildir's: the process id does not tell two containers
 * apart, these do.
 */
const RANDOM_OCTETS = 6;

/** Of a message of which nothing is known. */
export const NO_KEYS: MessageKeys = {
  sentAt: null,
  ...{ subjectKey: "", fromKey: "", toKey: "", ccKey: "", idKey: "", answersKey: "" },
  ...{ from: null, to: null, cc: null, bcc: null, subject: null, messageId: null },
  sentDay: null,
};

const NO_DESCRIPTION: Description = {
  description: () => ({ header: "", structure: "" }),
  text: () => ({ header: "", body: "" }),
};

const NO_DESCRIBER: Describer = {
  version: 0,
  async describe(octets) {
    for await (const _ of octets); // a describer reads all of them
    return NO_DESCRIPTION;
  },
  describeWhole: () => NO_DESCRIPTION,
  keysOf: () => NO_KEYS,
};

/** Completes the surroundings. */
export function worldOf(surroundings: Surroundings): World {
  const random = surroundings.randomOctets(RANDOM_OCTETS);
  let count = 0;
  return {
    describer: NO_DESCRIBER,
    onUnreadable: () => {},
    disk: realDisk,
    ...surroundings,
    newName: () =>
      uniqueName({
        at: surroundings.now(),
        processId: process.pid,
        count: ++count,
        random,
        hostname: surroundings.hostname,
      }),
  };
}
