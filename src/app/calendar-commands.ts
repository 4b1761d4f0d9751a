import { readPublishedVersions } from "../core/calendar/calendar.ts";
import { Agenda, explain, PUBLISHED_MAILBOX, startSecretary, verify } from "../secretary/secretary.ts";
import { AgendaDb } from "../storage/agenda-db/agenda-db.ts";
import { readFeedFile } from "../storage/feed-file/feed-file.ts";
import { isFolderLocked } from "../storage/folder-lock/folder-lock.ts";
import { peekMailbox } from "../storage/maildir/maildir.ts";
import { EXIT } from "./command-line.ts";
import type { Terminal } from "./commands.ts";
import type { Config, WebcalConfig } from "./config.ts";
import { foldersOf, jobOf, openDeskAlone, workUntilDone } from "./desk.ts";
import { createTroubleLog } from "./log.ts";
import { drawProgress } from "./progress.ts";
import { REAL_WORLD } from "./world.ts";

const ASKED_FOR = "ask for words of its title, a day as 2026-03-10, its UID, or the Message-ID of a mail";

/** Tells how an event became what it is; fails when nothing is known of it. */
export async function explainEvent(
  config: Config,
  webcal: WebcalConfig,
  { subject, terminal }: { readonly subject: string; readonly terminal: Terminal },
): Promise<number> {
  const db = AgendaDb.peek(foldersOf(config).agendaDb);
  try {
    const { identity } = jobOf(config, webcal);
    const agenda = agendaOn(db, config, webcal);
    const lines = explain(subject, { db, identity, agenda, zone: webcal.timeZone });
    if (lines.length === 0) {
      terminal.printError(`Nothing is known of "${subject}"; ${ASKED_FOR}\n`);
      return EXIT.failed;
    }
    terminal.print(`${lines.join("\n")}\n`);
    return EXIT.ok;
  } finally {
    db.close();
  }
}

/** Reads every message of the mailbox again. The counters of the feed stay, and so do its bytes. */
export async function rebuild(config: Config, webcal: WebcalConfig, terminal: Terminal): Promise<number> {
  const desk = await openDeskAlone(config, webcal, createTroubleLog(terminal));
  if (desk === undefined) {
    terminal.printError("The server is running: stop it first, or delete agenda.db and start it again\n");
    return EXIT.failed;
  }
  try {
    const { db } = desk.options;
    db.forgetMessages();
    const progress = drawProgress("Reading the mailbox Secretary", terminal);
    const secretary = await startSecretary({ ...desk.options, onProgress: progress.show });
    await workUntilDone(secretary, terminal.stop);
    progress.end();
    if (!db.isComplete) {
      terminal.printError("Not finished: the server goes on with it when it starts\n");
      return EXIT.failed;
    }
    terminal.print(`Read ${db.messageKeys().size} messages; calendar.ics is up to date\n`);
    return EXIT.ok;
  } finally {
    await desk.close();
  }
}

/** Says whether mailbox, agenda.db and calendar.ics agree, and where not. Only looks. */
export async function verifyCalendar(
  config: Config,
  webcal: WebcalConfig,
  terminal: Terminal,
): Promise<number> {
  const folders = foldersOf(config);
  const listed = new Set(await peekMailbox(folders.maildir, PUBLISHED_MAILBOX));
  const published = (await readFeedFile(folders.feed))?.octets;
  const db = AgendaDb.peek(folders.agendaDb);
  try {
    const differences = verify({ listed, db, agenda: agendaOn(db, config, webcal), published });
    for (const difference of differences) terminal.print(`${difference}\n`);
    if (differences.length === 0) terminal.print("Mailbox, agenda.db and calendar.ics agree\n");
    else terminal.print(isFolderLocked(folders.lock) ? WAIT : START);
    return differences.length === 0 ? EXIT.ok : EXIT.failed;
  } finally {
    db.close();
  }
}

/** What to do about differences. */
const WAIT = 'The running server looks once a minute: if it still differs then, stop it and run "rebuild"\n';
const START = "The server sees to that when it starts\n";

function agendaOn(db: AgendaDb, config: Config, webcal: WebcalConfig): Agenda {
  const { identity, settings, keepSeconds, policy } = jobOf(config, webcal);
  const { isTrustedSender } = policy;
  const published = readPublishedVersions("");
  return new Agenda({ db, identity, settings, keepSeconds, now: REAL_WORLD.now, published, isTrustedSender });
}
