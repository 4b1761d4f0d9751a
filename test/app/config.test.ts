import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { type Config, formatFaults, readConfig } from "../../src/app/config.ts";
import { formatEffectiveSettings } from "../../src/app/effective-settings.ts";
import type { SettingFault } from "../../src/app/setting-text.ts";

/** The settings without which nothing starts. */
const REQUIRED = {
  DOMAINNAME: "example.net",
  MAILUSER: "alice",
  MAILPASSWORD: "correct horse",
  MAILFOLDER: "/data",
};

const HASH = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

function read(
  changes: Readonly<Record<string, string | undefined>>,
  files: Readonly<Record<string, string>> = {},
) {
  return readConfig(
    (path) => {
      const text = files[path];
      if (text === undefined) throw new Error(`Cannot read "${path}": there is no such file`);
      return text;
    },
    { ...REQUIRED, ...changes },
  );
}

function configOf(changes: Readonly<Record<string, string | undefined>>): Config {
  const reading = read(changes);
  assert.ok(reading.ok, reading.ok ? "" : formatFaults(reading.faults));
  return reading.config;
}

function faultsOf(...args: Parameters<typeof read>): readonly SettingFault[] {
  const reading = read(...args);
  assert.ok(!reading.ok, "the settings were accepted");
  return reading.faults;
}

/** The line of `check` for that setting. */
function effective(config: Config, name: string): string | undefined {
  const line = formatEffectiveSettings(config)
    .split("\n")
    .find((each) => each.startsWith(`${name}=`));
  return line?.slice(name.length + 1);
}

test("readConfig fills in every default of the table", () => {
  const { password, ...config } = configOf({});
  assert.deepEqual(password.reveal(), { kind: "password", password: "correct horse" });
  assert.deepEqual(config, {
    domain: "example.net",
    user: "alice",
    mailFolder: "/data",
    tlsFiles: { keyFile: "/data/tls/key.pem", certFile: "/data/tls/certificate.pem" },
    smtpListen: { port: 25 },
    smtpRequireTls: true,
    trustedProxies: [],
    dmarcPolicy: "reject",
    imapListen: { port: 143 },
    imapsListen: undefined,
    maxMessageOctets: 10_451_212,
    foreignRecipients: "reject",
    blockedRecipients: [],
    graylisting: undefined,
    webcal: {
      ingestUser: "secretary",
      listen: { port: 8088 },
      tls: false,
      policy: "any",
      allowedSenders: { addresses: [], domains: [] },
      ownAddresses: [],
      name: "Secretary",
      timeZone: "UTC",
      refreshMs: 3_600_000,
      keepMs: "forever",
    },
    debug: false,
  });
});

const GOOD: readonly (readonly [name: string, text: string, effective: string])[] = [
  ["DOMAINNAME", "Example.NET.", "example.net"],
  ["DOMAINNAME", "mail.bücher.example", "mail.xn--bcher-kva.example"],
  ["MAILUSER", "Alice.B+c-d_e", "Alice.B+c-d_e"],
  ["MAILUSER", "jürgen", "jürgen"],
  ["MAILFOLDER", "/srv/mail/", "/srv/mail"],
  ["SMTP_LISTEN", ":2525", ":2525"],
  ["SMTP_LISTEN", ":0", ":0"],
  ["SMTP_LISTEN", "localhost:25", "localhost:25"],
  ["SMTP_LISTEN", "192.0.2.1:25", "192.0.2.1:25"],
  ["SMTP_LISTEN", "[2001:DB8::0:1]:25", "[2001:db8::1]:25"],
  ["SMTP_REQUIRE_TLS", "false", "false"],
  ["TRUSTED_PROXIES", "192.0.2.1, 10.0.0.0/8 2001:DB8::/32", "192.0.2.1 10.0.0.0/8 2001:db8::/32"],
  ["DMARC_POLICY", "observe", "observe"],
  ["DMARC_POLICY", "off", "off"],
  ["IMAP_LISTEN", "mail_1.example.net:1143", "mail_1.example.net:1143"],
  ["IMAPS_LISTEN", ":993", ":993"],
  ["IMAPS_LISTEN", "", ""],
  ["WEBCAL_LISTEN", "[::1]:8088", "[::1]:8088"],
  ["MAX_MESSAGE_SIZE", "65536", "65536"],
  ["FOREIGN_RECIPIENTS", "discard", "discard"],
  ["BLOCKED_RECIPIENTS", "Shop, forum@EXAMPLE.net\tlist", "shop forum list"],
  ["GRAYLISTING_ENABLED", "true", "true"],
  ["WEBCAL_ENABLED", "false", "false"],
  ["WEBCAL_INGEST_USER", "Termine+x", "termine+x"],
  ["WEBCAL_TLS", "true", "true"],
  ["WEBCAL_POLICY", "any", "any"],
  ["WEBCAL_POLICY", "list", "list"],
  ["WEBCAL_POLICY", "verified", "verified"],
  ["WEBCAL_ALLOWED_SENDERS", "Ann@Example.ORG @Bücher.example", "ann@example.org @xn--bcher-kva.example"],
  ["WEBCAL_OWN_ADDRESSES", "a@example.org,b@example.com", "a@example.org b@example.com"],
  ["WEBCAL_NAME", "Alice’s diary 📅", "Alice’s diary 📅"],
  ["WEBCAL_TIMEZONE", "europe/berlin", "Europe/Berlin"],
  ["WEBCAL_TIMEZONE", "Etc/UTC", "UTC"],
  ["WEBCAL_REFRESH", "15m", "15m"],
  ["WEBCAL_REFRESH", "90m", "1h30m"],
  ["WEBCAL_KEEP", "400d", "400d"],
  ["WEBCAL_KEEP", "forever", "forever"],
  ["DEBUG", "true", "true"],
];

