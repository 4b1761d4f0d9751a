import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { skipWithout } from "../../installed-programs.ts";
import { deliver, PASSWORD, type RunningImap, startImap, USER } from "./imap-fixture.ts";

/** Mail programs as Debian has them; each test skips where its program is not installed. */
const run = promisify(execFile);

const message = (subject: string): string =>
  `From: Ann <ann@example.org>\r\nTo: anna@example.test\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@example.org>\r\n\r\nText of ${subject}\r\n`;

async function prepare(t: TestContext): Promise<{ imap: RunningImap; home: string }> {
  const imap = await startImap(t);
  await deliver(imap.maildir, "INBOX", message("one"), message("two"), message("three"));
  const home = await mkdtemp(join(tmpdir(), "imap-client-"));
  t.after(() => rm(home, { recursive: true, force: true }));
  return { imap, home };
}

test("Python's imaplib reads, searches, stores, appends and sorts", {
  skip: skipWithout("python3"),
}, async (t) => {
  const { imap, home } = await prepare(t);
  const script = join(home, "client.py");
  await writeFile(
    script,
    `
import imaplib, ssl, sys
context = ssl._create_unverified_context()
for connect in (lambda: imaplib.IMAP4_SSL("127.0.0.1", ${imap.portTls}, ssl_context=context), lambda: imaplib.IMAP4("127.0.0.1", ${imap.port})):
    client = connect()
    if not isinstance(client, imaplib.IMAP4_SSL): assert client.starttls(ssl_context=context)[0] == "OK"
    assert client.login("${USER}", "${PASSWORD}")[0] == "OK"
    assert client.select("INBOX") == ("OK", [b"3"])
    assert client.search(None, "SUBJECT", "two") == ("OK", [b"2"])
    status, data = client.fetch("2", "(RFC822 FLAGS)")
    assert data[0][1] == b${JSON.stringify(message("two"))}, data
    assert client.store("1", "+FLAGS", "(\\\\Flagged)")[0] == "OK"
    assert client.append("Drafts", "(\\\\Draft)", imaplib.Time2Internaldate(0), b"Subject: draft\\r\\n\\r\\nx\\r\\n")[0] == "OK"
    assert client.uid("copy", "3", "Archive")[0] == "OK"
    assert client.status("Archive", "(MESSAGES)")[0] == "OK"
    assert b"Sent" in b"".join(client.list()[1])
    assert client.sort("REVERSE SUBJECT", "UTF-8", "ALL") == ("OK", [b"2 3 1"])
    assert client.thread("REFERENCES", "UTF-8", "ALL")[0] == "OK"
    client.close(); client.logout()
`,
  );
  await run("python3", [script]);
});

for (const mechanism of ["SCRAM-SHA-256-PLUS", "PLAIN", "LOGIN"]) {
  test(`GNU SASL logs in by ${mechanism}`, { skip: skipWithout("gsasl") }, async (t) => {
    const { imap } = await prepare(t);
    const options = [
      "--imap",
      "--starttls",
      "--no-client-first",
      "--x509-ca-file=",
      `--mechanism=${mechanism}`,
    ];
    const credentials = [
      `--authentication-id=${USER}`,
      `--authorization-id=${USER}`,
      `--password=${PASSWORD}`,
    ];
    const running = run("gsasl", [...options, ...credentials, "127.0.0.1", `${imap.port}`]);
    running.child.stdin?.end();
    const { stdout } = await running;
    assert.match(stdout, /^\. OK .* Logged in$/m);
  });
}

test("mutt logs in by SCRAM-SHA-256", { skip: skipWithout("mutt", "script") }, async (t) => {
  const { imap, home } = await prepare(t);
  await runMutt(imap, home, [
    'set imap_authenticators="scram-sha-256"',
    'push "<flag-message><sync-mailbox><quit>"',
  ]);
  const client = await imap.login();
  await client.ok("SELECT INBOX");
  assert.deepEqual(await client.ok("SEARCH FLAGGED"), ["SEARCH 1"]);
});

