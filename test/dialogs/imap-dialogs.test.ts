import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import { Dovecot, hasDovecot, NO_DOVECOT } from "../servers/imap/dovecot.ts";
import { ImapClient } from "../servers/imap/imap-client.ts";
import { type Lifetime, type RunningImap, startImap } from "../servers/imap/imap-fixture.ts";
import { type ImapDialog, parseImapDialog, playDialog } from "./imap-dialog.ts";

/**
 * Every dialog is played to our server and, where it is installed, to Dovecot. With
 * DIALOG_TARGET=host:port, DIALOG_USER and DIALOG_PASSWORD they are played to any other server that
 * speaks TLS there, whose differences are then worth a look.
 */
const folder = join(import.meta.dirname, "../../fixtures/dialogs/imap");
const dialogs = readdirSync(folder).map((file) => {
  return { file, dialog: parseImapDialog(readFileSync(join(folder, file), "latin1")) };
});
const { DIALOG_TARGET, DIALOG_USER = "", DIALOG_PASSWORD = "" } = process.env;

/** They keep to a mailbox of their own, so that one server serves them all, as it must with DIALOG_TARGET. */
const ends: (() => unknown)[] = [];
const wholeFile: Lifetime = { after: (end) => ends.push(end) };
after(async () => {
  for (const end of ends.reverse()) await end();
});

describe("IMAP dialogs", { skip: DIALOG_TARGET !== undefined }, () => {
  let imap: RunningImap;
  before(async () => {
    imap = await startImap(wholeFile);
  });
  for (const { file, dialog } of dialogs) {
    test(`IMAP dialog ${file}`, async (t) => {
      const login = () => imap.login(t);
      const first = dialog.startsPlain
        ? await ImapClient.connect(imap.port, { isSecure: false })
        : await login();
      t.after(() => first.destroy());
      await play(t, { file, dialog }, { first, login });
    });
  }
});

describe("IMAP dialogs with Dovecot", { skip: hasDovecot ? false : NO_DOVECOT }, () => {
  let dovecot: Dovecot;
  before(async () => {
    dovecot = await Dovecot.prepare(wholeFile);
  });
  for (const { file, dialog } of dialogs) {
    const skip = dialog.startsPlain ? "It begins before the login" : (dialog.notForDovecot ?? false);
    test(`IMAP dialog ${file} with Dovecot`, { skip }, async (t) => {
      const login = () => dovecot.login(t);
      await play(t, { file, dialog }, { first: await login(), login });
    });
  }
});

describe("IMAP dialogs with DIALOG_TARGET", { skip: DIALOG_TARGET === undefined }, () => {
  for (const { file, dialog } of dialogs) {
    const skip = dialog.startsPlain ? "It begins before the login" : false;
    test(`IMAP dialog ${file} with ${DIALOG_TARGET}`, { skip }, async (t) => {
      const [host = "", port] = (DIALOG_TARGET ?? "").split(":");
      const login = async () => {
        const client = await ImapClient.connect(Number(port), { isSecure: true, host });
        t.after(() => client.destroy());
        await client.line();
        await client.ok(`LOGIN "${DIALOG_USER}" "${DIALOG_PASSWORD}"`);
        return client;
      };
      await play(t, { file, dialog }, { first: await login(), login });
    });
  }
});

async function play(
  t: TestContext,
  { file, dialog }: { readonly file: string; readonly dialog: ImapDialog },
  { first, login }: { readonly first: ImapClient; readonly login: () => Promise<ImapClient> },
): Promise<void> {
  const box = `dialog-${process.pid}-${file.replace(/\W/g, "-")}`;
  if (!dialog.startsPlain) {
    const [capabilities = ""] = await first.ok("CAPABILITY");
    const missing = dialog.needs.find((name) => !` ${capabilities} `.includes(` ${name} `));
    if (missing !== undefined) return t.skip(`The server does not announce ${missing}`);
    await first.ok(`CREATE ${box}`);
    for (const { flags, octets } of dialog.messages) await first.append(box, octets, `${flags} `);
  }
  await playDialog(dialog, { first, second: login }, { file, box });
  if (DIALOG_TARGET !== undefined) await (await login()).run(`DELETE ${box}`);
}