for (const [name, text, expected] of GOOD) {
  test(`readConfig takes ${name}=${text}`, () => {
    assert.equal(effective(configOf({ [name]: text }), name), expected);
  });
}

test("readConfig takes durations, paths and files of the parts that are switched on", () => {
  const { graylisting, tlsFiles } = configOf({
    GRAYLISTING_ENABLED: "true",
    GRAYLISTING_DELAY: "1m30s",
    GRAYLISTING_EXPIRY: "2d",
    KEYFILE: "/etc/tls/key.pem",
    CERTFILE: "/etc/tls/cert.pem",
  });
  assert.deepEqual(graylisting, {
    databaseFile: "/data/greylist.db",
    delayMs: 90_000,
    expiryMs: 172_800_000,
  });
  assert.deepEqual(tlsFiles, { keyFile: "/etc/tls/key.pem", certFile: "/etc/tls/cert.pem" });
  assert.equal(
    configOf({ GRAYLISTING_ENABLED: "true", GRAYLISTING_DB_PATH: "/db/grey" }).graylisting?.databaseFile,
    "/db/grey",
  );
});

/** What each of these must be told: a piece of the sentence. */
const BAD: readonly (readonly [name: string, text: string, message: RegExp])[] = [
  ["DOMAINNAME", "", /is not set: write a domain name like "example.net"/],
  ["DOMAINNAME", "example", /is "example": write a domain name/],
  ["DOMAINNAME", "192.0.2.1", /write a domain name/],
  ["DOMAINNAME", "0xc0.0.2.1", /write a domain name/],
  ["DOMAINNAME", "alice@example.net", /write a domain name/],
  ["DOMAINNAME", "https://example.net", /write a domain name/],
  ["DOMAINNAME", "example.net:25", /write a domain name/],
  ["DOMAINNAME", "example.net/mail", /write a domain name/],
  ["DOMAINNAME", "exa%6dple.net", /write a domain name/],
  ["DOMAINNAME", "a_b.example", /write a domain name/],
  ["DOMAINNAME", "-a.example", /write a domain name/],
  ["DOMAINNAME", "a..example", /write a domain name/],
  ["DOMAINNAME", `${"a".repeat(64)}.example`, /write a domain name/],
  ["DOMAINNAME", `${"a.".repeat(125)}example`, /write a domain name/],
  ["MAILUSER", "", /is not set/],
  ["MAILUSER", "alice@example.net", /before the "@"/],
  ["MAILUSER", "../alice", /before the "@"/],
  ["MAILUSER", "..", /before the "@"/],
  ["MAILUSER", "a/b", /without "\/"/],
  ["MAILUSER", "a\0b", /before the "@"/],
  ["MAILUSER", "a:b", /before the "@"/],
  ["MAILUSER", "a b", /before the "@"/],
  ["MAILUSER", "Webcal", /that folder in MAILFOLDER is taken/],
  ["MAILUSER", "a".repeat(65), /before the "@"/],
  ["MAILFOLDER", "", /is not set: write a path/],
  ["SMTP_LISTEN", "25", /is "25": write ":25", "host:25" or "\[::1\]:25"/],
  ["SMTP_LISTEN", "::1:25", /write ":25"/],
  ["SMTP_LISTEN", "[::g]:25", /write ":25"/],
  ["SMTP_LISTEN", ":65536", /write ":25"/],
  ["SMTP_LISTEN", "host:", /write ":25"/],
  ["SMTP_LISTEN", "999.0.0.1:25", /write ":25"/],
  ["SMTP_LISTEN", "tcp://host:25", /write ":25"/],
  ["SMTP_LISTEN", "host/x:25", /write ":25"/],
  ["SMTP_REQUIRE_TLS", "no", /write "true" or "false"/],
  [
    "TRUSTED_PROXIES",
    "proxy.example 10.0.0.0/33",
    /instead of "proxy.example", "10.0.0.0\/33" write addresses/,
  ],
  ["TRUSTED_PROXIES", "2001:db8::/129", /or networks like/],
  ["DMARC_POLICY", "quarantine", /write "reject" or "observe" or "off"/],
  ["IMAP_LISTEN", ":imap", /write ":25"/],
  ["IMAPS_LISTEN", "true", /write ":25"/],
  ["WEBCAL_LISTEN", "a b:80", /write ":25"/],
  ["MAX_MESSAGE_SIZE", "10MB", /a number of octets, at least 65536/],
  ["MAX_MESSAGE_SIZE", "65535", /at least 65536/],
  ["MAX_MESSAGE_SIZE", "-1", /at least 65536/],
  ["MAX_MESSAGE_SIZE", "1e6", /at least 65536/],
  ["FOREIGN_RECIPIENTS", "drop", /write "reject" or "discard"/],
  ["BLOCKED_RECIPIENTS", "a@@b shop", /instead of "a@@b" write an address/],
  ["BLOCKED_RECIPIENTS", "shop@example.org", /outside of DOMAINNAME/],
  ["BLOCKED_RECIPIENTS", "Postmaster@example.net", /RFC 5321 §4.5.1/],
  ["KEYFILE", "/key.pem", /is not set although KEYFILE is: set both or neither/],
  ["CERTFILE", "/cert.pem", /is not set although CERTFILE is: set both or neither/],
  ["GRAYLISTING_ENABLED", "yes", /write "true" or "false"/],
  ["GRAYLISTING_DELAY", "30", /write a duration like "30s", "1m30s", "36h" or "2d"/],
  ["GRAYLISTING_DELAY", "0s", /write at least "1s"/],
  ["GRAYLISTING_DELAY", "30s1m", /write a duration/],
  ["GRAYLISTING_DELAY", "1.5h", /write a duration/],
  ["GRAYLISTING_DELAY", "-1s", /write a duration/],
  ["GRAYLISTING_EXPIRY", "30s", /is not longer than GRAYLISTING_DELAY/],
  ["GRAYLISTING_EXPIRY", "99999999d", /write at most "36500d"/],
  ["WEBCAL_ENABLED", "TRUE", /write "true" or "false"/],
  ["WEBCAL_INGEST_USER", "secretary@example.net", /before the "@"/],
  ["WEBCAL_INGEST_USER", "ALICE", /is the same as MAILUSER/],
  ["WEBCAL_TLS", "1", /write "true" or "false"/],
  ["WEBCAL_POLICY", "all", /write "any" or "list" or "verified"/],
  [
    "WEBCAL_ALLOWED_SENDERS",
    "ann, @b, example.org",
    /instead of "ann", "@b", "example.org" write an address/,
  ],
  ["WEBCAL_ALLOWED_SENDERS", "example.org", /or a whole domain like "@example.org"/],
  ["WEBCAL_OWN_ADDRESSES", "@example.org", /instead of "@example.org" write an address/],
  ["WEBCAL_NAME", "two\nlines", /write one line/],
  ["WEBCAL_NAME", "x".repeat(201), /at most 200 characters/],
  ["WEBCAL_TIMEZONE", "Berlin", /write an IANA time zone like "Europe\/Berlin"/],
  ["WEBCAL_TIMEZONE", "+01:00", /write an IANA time zone/],
  ["WEBCAL_TIMEZONE", "CST", /write an IANA time zone/],
  ["WEBCAL_REFRESH", "5m", /write at least "15m"/],
  ["WEBCAL_KEEP", "1h", /write at least "1d", or "forever"/],
  ["WEBCAL_KEEP", "never", /or "forever"/],
  ["DEBUG", "1", /write "true" or "false"/],
  ["TZ", "CET-1CEST", /or set WEBCAL_TIMEZONE/],
];