/** Lets mutt open INBOX with these settings; gives what was said. */
async function runMutt(imap: RunningImap, home: string, settings: readonly string[]): Promise<string> {
  await writeFile(join(home, "cert.pem"), imap.certificate);
  await writeFile(
    join(home, "muttrc"),
    [
      `set folder="imaps://${USER}@localhost:${imap.portTls}/" spoolfile="+INBOX"`,
      `set imap_user="${USER}" imap_pass="${PASSWORD}"`,
      `set certificate_file="${home}/cert.pem" ssl_verify_host=no`,
      "set confirmappend=no delete=yes quit=yes sleep_time=0 mark_old=no",
      ...settings,
      "",
    ].join("\n"),
  );
  await run("script", ["-qec", `mutt -n -d 2 -F ${home}/muttrc`, "/dev/null"], {
    env: { ...process.env, HOME: home, TERM: "xterm" },
    timeout: 20_000,
  });
  return readFile(join(home, ".muttdebug0"), "utf8");
}

test("curl lists, fetches and appends", { skip: skipWithout("curl") }, async (t) => {
  const { imap, home } = await prepare(t);
  const curl = async (path: string, ...options: string[]): Promise<string> => {
    const url = `imaps://127.0.0.1:${imap.portTls}/${path}`;
    const { stdout } = await run("curl", ["-sS", "-k", "-u", `${USER}:${PASSWORD}`, ...options, url]);
    return stdout;
  };
  assert.match(await curl(""), /LIST .* Sent/);
  assert.equal(await curl("INBOX;UID=2"), message("two"));
  assert.equal(await curl("INBOX;UID=2;SECTION=TEXT"), "Text of two\r\n");
  assert.match(await curl("INBOX?SUBJECT%20three"), /SEARCH 3/);
  const file = join(home, "sent.eml");
  await writeFile(file, message("sent"));
  await curl("Sent", "-T", file);
  assert.equal(await curl("Sent;UID=1"), message("sent"));
});

/** Has mbsync's settings in that folder. */
async function writeMbsyncrc(imap: RunningImap, home: string, mechanism: string): Promise<string> {
  await mkdir(join(home, "mail"));
  await writeFile(join(home, "cert.pem"), imap.certificate);
  const path = join(home, "mbsyncrc");
  await writeFile(
    path,
    [
      "IMAPAccount test",
      "Host localhost",
      `Port ${imap.portTls}`,
      `User ${USER}`,
      `Pass "${PASSWORD}"`,
      "SSLType IMAPS",
      "SSLVersions TLSv1.3",
      `AuthMechs ${mechanism}`,
      `CertificateFile ${home}/cert.pem`,
      "",
      "IMAPStore far",
      "Account test",
      "",
      "MaildirStore near",
      `Path ${home}/mail/`,
      `Inbox ${home}/mail/INBOX`,
      "SubFolders Verbatim",
      "",
      "Channel test",
      "Far :far:",
      "Near :near:",
      "Patterns *",
      "Create Both",
      "Expunge Both",
      "SyncState *",
      "",
    ].join("\n"),
  );
  return path;
}

test("mbsync logs in by SCRAM-SHA-256", { skip: skipWithout("mbsync") || skipWithoutScram() }, async (t) => {
  const { imap, home } = await prepare(t);
  const mbsyncrc = await writeMbsyncrc(imap, home, "SCRAM-SHA-256");
  const { stdout } = await run("mbsync", ["-c", mbsyncrc, "--list", "test"], {
    env: { ...process.env, HOME: home },
  });
  assert.match(stdout, /^Archive$/m);
});

/** Where Debian has the mechanism that programs with Cyrus SASL load. */
function skipWithoutScram(): string | false {
  const isInstalled = readdirSync("/usr/lib").some((folder) =>
    existsSync(`/usr/lib/${folder}/sasl2/libscram.so`),
  );
  return isInstalled ? false : "libscram.so (Debian's package libsasl2-modules) is not installed";
}

test("mbsync keeps a Maildir in line, both ways", { skip: skipWithout("mbsync") }, async (t) => {
  const { imap, home } = await prepare(t);
  const mbsyncrc = await writeMbsyncrc(imap, home, "LOGIN");
  const sync = () => run("mbsync", ["-c", mbsyncrc, "-a"], { env: { ...process.env, HOME: home } });
  await sync();
  const inbox = join(home, "mail", "INBOX");
  const files = [...(await readdir(join(inbox, "new"))), ...(await readdir(join(inbox, "cur")))];
  assert.equal(files.length, 3);
  await writeFile(join(inbox, "cur", "1700000000.M1P1.near:2,FS"), message("from near").replaceAll("\r", ""));
  const client = await imap.login();
  await client.ok("SELECT INBOX");
  await client.ok("STORE 1 +FLAGS (\\Deleted)");
  await client.ok("EXPUNGE");
  await sync();
  await client.ok("NOOP");
  const found = await client.ok("SEARCH SUBJECT near FLAGGED");
  assert.deepEqual(found, ["SEARCH 3"]);
  const left = [...(await readdir(join(inbox, "new"))), ...(await readdir(join(inbox, "cur")))];
  assert.equal(left.length, 3);
});

