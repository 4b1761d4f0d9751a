import type { MailboxView, OpenMessage, Uid } from "../../storage/maildir/maildir.ts";

/** Smaller messages are read at once: opening costs more than reading, and many are asked for in a row. */
const SMALL_OCTETS = 64 * 1024;

/** Opens a message to be read in order or in parts; a small one is in memory then. Undefined when it is gone. */
export async function openSource(view: MailboxView, uid: Uid): Promise<OpenMessage | undefined> {
  const opened = await view.open(uid);
  if (opened === undefined || opened.octets > SMALL_OCTETS) return opened;
  try {
    const whole = new Uint8Array(opened.octets);
    let at = 0;
    for await (const octets of opened.read(0, opened.octets)) {
      whole.set(octets, at);
      at += octets.length;
    }
    return inMemory(whole);
  } finally {
    await opened.close();
  }
}

function inMemory(whole: Uint8Array): OpenMessage {
  return {
    octets: whole.length,
    async *read(start, end) {
      if (start < end) yield whole.subarray(start, end);
    },
    close: async () => {},
  };
}
