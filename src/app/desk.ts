import { hostname } from "node:os";
import { join } from "node:path";
import type { FeedIdentity } from "../core/calendar/calendar.ts";
import type { Policy, Secretary, SecretaryOptions } from "../secretary/secretary.ts";
import { describer } from "../servers/imap/imap.ts";
import { AgendaDb } from "../storage/agenda-db/agenda-db.ts";
import { openPrivateFolder } from "../storage/atomic-file/atomic-file.ts";
import { type FeedFile, openFeedFile } from "../storage/feed-file/feed-file.ts";
import { type FolderLock, takeFolderLock } from "../storage/folder-lock/folder-lock.ts";
import { type Maildir, openMaildir, openSpool, type Spool } from "../storage/maildir/maildir.ts";
import type { Config, WebcalConfig } from "./config.ts";
import type { Log } from "./log.ts";
import { VERSION } from "./version.ts";
import { REAL_WORLD, type World } from "./world.ts";

/** Raised when a new version reads messages otherwise, so that what was read before is read again. */
const RULES_VERSION = 3;

/** Where everything lies below MAILFOLDER. */
export function foldersOf({ mailFolder, user }: Pick<Config, "mailFolder" | "user">) {
  const webcal = join(mailFolder, "webcal");
  return {
    lock: join(mailFolder, "secretary.lock"),
    maildir: join(mailFolder, user, "Maildir"),
    webcal,
    spool: join(webcal, "spool"),
    agendaDb: join(webcal, "agenda.db"),
    feed: join(webcal, "calendar.ics"),
  };
}

/**
 * Makes this the one process that works with MAILFOLDER, which is made if it is missing; the first thing that
 * fails when it cannot be written.
 * @returns nothing when another process works with it already
 */
export async function lockMailFolder(config: Config): Promise<FolderLock | undefined> {
  await openPrivateFolder(config.mailFolder, "mail");
  return takeFolderLock(foldersOf(config).lock);
}

/** Why a server does not start where another process works with MAILFOLDER. */
export function alreadyAtWork(mailFolder: string): Error {
  return new Error(`Cannot start: another Secretary works with "${mailFolder}"; stop it first`);
}

/** Opens the user's mailboxes, for who holds the lock or does nothing but deliver. */
export function openMail(config: Config, { now, random }: World, log: Log): Promise<Maildir> {
  return openMaildir(foldersOf(config).maildir, {
    now,
    randomOctets: random,
    hostname: hostname(),
    describer,
    onUnreadable: (message) =>
      log.warn(message, "A message cannot be read: look whether its file and disk are in order"),
  });
}

/** The desk of the secretary: all that it works with, and closing it. */
export interface Desk {
  readonly options: SecretaryOptions;
  readonly feedFile: FeedFile;
  readonly spool: Spool;
  /** Whether a message of the calendar is from this address, in lower case. Never throws: mail comes first. */
  isKnownSender(address: string): boolean;
  close(): Promise<void>;
}

export interface DeskOptions {
  readonly config: Config;
  readonly webcal: WebcalConfig;
  readonly maildir: Maildir;
  readonly log: Log;
  readonly world: World;
  /** Called when somebody else removed or changed calendar.ics. */
  readonly onForeignFeed: () => void;
}

/** Opens what the secretary works with, for who holds the lock. */
export async function openDesk(options: DeskOptions): Promise<Desk> {
  const { config, webcal, maildir, log, world, onForeignFeed } = options;
  const folders = foldersOf(config);
  await openPrivateFolder(folders.webcal, "the calendar");
  const spool = await openSpool(folders.spool);
  const db = AgendaDb.open(folders.agendaDb, fingerprintOf(config, webcal));
  const feedFile = await openFeedFile(folders.feed, onForeignFeed);
  const secretary: SecretaryOptions = {
    ...jobOf(config, webcal),
    maildir,
    spool,
    db,
    feedFile,
    now: world.now,
    log,
  };
  return {
    options: secretary,
    feedFile,
    spool,
    isKnownSender(address) {
      try {
        return db.hasMessageFrom(address);
      } catch (err) {
        log.warn({ err }, "Cannot look a sender up in the calendar");
        return false;
      }
    },
    async close() {
      await feedFile.stop();
      db.close();
    },
  };
}