test("mutt flags, copies and deletes", { skip: skipWithout("mutt", "script") }, async (t) => {
  const { imap, home } = await prepare(t);
  await runMutt(imap, home, [
    'push "<first-entry><flag-message><copy-message>=Archive<enter><last-entry><delete-message><sync-mailbox><quit>"',
  ]);
  const client = await imap.login();
  await client.ok("SELECT INBOX");
  assert.deepEqual(await client.ok("SEARCH FLAGGED"), ["SEARCH 1"]);
  assert.deepEqual(await client.ok("SEARCH ALL"), ["SEARCH 1 2"]);
  await client.ok("SELECT Archive");
  assert.deepEqual(await client.ok("SEARCH SUBJECT two"), ["SEARCH 1"]);
});

test("mutt comes back with QRESYNC to a mailbox that others changed, compressed", {
  skip: skipWithout("mutt", "script"),
}, async (t) => {
  const { imap, home } = await prepare(t);
  const cached = [
    "set imap_qresync=yes imap_condstore=yes imap_deflate=yes",
    `set header_cache="${home}/cache" message_cachedir="${home}/bodies"`,
  ];
  await mkdir(join(home, "cache"));
  await runMutt(imap, home, [...cached, 'push "<display-message><exit><quit>"']);
  const client = await imap.login();
  await client.ok("SELECT INBOX");
  await client.ok("STORE 3 +FLAGS (\\Flagged)");
  await client.ok("STORE 2 +FLAGS (\\Deleted)");
  await client.ok("EXPUNGE");
  await client.append("INBOX", message("four"), "(\\Flagged) ");
  const said = await runMutt(imap, home, [
    ...cached,
    'push "<tag-pattern>~F<enter><tag-prefix><copy-message>=Archive<enter><quit>"',
  ]);
  assert.match(said, /COMPRESS DEFLATE.*VANISHED \(EARLIER\) 2\b/s);
  await client.ok("SELECT Archive");
  const found = await client.ok("FETCH 1:* BODY.PEEK[HEADER.FIELDS (SUBJECT)]");
  assert.deepEqual(
    found.map((line) => /Subject: (\w+)/.exec(line)?.[1]),
    ["three", "four"],
  );
});

test("offlineimap keeps a Maildir in line", { skip: skipWithout("offlineimap") }, async (t) => {
  const { imap, home } = await prepare(t);
  await writeFile(join(home, "cert.pem"), imap.certificate);
  await writeFile(
    join(home, "offlineimaprc"),
    [
      "[general]",
      "accounts = test",
      `metadata = ${home}/metadata`,
      "[Account test]",
      "localrepository = near",
      "remoterepository = far",
      "[Repository near]",
      "type = Maildir",
      `localfolders = ${home}/mail`,
      "[Repository far]",
      "type = IMAP",
      "remotehost = localhost",
      `remoteport = ${imap.portTls}`,
      `remoteuser = ${USER}`,
      `remotepass = ${PASSWORD}`,
      `sslcacertfile = ${home}/cert.pem`,
      "",
    ].join("\n"),
  );
  const sync = (): Promise<unknown> =>
    run("offlineimap", ["-o", "-c", join(home, "offlineimaprc"), "-u", "quiet"], {
      env: { ...process.env, HOME: home },
    });
  await sync();
  assert.equal((await readdir(join(home, "mail", "INBOX", "new"))).length, 3);
  assert.ok((await readdir(join(home, "mail"))).includes("Sent"));
  await writeFile(join(home, "mail", "Sent", "cur", "1700000000.M1P1.near:2,S"), message("sent"));
  await sync();
  const client = await imap.login();
  await client.ok("SELECT Sent");
  assert.deepEqual(await client.ok("SEARCH SEEN SUBJECT sent"), ["SEARCH 1"]);
});
