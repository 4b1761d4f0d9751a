import { join } from "node:path";
import {
  APPROVED_KEYWORD,
  HELD_MAILBOX,
  PUBLISHED_MAILBOX,
  type Secretary,
  startSecretary,
} from "../secretary/secretary.ts";
import { startImapServer } from "../servers/imap/imap.ts";
import {
  type AttemptLogin,
  createLoginCheck,
  createLoginGate,
  createProxies,
  createScramKeyring,
  createServerTls,
  type ListenAddress,
  type Proxies,
  type ServerTls,
} from "../servers/net/net.ts";
import {
  createSenderVerifier,
  type Deliver,
  type Greylist,
  startSmtpServer,
  type VerificationOptions,
} from "../servers/smtp/smtp.ts";
import { startWebServer } from "../servers/web/web.ts";
import type { PublishedFeed } from "../storage/feed-file/feed-file.ts";
import { openGreylistDb } from "../storage/greylist-db/greylist-db.ts";
import { holdOctets } from "../storage/held-octets/held-octets.ts";
import type { Destination, Maildir } from "../storage/maildir/maildir.ts";
import {
  readOrMakeTlsPair,
  type TlsPair,
  type TlsWatch,
  watchTlsPair,
  whyNotInForce,
} from "../storage/tls-files/tls-files.ts";
import type { Config, WebcalConfig } from "./config.ts";
import { alreadyAtWork, type Desk, foldersOf, lockMailFolder, openDesk, openMail } from "./desk.ts";
import { clashesOf, listenersOf } from "./listeners.ts";
import type { Log } from "./log.ts";
import { VERSION } from "./version.ts";
import { REAL_WORLD, type World } from "./world.ts";

type Address = Required<ListenAddress>;

/** A running server. */
export interface App {
  readonly addresses: {
    readonly smtp: Address;
    readonly imap: Address;
    readonly imaps: Address | undefined;
    readonly web: Address | undefined;
  };
  /** What readers get now. */
  feed(): PublishedFeed | undefined;
  /** How many events are in it, series and their overrides counted once. */
  events(): number;
  /** Resolves when everything that was delivered so far is in the feed, if it belongs there. */
  settled(): Promise<void>;
  /** Looks for a renewed certificate now, and takes it into use. */
  checkCertificate(): Promise<void>;
  /** Stops listening, finishes what is being received, sorts what was, closes everything. */
  stop(): Promise<void>;
}

export interface AppOptions {
  readonly log: Log;
  readonly world?: World;
}

/** Builds the server and starts it: storage first, so that an unusable disk fails before anybody connects. */
export async function startApp(config: Config, { log, world = REAL_WORLD }: AppOptions): Promise<App> {
  const started = new Stack();
  try {
    const lock = await lockMailFolder(config);
    if (lock === undefined) throw alreadyAtWork(config.mailFolder);
    started.push({ stop: async () => lock.release() });
    const clashes = await clashesOf(listenersOf(config));
    if (clashes.length > 0) throw new Error(clashes.join("\n"));
    const maildir = await openMail(config, world, log);
    started.push({ stop: () => maildir.close() });
    const { tls, watch } = await startTls(config, { log, world, started });
    const office =
      config.webcal && (await startOffice(config, config.webcal, { log, world, maildir, started }));
    const account = { user: config.user, domain: config.domain, secret: config.password.reveal() };
    // One gate for all servers: who guesses at one of them is slowed at the others too.
    const attempt = createLoginGate(world.now);
    const checkLogin = createLoginCheck(account, world);
    const attemptLogin: AttemptLogin = (address, user, password) =>
      attempt(address, () => checkLogin(user, password));
    const keysOf = createScramKeyring(account, world.random);
    const proxies = createProxies(config.trustedProxies);
    const servers = startServers(started);
    const web =
      office &&
      servers.add(await startFeedServer(office, { log, tls, attemptLogin, proxies, now: world.now }));
    const imap = servers.add(
      await startImapServer({
        listen: config.imapListen,
        ...(config.imapsListen === undefined ? {} : { listenTls: config.imapsListen }),
        domain: config.domain,
        tls,
        mailboxes: maildir.mailboxes,
        attemptLogin,
        scram: keysOf && { attempt, keysOf, random: world.random },
        proxies,
        maxMessageOctets: config.maxMessageOctets,
        // What the user puts into the calendar is approved, whoever sent it.
        keywordsOfPlaced: new Map(office === undefined ? [] : [[PUBLISHED_MAILBOX, [APPROVED_KEYWORD]]]),
        neededMailboxes: new Set(office === undefined ? [] : [PUBLISHED_MAILBOX, HELD_MAILBOX]),
        version: VERSION,
        now: world.now,
        log,
      }),
    );
    const smtp = await startSmtpServer({
      listen: config.smtpListen,
      domain: config.domain,
      tls,
      deliver: delivererTo(maildir, config, office),
      maxMessageOctets: config.maxMessageOctets,
      foreignRecipients: config.foreignRecipients,
      blockedRecipients: config.blockedRecipients,
      requireTls: config.smtpRequireTls,
      proxies,
      ...verificationFor(config, { log, world }),
      ...startGreylist(config, office, { log, world, started }),
      now: world.now,
      random: world.random,
      log,
    });
    servers.add(smtp);
    const addresses = {
      smtp: smtp.address,
      imap: imap.address,
      imaps: imap.addressTls,
      web: web?.address,
    };
    log.info(addresses, "Secretary is up");
    return {
      addresses,
      feed: () => office?.desk.feedFile.current(),
      events: () => office?.secretary.events() ?? 0,
      settled: async () => office?.secretary.settled(),
      checkCertificate: () => watch.check(),
      stop: () => started.stop(),
    };
  } catch (error) {
    await started.stop();
    throw error;
  }
}