for (const [name, text, message] of BAD) {
  test(`readConfig refuses ${name}=${JSON.stringify(text.slice(0, 40))}`, () => {
    const faults = faultsOf({ [name]: text });
    assert.equal(faults.length, 1, formatFaults(faults));
    assert.match(`${faults[0]?.message}`, message);
  });
}

test("readConfig takes the zone of the system unless WEBCAL_TIMEZONE is set", () => {
  assert.equal(configOf({ TZ: "Europe/Berlin" }).webcal?.timeZone, "Europe/Berlin");
  assert.equal(configOf({ TZ: ":Europe/Berlin" }).webcal?.timeZone, "Europe/Berlin");
  const chosen = configOf({ TZ: ":/etc/localtime", WEBCAL_TIMEZONE: "America/New_York" });
  assert.equal(chosen.webcal?.timeZone, "America/New_York");
});

const PASSWORDS: readonly {
  readonly name: string;
  readonly given: Readonly<Record<string, string>>;
  readonly expected: "password" | "hash" | RegExp;
}[] = [
  { name: "itself", given: { MAILPASSWORD: "x" }, expected: "password" },
  { name: "in a file", given: { MAILPASSWORD_FILE: "/run/password" }, expected: "password" },
  { name: "as a hash", given: { MAILPASSWORD_HASH: HASH }, expected: "hash" },
  { name: "as a hash in a file", given: { MAILPASSWORD_HASH_FILE: "/run/hash" }, expected: "hash" },
  { name: "nowhere", given: {}, expected: /^MAILPASSWORD is not set/ },
  {
    name: "twice",
    given: { MAILPASSWORD: "x", MAILPASSWORD_FILE: "/run/password" },
    expected: /^MAILPASSWORD_FILE is set together with MAILPASSWORD: keep one/,
  },
  {
    name: "as what is no hash",
    given: { MAILPASSWORD_HASH: "blue marlin" },
    expected: /^MAILPASSWORD_HASH holds no hash that can be checked: write one of the form \$argon2id\$/,
  },
  {
    name: "in a missing file",
    given: { MAILPASSWORD_FILE: "/run/none" },
    expected: /^MAILPASSWORD_FILE cannot be used: Cannot read "\/run\/none": there is no such file/,
  },
  { name: "in an empty file", given: { MAILPASSWORD_FILE: "/run/empty" }, expected: /names an empty file/ },
  { name: "in two lines", given: { MAILPASSWORD_FILE: "/run/lines" }, expected: /holds control characters/ },
];

