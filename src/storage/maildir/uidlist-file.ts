import type { Uid } from "./mailbox-view.ts";

/**
 * What `dovecot-uidlist` says, version 3: a header line with UIDVALIDITY, a lower bound of the next UID and
 * the mailbox's GUID, then a line for each message: its UID, fields of Dovecot's own, a colon, its name.
 *
 *     3 V1795233504 N3 Gf8ccf012e016016b4a57000083ecc375
 *     1 :1795233504.M323705P22346.host,S=8,W=10
 *     2 W10 :copied.eml
 */
export interface UidList {
  readonly uidValidity: number;
  readonly uidNext: Uid;
  /** 32 hex digits; empty where a Dovecot before 2.0 wrote the file. */
  readonly mailboxId: string;
  /** By base name. */
  readonly entries: ReadonlyMap<string, UidEntry>;
}

export interface UidEntry {
  readonly uid: Uid;
  /** Dovecot's fields, to be written again as they were: `W10 P17`, mostly empty. */
  readonly fields: string;
}

const MAX_UID = 0xffff_ffff;

/**
 * Reads the file's octets. Undefined when the header is no header, so that nothing of it can be trusted.
 * Lines that are none, of a write that a crash cut short say, are passed over.
 */
export function parseUidList(octets: Uint8Array): UidList | undefined {
  const lines = new TextDecoder().decode(octets).split("\n");
  lines.pop(); // empty, or a line that was never finished
  const header = parseHeader(lines[0] ?? "");
  if (header === undefined) return undefined;
  const entries = new Map<string, UidEntry>();
  let { uidNext } = header;
  for (const line of lines.slice(1)) {
    const entry = parseEntry(line);
    if (entry === undefined) continue;
    // Lines are appended without touching the header, so the list knows better than it.
    uidNext = Math.max(uidNext, entry.uid + 1);
    const known = entries.get(entry.baseName);
    if (known === undefined || known.uid < entry.uid) entries.set(entry.baseName, entry);
  }
  return { ...header, uidNext, entries };
}

function parseHeader(line: string) {
  const [version, ...fields] = line.split(" ");
  if (version !== "3") return undefined;
  const field = (letter: string) => fields.find((text) => text.startsWith(letter))?.slice(1) ?? "";
  const [uidValidity, uidNext, mailboxId] = [Number(field("V")), Number(field("N")), field("G")];
  if (!isUid(uidValidity) || !isUid(uidNext) || !/^([0-9a-f]{32})?$/.test(mailboxId)) return undefined;
  return { uidValidity, uidNext, mailboxId };
}

function parseEntry(line: string): (UidEntry & { baseName: string }) | undefined {
  const colon = line.indexOf(":");
  const [digits, ...fields] = line.slice(0, colon).trimEnd().split(" ");
  const [baseName = ""] = line.slice(colon + 1).split(":", 1);
  const uid = Number(digits);
  if (colon < 0 || !isUid(uid) || baseName === "") return undefined;
  return { uid, fields: fields.join(" "), baseName };
}

function isUid(value: number): boolean {
  return Number.isInteger(value) && value > 0 && value <= MAX_UID;
}

/** The header line. */
export function formatUidListHeader(list: Omit<UidList, "entries">): string {
  return `3 V${list.uidValidity} N${list.uidNext} G${list.mailboxId}\n`;
}

/** The line of a message. */
export function formatUidListEntry(uid: Uid, baseName: string, fields = ""): string {
  return `${uid} ${fields === "" ? "" : `${fields} `}:${baseName}\n`;
}
