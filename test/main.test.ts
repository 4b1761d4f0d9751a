import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";

const root = resolve(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "main-"));
after(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The real process, with this environment and nothing else in it. */
function secretary(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      [join(root, "src/main.ts"), ...argv],
      { env, timeout: 20_000 },
      (_, stdout, stderr) => done({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

const GOOD = {
  DOMAINNAME: "example.net",
  MAILUSER: "alice",
  MAILFOLDER: folder,
  PATH: "/usr/bin",
  SMTP_LISTEN: ":0",
  IMAP_LISTEN: ":0",
  WEBCAL_LISTEN: ":0",
};

test("--version prints the version of the package and ends with 0", async () => {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  for (const argv of [["--version"], ["check", "--version"]]) {
    assert.deepEqual(await secretary(argv), { code: 0, stdout: `${version}\n`, stderr: "" });
  }
});

test("--help prints usage, commands and exit codes and ends with 0", async () => {
  const { code, stdout, stderr } = await secretary(["--help"]);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^Usage: secretary COMMAND\n[\s\S]*\n {2}check [\s\S]*Exit codes: 0 [\s\S]*78/);
});

test("a command's --help is about that command", async () => {
  const { code, stdout } = await secretary(["check", "--help"]);
  assert.equal(code, 0);
  assert.match(stdout, /^Usage: secretary check\n/);
});

test("wrong usage ends with 2 and says what to do", async () => {
  for (const argv of [[], ["check", "--frce"]]) {
    const { code, stdout, stderr } = await secretary(argv);
    assert.deepEqual([code, stdout], [2, ""], argv.join(" "));
    assert.match(stderr, /\nTry "secretary --help"\n$/);
  }
});

test("check prints the effective settings without the password and ends with 0", async () => {
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, "marlin\n");
  for (const password of [{ MAILPASSWORD: "marlin" }, { MAILPASSWORD_FILE: passwordFile }]) {
    const { code, stdout, stderr } = await secretary(["check"], { ...GOOD, ...password });
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(
      stdout,
      /^DOMAINNAME=example\.net\n[\s\S]*^SMTP_LISTEN=:0$[\s\S]*^GRAYLISTING_ENABLED=false$/m,
    );
    assert.doesNotMatch(stdout, /marlin/);
  }
});

test("check names all faults and ends with 78", async () => {
  const { code, stdout, stderr } = await secretary(["check"], {
    ...GOOD,
    DOMAINNAME: "localhost",
    MAILPASSWORT: "marlin",
    MAILPASSWORD_FILE: join(folder, "none"),
  });
  assert.deepEqual([code, stdout], [78, ""]);
  assert.match(stderr, /^Cannot start: 3 settings are wrong\n {2}DOMAINNAME is "localhost": /);
  assert.match(stderr, /\n {2}MAILPASSWORD_FILE cannot be used: .*there is no such file\n/);
  assert.match(stderr, /\n {2}MAILPASSWORT is not a setting: remove it, or did you mean MAILPASSWORD\?\n/);
  assert.doesNotMatch(stderr, /marlin/);
});

test("check says that the secretary is blocked, whom nobody could then write to", async () => {
  const settings = { ...GOOD, MAILPASSWORD: "marlin" };
  for (const blocked of ["*", "sec*", "shop, Secretary@example.net"]) {
    const { code, stderr } = await secretary(["check"], { ...settings, BLOCKED_RECIPIENTS: blocked });
    assert.equal(code, 0, blocked);
    assert.match(stderr, /^Remark: BLOCKED_RECIPIENTS blocks secretary@example\.net as well, .*\n$/);
  }
  for (const harmless of [
    { BLOCKED_RECIPIENTS: "shop, s*p" },
    { BLOCKED_RECIPIENTS: "*", WEBCAL_ENABLED: "false" },
    { BLOCKED_RECIPIENTS: "sec*", WEBCAL_INGEST_USER: "agenda" },
  ]) {
    assert.equal((await secretary(["check"], { ...settings, ...harmless })).stderr, "");
  }
});

test("a command whose output nobody reads ends without a word, as if SIGPIPE had ended it", async () => {
  const env = { ...GOOD, MAILPASSWORD: "marlin" };
  const child = spawn(process.execPath, [join(root, "src/main.ts"), "check"], { env });
  child.stdout.destroy();
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  const [code] = await once(child, "close");
  assert.deepEqual({ code, said }, { code: 141, said: "" });
});
