import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { check } from "../../src/app/check.ts";
import { type Config, readConfig } from "../../src/app/config.ts";
import { formatFailure } from "../../src/app/failure.ts";
import { createLog } from "../../src/app/log.ts";
import { startApp } from "../../src/app/server.ts";
import { makeSelfSignedPair } from "../../src/storage/tls-files/self-signed.ts";
import { snapshot } from "../end-to-end/support/mail-on-disk.ts";
import { startServer } from "../end-to-end/support/running-server.ts";
import { atEnd, ownFolder, settingsFor } from "../end-to-end/support/test-settings.ts";
import { recordingTerminal } from "./recording-terminal.ts";

function configFor(folder: string, changes: Readonly<Record<string, string>> = {}): Config {
  const reading = readConfig(() => "", settingsFor(folder, changes));
  assert.ok(reading.ok);
  return reading.config;
}

interface Checked {
  readonly code: number;
  readonly printed: string;
  /** A line each; without what the system called the cause. */
  readonly complaints: readonly string[];
}

async function checkOn(config: Config): Promise<Checked> {
  const { terminal, printed, complaints } = recordingTerminal();
  const code = await check(config, terminal);
  const lines = complaints().split("\n");
  return {
    code,
    printed: printed(),
    complaints: lines.filter((line) => line !== "" && !line.startsWith("  ")),
  };
}

/** The first line that `serve` ends with. */
async function refusalOf(config: Config): Promise<string> {
  const log = createLog({ debug: false, format: "json", write: () => undefined });
  const started = await startApp(config, { log }).catch((error: unknown) => error);
  assert.ok(started instanceof Error, "the server started");
  return formatFailure(started).split("\n")[0] ?? "";
}

function pairOn(folder: string, name: string, notAfter: Date): { KEYFILE: string; CERTFILE: string } {
  const { key, cert } = makeSelfSignedPair({
    commonName: "example.test",
    dnsNames: ["example.test"],
    addresses: [],
    notBefore: new Date("2020-01-01"),
    notAfter,
  });
  const paths = { KEYFILE: join(folder, `${name}.key`), CERTFILE: join(folder, `${name}.crt`) };
  writeFileSync(paths.KEYFILE, key);
  writeFileSync(paths.CERTFILE, cert);
  return paths;
}

/** A port on which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/** A port on which somebody else listens. */
async function takenPort(t: TestContext): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  atEnd(t, () => void server.close());
  return (server.address() as AddressInfo).port;
}

test("check is content where a server would start, and makes nothing", async (t) => {
  const folder = ownFolder(t);
  const { code, printed, complaints } = await checkOn(configFor(join(folder, "mail")));
  assert.deepEqual([code, complaints], [0, []]);
  assert.match(printed, /^DOMAINNAME=example\.test\n[\s\S]*^GRAYLISTING_ENABLED=false$/m);
  assert.equal(existsSync(join(folder, "mail")), false);
});

test("check says what serve would refuse with, and ends with 1", async (t) => {
  const folder = ownFolder(t);
  const file = join(folder, "file");
  writeFileSync(file, "");
  const [one, other] = [
    pairOn(folder, "one", new Date("2100-01-01")),
    pairOn(folder, "two", new Date("2100-01-01")),
  ];
  const port = await takenPort(t);
  const mail = join(folder, "mail");
  const CASES: [string, Config, RegExp][] = [
    ["a file for a folder", configFor(file, one), /^Cannot keep mail in ".*": a part of this path is a file/],
    [
      "a folder below /proc",
      configFor("/proc/secretary", one),
      /^Cannot keep mail in ".*": no folder can be made there/,
    ],
    [
      "a key of another certificate",
      configFor(mail, { ...one, KEYFILE: other.KEYFILE }),
      /^The key file ".*" does not/,
    ],
    ["no key", configFor(mail, { ...one, KEYFILE: join(folder, "no.key") }), /^There is ".*" but no ".*"/],
    ["no PEM", configFor(mail, { KEYFILE: file, CERTFILE: file }), /^Cannot use the certificate file/],
    [
      "a taken port",
      configFor(mail, { IMAP_LISTEN: `127.0.0.1:${port}` }),
      /^Cannot listen on .*: another program/,
    ],
    [
      "an address of another machine",
      configFor(mail, { SMTP_LISTEN: "192.0.2.1:2525" }),
      /^Cannot listen on .*: this/,
    ],
  ];
  for (const [what, config, expected] of CASES) {
    const { code, complaints } = await checkOn(config);
    const [complaint = "", ...more] = complaints.filter(
      (line) => !line.startsWith("Cannot keep the calendar"),
    );
    assert.match(complaint, expected, what);
    assert.deepEqual([code, more], [1, []], what);
    if (process.geteuid?.() === 0 || what !== "a folder below /proc") {
      assert.equal(complaint, await refusalOf(config), what);
    }
  }
});

