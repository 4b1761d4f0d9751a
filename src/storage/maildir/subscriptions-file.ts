import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "../atomic-file/atomic-file.ts";
import { HIERARCHY_SEPARATOR, type MailboxName } from "./mailbox-name.ts";
import { isMissing } from "./missing.ts";

/** What Dovecot 2.3 writes first; the levels of a name are parted by tabs then. Before, names stood as they are. */
const HEADER = "V\t2\n\n";

function pathIn(root: string): string {
  return join(root, "subscriptions");
}

/** The mailboxes the user subscribed to, from Dovecot's file in either of its versions. */
export async function readSubscriptions(root: string): Promise<MailboxName[]> {
  try {
    return parseSubscriptions(await readFile(pathIn(root), "utf8"));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Replaces the file. */
export async function writeSubscriptions(root: string, mailboxes: readonly MailboxName[]): Promise<void> {
  const lines = mailboxes.map((mailbox) => `${mailbox.replaceAll(HIERARCHY_SEPARATOR, "\t")}\n`);
  await writeFileAtomically(pathIn(root), new TextEncoder().encode(HEADER + lines.join("")));
}

function parseSubscriptions(text: string): MailboxName[] {
  const isNew = text.startsWith(HEADER);
  const lines = text.slice(isNew ? HEADER.length : 0).split("\n");
  const names = lines.map((line) => (isNew ? line.replaceAll("\t", HIERARCHY_SEPARATOR) : line));
  return names.filter((name) => name !== "");
}