/** What was started, to be stopped in reverse order. */
class Stack {
  readonly #entries: { stop(): Promise<void> }[] = [];

  push(entry: { stop(): Promise<void> }): void {
    this.#entries.push(entry);
  }

  async stop(): Promise<void> {
    for (let entry = this.#entries.pop(); entry !== undefined; entry = this.#entries.pop())
      await entry.stop();
  }
}

interface Stoppable {
  stop(): Promise<void>;
}

/** The servers stop together: each may take its time to finish what it is doing, and there is little. */
function startServers(started: Stack): { add<Server extends Stoppable>(server: Server): Server } {
  const running: Stoppable[] = [];
  started.push({
    async stop() {
      await Promise.all(running.map((server) => server.stop()));
    },
  });
  return {
    add(server) {
      running.push(server);
      return server;
    },
  };
}

interface Starting {
  readonly log: Log;
  readonly world: World;
  readonly started: Stack;
}

async function startTls(
  { domain, tlsFiles }: Config,
  { log, world, started }: Starting,
): Promise<{ tls: ServerTls; watch: TlsWatch }> {
  const current = await readOrMakeTlsPair(tlsFiles, { domain, now: world.now });
  const tls = createServerTls(current);
  const warnIfNotInForce = (pair: TlsPair) => {
    const why = whyNotInForce(pair, world.now());
    if (why !== undefined) log.warn({}, why);
  };
  warnIfNotInForce(current);
  const watch = watchTlsPair({
    ...tlsFiles,
    current,
    onRenewed(pair) {
      tls.replace(pair);
      log.info({}, "Certificate renewed: new connections use it");
      warnIfNotInForce(pair);
    },
    onProblem: (err) => log.warn({ err }, "Cannot use the changed key or certificate: the old pair stays"),
  });
  started.push(watch);
  return { tls, watch };
}

/** The option of the SMTP server, if senders are to be verified. */
function verificationFor(
  config: Config,
  { log, world }: Omit<Starting, "started">,
): { verification?: VerificationOptions } {
  if (config.dmarcPolicy === "off") return {};
  const folder = join(foldersOf(config).maildir, "tmp");
  const verification: VerificationOptions = {
    verifier: createSenderVerifier({ serverName: config.domain, resolve: world.resolve, log }),
    hold: (octets) => holdOctets(octets, folder),
    dmarcPolicy: config.dmarcPolicy === "reject" ? "enforce" : "observe",
  };
  return { verification };
}

/** The option of the SMTP server, if greylisting is wanted. */
function startGreylist(
  { graylisting }: Config,
  office: Office | undefined,
  { log, world, started }: Starting,
): { greylist?: Greylist } {
  if (graylisting === undefined) return {};
  const { databaseFile: path, delayMs, expiryMs } = graylisting;
  const onProblem = (err: Error) => log.warn({ err }, "Greylisting failed: strangers pass meanwhile");
  const db = openGreylistDb({ path, delayMs, expiryMs, now: world.now, onProblem });
  started.push({ stop: async () => db.close() });
  // Whoever brought an event that is in the calendar is no stranger.
  const isKnown = (path: string) => office?.desk.isKnownSender(path.toLowerCase()) ?? false;
  return { greylist: (attempt) => (isKnown(attempt.reversePath) ? 0 : db.check(attempt)) };
}

interface Office {
  readonly desk: Desk;
  readonly secretary: Secretary;
  readonly webcal: WebcalConfig;
}

async function startOffice(
  config: Config,
  webcal: WebcalConfig,
  { log, world, maildir, started }: Starting & { readonly maildir: Maildir },
): Promise<Office> {
  let secretary: Secretary | undefined;
  const onForeignFeed = () => secretary?.republish();
  const desk = await openDesk({ config, webcal, maildir, log, world, onForeignFeed });
  started.push({ stop: () => desk.close() });
  secretary = await startSecretary(desk.options);
  started.push(secretary);
  return { desk, secretary, webcal };
}

interface FeedServing {
  readonly log: Log;
  readonly tls: ServerTls;
  readonly attemptLogin: AttemptLogin;
  readonly proxies: Proxies;
  readonly now: () => Date;
}

function startFeedServer({ desk, webcal }: Office, { tls, ...serving }: FeedServing) {
  return startWebServer({
    listen: webcal.listen,
    ...(webcal.tls ? { tls } : {}),
    feed: () => desk.feedFile.current(),
    ...serving,
  });
}

/**
 * Mail for the secretary waits in the spool to be sorted, all other mail goes to INBOX; a message for both
 * is written once and appears in both.
 */
function delivererTo(maildir: Maildir, { domain }: Config, office: Office | undefined): Deliver {
  const secretaryAddress = `${office?.webcal.ingestUser}@${domain}`;
  return async ({ forwardPaths }, octets) => {
    const isForSecretary = (path: string) => office !== undefined && path.toLowerCase() === secretaryAddress;
    const destinations: Destination[] = [];
    if (!forwardPaths.every(isForSecretary)) destinations.push({ mailbox: "INBOX" });
    const toSort = forwardPaths.some(isForSecretary) ? office : undefined;
    if (toSort !== undefined) {
      toSort.secretary.expect();
      destinations.push({ folder: toSort.desk.spool.folder });
    }
    await maildir.deliver(octets, destinations);
    toSort?.secretary.wake();
  };
}