test("check names everything at once, two listeners on one port included", async (t) => {
  const folder = ownFolder(t);
  const port = await takenPort(t);
  const { code, complaints } = await checkOn(
    configFor(join(folder, "mail"), {
      KEYFILE: join(folder, "no.key"),
      CERTFILE: import.meta.filename,
      IMAP_LISTEN: `127.0.0.1:${port}`,
      SMTP_LISTEN: `127.0.0.1:${port}`,
    }),
  );
  assert.equal(code, 1);
  assert.deepEqual(
    complaints.map((line) => line.split(" ").slice(0, 3).join(" ")),
    [
      `There is "${import.meta.filename}"`,
      "Cannot listen on",
      "Cannot listen on",
      `IMAP_LISTEN=127.0.0.1:${port} and SMTP_LISTEN=127.0.0.1:${port}`,
    ],
  );
});

test("check and serve say which two settings name one address, however they write it", async (t) => {
  const config = (changes: Record<string, string>) =>
    configFor(join(ownFolder(t), "mail"), { IMAPS_LISTEN: "127.0.0.1:0", ...changes });
  const port = await freePort();
  const hasIpv6 = networkInterfaces().lo?.some(({ family }) => family === "IPv6");
  for (const [one, other] of [
    [`127.0.0.1:${port}`, `127.0.0.1:${port}`],
    [`0.0.0.0:${port}`, `127.0.0.1:${port}`],
    [`127.0.0.1:${port}`, `:${port}`],
    [`[::]:${port}`, `0.0.0.0:${port}`],
    [`[::]:${port}`, `127.0.0.1:${port}`],
    [`localhost:${port}`, `:${port}`],
  ] as const) {
    if (!hasIpv6 && one.concat(other).includes("[")) continue;
    const clashing = config({ IMAPS_LISTEN: one, SMTP_LISTEN: other });
    const { code, complaints } = await checkOn(clashing);
    assert.equal(complaints[0], await refusalOf(clashing));
    assert.deepEqual(
      [code, ...complaints],
      [
        1,
        `IMAPS_LISTEN=${one} and SMTP_LISTEN=${other} name the same address: choose another port for one of them`,
      ],
    );
  }
  for (const [one, other] of [
    ["127.0.0.1:0", "127.0.0.1:0"],
    [`127.0.0.1:${port}`, `127.0.0.2:${port}`],
    [`0.0.0.0:${port}`, `[::1]:${port}`],
  ] as const) {
    if (!hasIpv6 && one.concat(other).includes("[")) continue;
    const { code, complaints } = await checkOn(config({ IMAPS_LISTEN: one, SMTP_LISTEN: other }));
    assert.deepEqual([code, ...complaints], [0]);
  }
});

test("check says so also while a server runs on one of them", async (t) => {
  const folder = ownFolder(t);
  const { app } = await startServer(t, folder);
  const address = `127.0.0.1:${app.addresses.smtp.port}`;
  const { code, complaints } = await checkOn(
    configFor(folder, { SMTP_LISTEN: address, WEBCAL_LISTEN: address }),
  );
  assert.equal(code, 1);
  assert.match(complaints.join("\n"), /^WEBCAL_LISTEN=.* and SMTP_LISTEN=.* name the same address: /);
});

test("check tells of an expired certificate, with which serve would start", async (t) => {
  const folder = ownFolder(t);
  mkdirSync(join(folder, "mail"));
  const settings = pairOn(folder, "old", new Date("2021-02-03"));
  const { code, complaints } = await checkOn(configFor(join(folder, "mail"), settings));
  const expired =
    "The certificate expired on 2021-02-03: mail and calendar apps refuse it until it is renewed";
  assert.deepEqual([code, complaints], [0, [`Remark: ${expired}`]]);
  const { log } = await startServer(t, join(folder, "mail"), { settings });
  assert.ok(log.some(({ level, msg }) => level === "warn" && msg === expired));
});

test("check finds the ports of a running server no fault, and touches nothing of it", async (t) => {
  const folder = ownFolder(t);
  const { app } = await startServer(t, folder);
  const { smtp, imap, web } = app.addresses;
  await app.settled();
  const before = snapshot(folder);
  const { code, complaints } = await checkOn(
    configFor(folder, {
      SMTP_LISTEN: `127.0.0.1:${smtp.port}`,
      IMAP_LISTEN: `127.0.0.1:${imap.port}`,
      WEBCAL_LISTEN: `127.0.0.1:${web?.port}`,
    }),
  );
  assert.equal(code, 0);
  const ports = [web?.port, imap.port, smtp.port].map((port) => `127.0.0.1:${port}`).join(", ");
  assert.deepEqual(complaints, [
    `Remark: A Secretary works with "${folder}" now, and what listens on ${ports} should be it; ` +
      "stop it before another one starts",
  ]);
  assert.deepEqual(snapshot(folder), before);
});

test("check knows a running server without a calendar, and another's for what it is", async (t) => {
  const folder = ownFolder(t);
  const settings = { WEBCAL_ENABLED: "false" };
  const { app } = await startServer(t, folder, { settings });
  const ports = { ...settings, SMTP_LISTEN: `127.0.0.1:${app.addresses.smtp.port}` };
  const own = await checkOn(configFor(folder, ports));
  assert.equal(own.code, 0);
  assert.match(own.complaints.join("\n"), /^Remark: A Secretary works with ".*" now, and what listens on /);
  const { code, complaints } = await checkOn(configFor(join(folder, "another"), ports));
  assert.equal(code, 1);
  assert.match(complaints.join("\n"), /^Cannot listen on 127\.0\.0\.1:\d+: another program listens there$/);
});
