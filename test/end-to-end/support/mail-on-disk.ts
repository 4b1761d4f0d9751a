import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { USER } from "./test-settings.ts";

/** Where a mailbox, or the spool, lies below MAILFOLDER. */
export function mailboxFolder(mailFolder: string, mailbox: string): string {
  const maildir = join(mailFolder, USER, "Maildir");
  return mailbox === "INBOX" ? maildir : join(maildir, `.${mailbox}`);
}

export const WEBCAL = "webcal";

/** Paths of the messages in a mailbox. */
export function messageFiles(mailFolder: string, mailbox: string): string[] {
  const folder = mailboxFolder(mailFolder, mailbox);
  return ["new", "cur"].flatMap((subfolder) =>
    readdirSync(join(folder, subfolder)).map((name) => join(folder, subfolder, name)),
  );
}

/** What the Message-IDs say before the `@`, of all messages in a mailbox, sorted. */
export function messageIds(mailFolder: string, mailbox: string): string[] {
  return messageFiles(mailFolder, mailbox)
    .map((path) => messageIdOf(readFileSync(path, "latin1")))
    .sort();
}

/** Every mailbox there is. */
export function mailboxes(mailFolder: string): string[] {
  const maildir = mailboxFolder(mailFolder, "INBOX");
  const others = readdirSync(maildir).filter((name) => name.startsWith("."));
  return ["INBOX", ...others.map((name) => name.slice(1))];
}

export function messageIdOf(message: string): string {
  return /^Message-ID: <([^@>]*)/im.exec(message)?.[1] ?? "";
}

/** Every file and folder below, with what is in it and when it changed: equal when nothing was touched. */
export function snapshot(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  return Object.fromEntries(
    entries.map((entry) => {
      const path = join(folder, entry);
      const { mtimeMs, ino } = statSync(path);
      const content = statSync(path).isFile() ? readFileSync(path, "latin1") : "";
      return [entry, `${ino} ${mtimeMs} ${content}`];
    }),
  );
}
