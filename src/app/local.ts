import { execFile } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describeFeed } from "../core/calendar/calendar.ts";
import { findFreePort } from "../servers/net/net.ts";
import { isFolderLocked } from "../storage/folder-lock/folder-lock.ts";
import { readOrMakeSecretFile } from "../storage/secret-file/secret-file.ts";
import { EXIT } from "./command-line.ts";
import type { Terminal } from "./commands.ts";
import { type Config, formatFaults, readConfig } from "./config.ts";
import { alreadyAtWork, foldersOf } from "./desk.ts";
import { createLog } from "./log.ts";
import { type App, startApp } from "./server.ts";
import { REAL_WORLD } from "./world.ts";

const HOST = "127.0.0.1";
const DOMAIN = "example.test";
const USER = "user";
const PORTS = { SMTP_LISTEN: 2525, IMAP_LISTEN: 1143, WEBCAL_LISTEN: 8088 } as const;
/** Not among the mailed samples, so that mailing it adds an event. */
const INVITATION = fileURLToPath(new URL("../../fixtures/samples/invitation.ics", import.meta.url));
/** 96 bits, more than anybody guesses, and short enough to type into a phone. */
const PASSWORD_OCTETS = 12;

/**
 * Tries everything on this machine alone, without settings: loopback, high ports, data and password in
 * `./data`. Mails the sample invitations to itself the first time, and stays up until it is stopped.
 */
export async function runLocally({ print, printError, stop }: Terminal): Promise<number> {
  const folder = resolve("data");
  // Before anything is said of ports: the one that works here has them.
  if (isFolderLocked(foldersOf({ mailFolder: folder, user: USER }).lock)) throw alreadyAtWork(folder);
  let isFirstStart = false;
  const password = await readOrMakeSecretFile(join(folder, "password"), () => {
    isFirstStart = true;
    return Buffer.from(REAL_WORLD.random(PASSWORD_OCTETS)).toString("base64url");
  });
  const ports = await choosePorts(print);
  const settings = {
    DOMAINNAME: DOMAIN,
    MAILUSER: USER,
    MAILPASSWORD: password,
    MAILFOLDER: folder,
    DMARC_POLICY: "off", // names like example.test are in no DNS
    ...ports,
  };
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const reading = readConfig(() => "", { ...settings, WEBCAL_TIMEZONE: zone });
  if (!reading.ok) {
    printError(formatFaults(reading.faults));
    return EXIT.configuration;
  }
  const log = createLog({ debug: false, format: "lines", write: printError });
  const app = await startApp(reading.config, { log });
  try {
    await app.settled();
    // Not again when the user has removed them.
    if (isFirstStart) await mailSamples(app);
    printGuide({ app, config: reading.config, password, print });
    if (!stop.aborted) await once(stop, "abort");
  } finally {
    await app.stop();
  }
  return EXIT.ok;
}

/** Taken ports are no reason to give up: the next free ones are used, and said. */
async function choosePorts(print: Terminal["print"]): Promise<Record<keyof typeof PORTS, string>> {
  const chosen: Record<string, string> = {};
  for (const [name, wish] of Object.entries(PORTS)) {
    const port = await findFreePort({ host: HOST, port: wish });
    if (port !== wish) print(`Port ${wish} is taken: using ${port} instead\n`);
    chosen[name] = `${HOST}:${port}`;
  }
  return chosen as Record<keyof typeof PORTS, string>;
}

/**
 * The samples are mailed by a process of its own with a development dependency: the server has no code
 * that sends mail, not even for this.
 */
async function mailSamples(app: App): Promise<void> {
  const script = fileURLToPath(new URL("../../fixtures/samples/mail-samples.ts", import.meta.url));
  const { smtp } = app.addresses;
  await promisify(execFile)(process.execPath, [script, smtp.host, String(smtp.port), `secretary@${DOMAIN}`]);
  await app.settled();
}

interface Guide {
  readonly app: App;
  readonly config: Config;
  readonly password: string;
  readonly print: Terminal["print"];
}

function printGuide({ app, config, password, print }: Guide): void {
  const { smtp, imap, web } = app.addresses;
  const feed = app.feed();
  const url = `http://${web?.host}:${web?.port}/calendar.ics`;
  const agenda = feed === undefined ? [] : describeFeed(feed.octets, config.webcal?.timeZone ?? "UTC");
  print(`
In the calendar now:
${agenda.map((line) => `  ${line}\n`).join("")}
See the feed:
  curl -u ${USER}:${password} ${url}

In a mail app:
  user name ${USER}, password ${password}
  IMAP server ${imap.host}, port ${imap.port}, STARTTLS; accept the certificate, it was made here
  Move a message out of the mailbox Secretary and its events leave the calendar; move it back and they return.

In a calendar app, subscribe to:
  ${url}
  user name ${USER}, password ${password}

Mail an invitation to the secretary (or anything to anybody@${DOMAIN}):
  SMTP server ${smtp.host}, port ${smtp.port}, STARTTLS, no login
  swaks --server ${smtp.host}:${smtp.port} -tls --to secretary@${DOMAIN} --attach-type text/calendar --attach "@${INVITATION}"

Everything is kept in ${config.mailFolder}. Stop with Ctrl-C.
`);
}