for (const { name, given, expected } of PASSWORDS) {
  test(`readConfig with the password ${name}`, () => {
    const files = { "/run/password": "x", "/run/hash": HASH, "/run/empty": "", "/run/lines": "blue\nmarlin" };
    const reading = read({ MAILPASSWORD: undefined, ...given }, files);
    if (reading.ok) assert.equal(reading.config.password.reveal().kind, expected);
    else
      assert.match(
        reading.faults.map((fault) => `${fault.name} ${fault.message}`).join("\n"),
        expected as RegExp,
      );
    assert.doesNotMatch(inspect(reading, { depth: null }), /marlin/);
  });
}

test("readConfig names all faults together, also those between two settings", () => {
  const faults = faultsOf({
    DOMAINNAME: undefined,
    MAILPASSWORD: undefined,
    MAILPASSWORT: "x",
    SMTP_LISTEN: "25",
    KEYFILE: "/key.pem",
    GRAYLISTING_DELAY: "40h",
    WEBCAL_COLOR: "red",
    WEBCAL_POLICY: "verified",
    DMARC_POLICY: "off",
  });
  assert.deepEqual(faults.map(({ name }) => name).sort(), [
    "CERTFILE",
    "DOMAINNAME",
    "GRAYLISTING_EXPIRY",
    "MAILPASSWORD",
    "MAILPASSWORT",
    "SMTP_LISTEN",
    "WEBCAL_COLOR",
    "WEBCAL_POLICY",
  ]);
  const message = formatFaults(faults);
  assert.match(message, /^Cannot start: 8 settings are wrong\n/);
  assert.equal(message.trimEnd().split("\n").length, 9);
});