/**
 * For commands: locks MAILFOLDER and opens all of it. Closing the desk lets go of it again.
 * @returns nothing when another process works with it already
 */
export async function openDeskAlone(
  config: Config,
  webcal: WebcalConfig,
  log: Log,
): Promise<Desk | undefined> {
  const lock = await lockMailFolder(config);
  if (lock === undefined) return undefined;
  const maildir = await openMail(config, REAL_WORLD, log);
  const onForeignFeed = () => undefined;
  const desk = await openDesk({ config, webcal, maildir, log, world: REAL_WORLD, onForeignFeed });
  return {
    ...desk,
    async close() {
      await desk.close();
      await maildir.close();
      lock.release();
    },
  };
}

/** What the calendar follows from besides messages: when it changes, everything is read and merged again. */
function fingerprintOf({ domain, user }: Config, webcal: WebcalConfig): string {
  const { timeZone, ingestUser, ownAddresses, allowedSenders } = webcal;
  return JSON.stringify([RULES_VERSION, domain, timeZone, user, ingestUser, ownAddresses, allowedSenders]);
}

/** For commands: stops the secretary when nothing waits any more, or when `stop` is aborted. */
export async function workUntilDone(secretary: Secretary, stop: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<void>();
  stop.addEventListener("abort", () => aborted.resolve(), { once: true });
  await Promise.race([secretary.settled(), aborted.promise]);
  await secretary.stop();
}

type Job = Pick<SecretaryOptions, "policy" | "identity" | "settings" | "reading" | "keepSeconds">;

/** What the settings mean for the secretary. */
export function jobOf({ domain, user }: Config, webcal: WebcalConfig): Job {
  const identity = identityOf(domain, user, webcal);
  return {
    policy: policyOf(webcal, identity),
    identity,
    settings: {
      name: webcal.name,
      zone: webcal.timeZone,
      refresh: formatIsoDuration(webcal.refreshMs),
      version: VERSION,
    },
    reading: { domain, defaultZone: webcal.timeZone },
    keepSeconds: webcal.keepMs === "forever" ? undefined : webcal.keepMs / 1000,
  };
}

function identityOf(domain: string, user: string, { ingestUser, ownAddresses }: WebcalConfig): FeedIdentity {
  const userAddress = `${user.toLowerCase()}@${domain}`;
  const secretaryAddress = `${ingestUser}@${domain}`;
  const own = new Set([userAddress, secretaryAddress, ...ownAddresses]);
  return { user, userAddress, secretaryAddress, isOwnAddress: (address) => own.has(address) };
}

/**
 * The user's addresses are trusted: forwarding by hand is the ordinary way in. Where senders are verified,
 * everybody could claim to be the user, so proof is wanted; what somebody listed lacks, the list makes up for.
 */
function policyOf({ policy, allowedSenders }: WebcalConfig, identity: FeedIdentity): Policy {
  const addresses = new Set(allowedSenders.addresses);
  const domains = new Set(allowedSenders.domains);
  return {
    publish: policy,
    isTrustedSender(address, proof) {
      if (proof === "failed") return false;
      const isOwn = identity.isOwnAddress(address) && address !== identity.secretaryAddress;
      if (isOwn && proof !== "unproven") return true;
      return addresses.has(address) || domains.has(address.slice(address.lastIndexOf("@") + 1));
    },
  };
}

/** `PT1H30M` (RFC 5545 §3.3.6) for 5,400,000 ms. */
export function formatIsoDuration(durationMs: number): string {
  const minutes = Math.round(durationMs / 60_000);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return `PT${hours > 0 ? `${hours}H` : ""}${rest > 0 ? `${rest}M` : ""}`;
}
