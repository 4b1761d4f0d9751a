import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

export const DOMAIN = "example.test";
export const USER = "user";
export const PASSWORD = "marlin";
export const SECRETARY = `secretary@${DOMAIN}`;

type Undo = () => void | Promise<void>;
const undoing = new WeakMap<TestContext, Undo[]>();

/** Undoes something when the test ends: what was done last, first. */
export function atEnd(t: TestContext, undo: Undo): void {
  const known = undoing.get(t);
  if (known !== undefined) return void known.push(undo);
  const undos = [undo];
  undoing.set(t, undos);
  t.after(async () => {
    for (let next = undos.pop(); next !== undefined; next = undos.pop()) await next();
  });
}

/** A folder of the test's own, removed with everything in it when the test ends. */
export function ownFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "secretary-"));
  atEnd(t, () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The environment of a server that keeps everything in `folder` and listens on free ports. */
export function settingsFor(
  folder: string,
  changes: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    DOMAINNAME: DOMAIN,
    MAILUSER: USER,
    MAILPASSWORD: PASSWORD,
    MAILFOLDER: folder,
    SMTP_LISTEN: "127.0.0.1:0",
    IMAP_LISTEN: "127.0.0.1:0",
    WEBCAL_LISTEN: "127.0.0.1:0",
    WEBCAL_TIMEZONE: "Europe/Berlin",
    DMARC_POLICY: "off", // names like example.test are in no DNS
    ...changes,
  };
}