const MISTAKEN: Readonly<Record<string, string>> = {
  MAILPASSWORT: "MAILPASSWORD",
  MAIL_PASSWORD: "MAILPASSWORD",
  MAILPASSWD: "MAILPASSWORD",
  MAILPASSWORD_FIEL: "MAILPASSWORD_FILE",
  DOMAIN_NAME: "DOMAINNAME",
  DOMIANNAME: "DOMAINNAME",
  MAILUSR: "MAILUSER",
  MAIL_USER: "MAILUSER",
  MAILFODLER: "MAILFOLDER",
  CERT_FILE: "CERTFILE",
  KEY_FILE: "KEYFILE",
  SMTP_LISTENN: "SMTP_LISTEN",
  MAX_MESAGE_SIZE: "MAX_MESSAGE_SIZE",
  GREYLISTING_ENABLED: "GRAYLISTING_ENABLED",
  GRAYLISTING_DBPATH: "GRAYLISTING_DB_PATH",
  WEBCAL_INGESTUSER: "WEBCAL_INGEST_USER",
  webcal_enabled: "WEBCAL_ENABLED",
  WEBCAL_ALOWED_SENDER: "WEBCAL_ALLOWED_SENDERS",
  BLOCKED_RECIPIENT: "BLOCKED_RECIPIENTS",
};

for (const [name, meant] of Object.entries(MISTAKEN)) {
  test(`readConfig takes ${name} for a misspelt ${meant}`, () => {
    assert.deepEqual(faultsOf({ [name]: "" }), [
      { name, message: `is not a setting: remove it, or did you mean ${meant}?` },
    ]);
  });
}

test("readConfig leaves names alone that platforms, shells and other programs set", () => {
  const foreign =
    "HOSTNAME HOST MAIL MAILER MAILCHECK MAILPATH MAILTO DOMAIN USER USERNAME LOGNAME HOME PATH PWD SHELL TERM LANG TZDIR " +
    "SMTP_PORT SMTP_HOST SMTP_USER SMTP_PASSWORD SMTP_SERVICE_HOST SMTP_PORT_25_TCP IMAP_PORT IMAP_SERVICE_PORT " +
    "SSL_CERT_FILE SSL_CERT_DIR SSLKEYLOGFILE NODE_DEBUG NODE_ENV NODE_VERSION DEBUG_COLORS DEBUGINFOD_URLS XDEBUG_MODE " +
    "PASSWORD PORT LISTEN_FDS LISTEN_PID KEY CERT DATA_FOLDER MAX_SIZE TLS_KEY KUBERNETES_PORT container npm_config_cache";
  assert.ok(read(Object.fromEntries(foreign.split(" ").map((name) => [name, "x"]))).ok);
});

test("whatever prints a Config, the password is not in it", () => {
  for (const secret of [{ MAILPASSWORD: "blue marlin" }, { MAILPASSWORD: "", MAILPASSWORD_HASH: HASH }]) {
    const config = configOf(secret);
    const printed = [
      inspect(config, { depth: null, showHidden: true }),
      JSON.stringify(config),
      `${config.password}`,
      formatEffectiveSettings(config),
    ].join("\n");
    assert.doesNotMatch(printed, /marlin|CTFhFd|09316115|\b9,\s*49,\s*97/);
    assert.match(printed, /\[secret\]/);
  }
});

test("formatEffectiveSettings gives lines that are read as the same settings", () => {
  const config = configOf({ GRAYLISTING_ENABLED: "true", WEBCAL_KEEP: "30d", IMAPS_LISTEN: "[::1]:993" });
  const lines = formatEffectiveSettings(config).trimEnd().split("\n");
  const again = configOf(
    Object.fromEntries(
      lines
        .filter((line) => !line.startsWith("MAILPASSWORD="))
        .map((line) => line.split(/=(.*)/s).slice(0, 2)),
    ),
  );
  assert.equal(formatEffectiveSettings(again), lines.map((line) => `${line}\n`).join(""));
});
