/** What a message's file name says. */
export interface MessageName {
  /** What names the message as long as it lives: everything before the colon. */
  readonly baseName: string;
  /** The letters after `:2,`; empty where there are none. */
  readonly letters: string;
}

/** What makes one message's name differ from every other's. */
export interface Uniqueness {
  readonly at: Date;
  readonly processId: number;
  /** Counts up within the process. */
  readonly count: number;
  readonly random: Uint8Array;
  readonly hostname: string;
}

/**
 * Reads a name found in `new` or `cur`. Names of any program are taken, `cp`'s too. Undefined for what is
 * no message: hidden files, and names that could not be written into one line of `dovecot-uidlist` or
 * opened again (octets that are no UTF-8 reach us as U+FFFD).
 */
export function parseMessageName(fileName: string): MessageName | undefined {
  if (fileName === "" || fileName.startsWith(".") || /[\x00-\x1f\x7f/\ufffd]/.test(fileName))
    return undefined;
  const colon = fileName.indexOf(":");
  if (colon < 0) return { baseName: fileName, letters: "" };
  if (colon === 0) return undefined;
  // What follows `:1,` is experimental and `:2,` is all that was ever defined.
  const letters = fileName.startsWith("2,", colon + 1) ? fileName.slice(colon + 3) : "";
  return { baseName: fileName.slice(0, colon), letters };
}

/** A name that no other message of this or any other host has, without the sizes. */
export function uniqueName(parts: Uniqueness): string {
  const milliseconds = parts.at.getTime();
  const seconds = Math.floor(milliseconds / 1000);
  // Six digits, so that names of one second are in the order of their delivery.
  const microseconds = String((milliseconds - seconds * 1000) * 1000).padStart(6, "0");
  const random = Buffer.from(parts.random).toString("hex");
  const hostname = parts.hostname.replaceAll("/", "\\057").replaceAll(":", "\\072");
  return `${seconds}.M${microseconds}P${parts.processId}Q${parts.count}R${random}.${hostname}`;
}

/** How large a message is on disk, and how large when every line ends in CRLF, as IMAP counts. */
export interface MessageSize {
  readonly octets: number;
  readonly crlfOctets: number;
}

/** Adds the sizes to a unique name, as Dovecot and Maildir++ quotas read them. */
export function withSizes(name: string, size: MessageSize): string {
  return `${name},S=${size.octets},W=${size.crlfOctets}`;
}

/** The part of a base name that tells sizes, to be carried over to another name of the same message. */
export function sizeSuffix(baseName: string): string {
  return /(?:,[SW]=\d{1,15})+$/.exec(baseName)?.[0] ?? "";
}

/** The sizes a base name claims. Other programs may have changed the file since. */
export function sizesIn(baseName: string): Partial<MessageSize> {
  const octets = numberAfter(",S=", baseName);
  const crlfOctets = numberAfter(",W=", baseName);
  return { ...(octets !== undefined && { octets }), ...(crlfOctets !== undefined && { crlfOctets }) };
}

function numberAfter(key: string, baseName: string): number | undefined {
  const at = baseName.indexOf(key);
  if (at < 0) return undefined;
  const [digits = ""] = baseName.slice(at + key.length).split(",", 1);
  return /^\d{1,15}$/.test(digits) ? Number(digits) : undefined;
}

/**
 * Messages in the order in which they came, as far as names tell: by the seconds since 1970 with which most
 * programs begin them, then by what ours say more exactly. Other names come last.
 */
export function inArrivalOrder<T extends MessageName>(messages: readonly T[]): T[] {
  return messages
    .map((message) => ({ message, seconds: secondsIn(message.baseName) }))
    .sort(
      (one, other) =>
        one.seconds - other.seconds || compareInDetail(one.message.baseName, other.message.baseName),
    )
    .map(({ message }) => message);
}

function secondsIn(baseName: string): number {
  const seconds = Number.parseInt(baseName, 10);
  return Number.isNaN(seconds) ? Number.MAX_VALUE : seconds;
}

/** For names of the same second. */
function compareInDetail(one: string, other: string): number {
  const [, microseconds = 0, count = 0] = DETAILS.exec(one) ?? [];
  const [, otherMicroseconds = 0, otherCount = 0] = DETAILS.exec(other) ?? [];
  const difference = Number(microseconds) - Number(otherMicroseconds) || Number(count) - Number(otherCount);
  return difference || (one < other ? -1 : 1);
}

const DETAILS = /^\d+\.M(\d{1,6})P\d+(?:Q(\d{1,12}))?/;

/** When a message got its name, in milliseconds since 1970, if the name tells. */
export function namedAt(baseName: string): number | undefined {
  const seconds = /^(\d{9,11})\./.exec(baseName)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}
