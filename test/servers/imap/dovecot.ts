import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chown, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { Duplex } from "node:stream";
import { ImapClient } from "./imap-client.ts";
import type { Lifetime } from "./imap-fixture.ts";

const IMAP_PROGRAM = "/usr/lib/dovecot/imap";

/** Debian's Dovecot is the judge where it is installed; tests that ask it skip elsewhere. */
export const hasDovecot = existsSync(IMAP_PROGRAM);
export const NO_DOVECOT = "Dovecot (Debian's package dovecot-imapd) is not installed";

/** Dovecot does not want to serve root, so that its mail belongs to somebody without rights then. */
const owner = userInfo().uid === 0 ? { uid: 65_534, gid: 65_534 } : undefined;

/** Dovecot's IMAP sessions over a Maildir, without its other servers: they are logged in at once. */
export class Dovecot {
  readonly maildir: string;
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.maildir = join(folder, "Maildir");
  }

  /** `fsync` is Dovecot's `mail_fsync`: with "always" it is as durable as we are. */
  static async prepare(t: Lifetime, fsync: "never" | "always" = "never"): Promise<Dovecot> {
    const folder = await mkdtemp(join(tmpdir(), "dovecot-"));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const dovecot = new Dovecot(folder);
    for (const subfolder of ["cur", "new", "tmp"]) {
      await mkdir(join(dovecot.maildir, subfolder), { recursive: true });
    }
    await writeFile(join(folder, "dovecot.conf"), dovecot.#configuration(fsync));
    await dovecot.handOver();
    return dovecot;
  }

  #configuration(fsync: string): string {
    return [
      `base_dir = ${this.#folder}/run`,
      `log_path = ${this.#folder}/log`,
      `mail_location = maildir:${this.maildir}`,
      "protocols = imap",
      "ssl = no",
      "first_valid_uid = 0",
      `mail_fsync = ${fsync}`,
      ...(owner === undefined ? [] : [`mail_uid = ${owner.uid}`, `mail_gid = ${owner.gid}`]),
      "namespace inbox {",
      "  inbox = yes",
      "  separator = .",
      "}",
      "",
    ].join("\n");
  }

  /** Gives the Maildir, as it is now, to the user as whom Dovecot runs. */
  async handOver(): Promise<void> {
    if (owner === undefined) return;
    await chown(this.#folder, owner.uid, owner.gid);
    spawnSync("chown", ["-R", `${owner.uid}:${owner.gid}`, this.#folder]);
  }

  /** A session that is logged in. */
  async login(t: Lifetime): Promise<ImapClient> {
    const client = new ImapClient(this.start(t));
    await client.line(); // PREAUTH
    return client;
  }

  /** The octets of a session that is logged in, from its greeting on. */
  start(t: Lifetime): Duplex {
    // It wants pipes; what Node gives to a child are sockets, in which it sees inetd.
    const pipeline = `cat | ${IMAP_PROGRAM} -c ${join(this.#folder, "dovecot.conf")} | cat`;
    const child = spawn("sh", ["-c", pipeline], {
      env: { USER: "anna", HOME: this.#folder, PATH: process.env.PATH },
      stdio: ["pipe", "pipe", "ignore"],
    });
    t.after(() => child.stdin.end());
    return Duplex.from({ readable: child.stdout, writable: child.stdin });
  }
}
