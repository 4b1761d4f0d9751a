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
  const microseconds = (milliseconds - seconds * 1000) * 1000;
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
  const octets = /,S=(\d{1,15})(?=,|$)/.exec(baseName)?.[1];
  const crlfOctets = /,W=(\d{1,15})(?=,|$)/.exec(baseName)?.[1];
  return {
    ...(octets !== undefined && { octets: Number(octets) }),
    ...(crlfOctets !== undefined && { crlfOctets: Number(crlfOctets) }),
  };
}

/**
 * Base names in the order in which their messages came, as far as names tell: by the seconds since 1970 with
 * which most programs begin them, then by what ours say more exactly. Other names come last.
 */
export function inArrivalOrder<T extends MessageName>(messages: readonly T[]): T[] {
  const keyed = messages.map((message) => ({ message, key: arrivalKey(message.baseName) }));
  return keyed.sort((one, other) => (one.key < other.key ? -1 : 1)).map(({ message }) => message);
}

function arrivalKey(baseName: string): string {
  const [, seconds, microseconds = "", count = ""] =
    /^(\d{1,12})\.(?:M(\d{1,6})P\d+(?:Q(\d{1,12}))?)?/.exec(baseName) ?? [];
  if (seconds === undefined) return `~${baseName}`;
  return `${seconds.padStart(12, "0")}.${microseconds.padStart(6, "0")}.${count.padStart(12, "0")}.${baseName}`;
}

/** When a message got its name, in milliseconds since 1970, if the name tells. */
export function namedAt(baseName: string): number | undefined {
  const seconds = /^(\d{9,11})\./.exec(baseName)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}
