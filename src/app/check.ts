import { dirname } from "node:path";
import { createServerTls, tryToListen } from "../servers/net/net.ts";
import { checkPrivateFolder } from "../storage/atomic-file/atomic-file.ts";
import { isFolderLocked } from "../storage/folder-lock/folder-lock.ts";
import { checkMaildir } from "../storage/maildir/maildir.ts";
import { checkTlsPair, whyNotInForce } from "../storage/tls-files/tls-files.ts";
import { EXIT } from "./command-line.ts";
import type { Terminal } from "./commands.ts";
import type { Config } from "./config.ts";
import { foldersOf } from "./desk.ts";
import { formatEffectiveSettings } from "./effective-settings.ts";
import { formatFailure } from "./failure.ts";
import { clashesOf, listenersOf } from "./listeners.ts";
import { noticesAbout } from "./notices.ts";
import { formatListenAddress } from "./setting-text.ts";
import { REAL_WORLD } from "./world.ts";

/** What a start would meet on this machine. */
interface Findings {
  /** With which it would fail. */
  readonly problems: unknown[];
  /** What the operator may want to know all the same. */
  readonly remarks: string[];
}

/**
 * Prints the settings, and what the server would meet with them, in its own words: all of it, where a start
 * gives up at the first. Makes and changes nothing. Resolves to the exit code.
 */
export async function check(config: Config, { print, printError }: Terminal): Promise<number> {
  print(formatEffectiveSettings(config));
  const findings: Findings = { problems: [], remarks: [] };
  await lookAtFolders(config, findings);
  await lookAtCertificate(config, findings);
  await lookAtPorts(config, findings);
  findings.remarks.push(
    ...(await noticesAbout(config)).map(({ setting, message }) => `${setting} ${message}`),
  );
  const problems = findings.problems.map(formatFailure);
  const remarks = findings.remarks.map((remark) => `Remark: ${remark}`);
  for (const line of [...problems, ...remarks]) printError(`${line}\n`);
  return problems.length === 0 ? EXIT.ok : EXIT.failed;
}

async function lookAtFolders(config: Config, { problems, remarks }: Findings): Promise<void> {
  const { maildir, webcal } = foldersOf(config);
  const note = (problem: unknown) => void problems.push(problem);
  await checkPrivateFolder(config.mailFolder, "mail")
    .then(() => checkMaildir(maildir))
    .catch(note);
  if (config.webcal !== undefined) await checkPrivateFolder(webcal, "the calendar").catch(note);
  if (config.graylisting === undefined) return;
  const folder = dirname(config.graylisting.databaseFile);
  await checkPrivateFolder(folder, "the greylist").catch((problem) =>
    remarks.push(`${formatFailure(problem)}\n  Strangers would pass without having to wait`),
  );
}

async function lookAtCertificate({ tlsFiles }: Config, { problems, remarks }: Findings): Promise<void> {
  try {
    const pair = await checkTlsPair(tlsFiles);
    if (pair === undefined) return;
    createServerTls(pair);
    const why = whyNotInForce(pair, REAL_WORLD.now());
    if (why !== undefined) remarks.push(why);
  } catch (problem) {
    problems.push(problem);
  }
}

/** Ports in use are nothing to complain of while our own server runs: it could not do so without them. */
async function lookAtPorts(config: Config, { problems, remarks }: Findings): Promise<void> {
  const listeners = listenersOf(config);
  const trials = await tryToListen(listeners.map(({ address }) => address));
  const isRunning = isFolderLocked(foldersOf(config).lock);
  const failed = trials.filter(({ isTaken }) => !(isRunning && isTaken));
  problems.push(...failed.flatMap(({ problem }) => problem ?? []), ...(await clashesOf(listeners)));
  if (!isRunning) return;
  const taken = trials.filter(({ isTaken }) => isTaken).map(({ address }) => formatListenAddress(address));
  const ports = taken.length === 0 ? "" : `, and what listens on ${taken.join(", ")} should be it`;
  remarks.push(
    `A Secretary works with "${config.mailFolder}" now${ports}; stop it before another one starts`,
  );
}
