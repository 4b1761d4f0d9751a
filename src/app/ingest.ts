import { readPublishedVersions } from "../core/calendar/calendar.ts";
import {
  type Candidate,
  type ComponentOutcome,
  rehearse,
  startParser,
  startSecretary,
} from "../secretary/secretary.ts";
import { AgendaDb } from "../storage/agenda-db/agenda-db.ts";
import { type MailFile, openMailFiles } from "../storage/mail-source/mail-source.ts";
import { type Maildir, openSpool } from "../storage/maildir/maildir.ts";
import { asMessage } from "./bare-files.ts";
import { EXIT } from "./command-line.ts";
import type { Terminal } from "./commands.ts";
import type { Config, WebcalConfig } from "./config.ts";
import { foldersOf, jobOf, openDeskAlone, openMail, workUntilDone } from "./desk.ts";
import { createTroubleLog, type Log } from "./log.ts";
import { REAL_WORLD } from "./world.ts";

export interface IngestOptions {
  readonly files: readonly string[];
  readonly dryRun: boolean;
  readonly terminal: Terminal;
}

/**
 * Puts messages before the secretary as if they had been mailed to it, and prints what became of each part.
 * Resolves to the exit code.
 */
export async function ingest(config: Config, webcal: WebcalConfig, options: IngestOptions): Promise<number> {
  const { terminal } = options;
  const files = await openMailFiles(options.files);
  if (options.dryRun) {
    await printRehearsal(files, { config, webcal, terminal });
    return EXIT.ok;
  }
  const log = createTroubleLog(terminal);
  const desk = await openDeskAlone(config, webcal, log);
  if (desk === undefined) {
    await printRehearsal(files, { config, webcal, terminal });
    await handOver(files, config, log);
    // Which may be a server without a calendar, or a command that is about to end.
    terminal.print(
      `Left for the Secretary that works with "${config.mailFolder}", or the next one with a calendar: ${countOf(files.length)}\n`,
    );
    return EXIT.ok;
  }
  try {
    const { maildir } = desk.options;
    await spoolAll(files, { config, maildir, folder: desk.spool.folder });
    const secretary = await startSecretary({
      ...desk.options,
      onOutcomes: (outcomes) => terminal.print(formatOutcomes(outcomes)),
    });
    await workUntilDone(secretary, terminal.stop);
    const waiting = (await desk.spool.list()).length;
    if (waiting === 0) return EXIT.ok;
    terminal.printError(
      `Not done: ${countOf(waiting)} in "${desk.spool.folder}"; the server will try again\n`,
    );
    return EXIT.failed;
  } finally {
    await desk.close();
  }
}

/** Many may deliver at a time: no lock is needed for that. */
async function handOver(files: readonly MailFile[], config: Config, log: Log): Promise<void> {
  const maildir = await openMail(config, REAL_WORLD, log);
  try {
    const { folder } = await openSpool(foldersOf(config).spool);
    await spoolAll(files, { config, maildir, folder });
  } finally {
    await maildir.close();
  }
}

function countOf(messages: number): string {
  return messages === 1 ? "1 message" : `${messages} messages`;
}

interface Rehearsing {
  readonly config: Config;
  readonly webcal: WebcalConfig;
  readonly terminal: Terminal;
}

async function printRehearsal(files: readonly MailFile[], { config, webcal, terminal }: Rehearsing) {
  const db = AgendaDb.copy(foldersOf(config).agendaDb);
  const parser = startParser({ onDeath: (reason) => terminal.printError(`${reason}\n`) });
  const { policy, reading, identity, settings, keepSeconds } = jobOf(config, webcal);
  const { now } = REAL_WORLD;
  const published = readPublishedVersions("");
  const { isTrustedSender } = policy;
  const agenda = { db, identity, settings, keepSeconds, now, published, isTrustedSender };
  try {
    const outcomes = await rehearse(candidatesFrom(files, config), { agenda, parser, policy, reading, now });
    terminal.print(formatOutcomes(outcomes));
  } finally {
    await parser.stop();
    db.close();
  }
}

function candidatesFrom(files: readonly MailFile[], config: Config): Candidate[] {
  return files.map((file) => ({ name: file.path, open: () => asMessage(file.read(), senderOf(config)) }));
}

/** A bare calendar file that the operator hands over is as good as one that the user forwards. */
function senderOf({ user, domain }: Config): string {
  return `${user.toLowerCase()}@${domain}`;
}

interface Spooling {
  readonly config: Config;
  readonly maildir: Maildir;
  readonly folder: string;
}

async function spoolAll(files: readonly MailFile[], { config, maildir, folder }: Spooling): Promise<void> {
  for (const file of files) await maildir.deliver(asMessage(file.read(), senderOf(config)), [{ folder }]);
}

/** One line for each component: outcome, reason, UID, what it is. */
export function formatOutcomes(outcomes: readonly ComponentOutcome[]): string {
  return outcomes
    .map(({ outcome: { outcome, reason }, uid, what }) => {
      const words = [outcome, reason, uid ?? "-", what].map((word) => word.replace(/\p{Cc}/gu, " "));
      return `${words.join(" ").trimEnd()}\n`;
    })
    .join("");
}
