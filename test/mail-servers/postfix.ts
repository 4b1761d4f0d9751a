import type { MailServerSetup } from "./mail-server.ts";

/** Every daemon that a relay or a small mailbox server needs; none in a chroot. */
function masterTable(port: number): string {
  const rows = [
    `127.0.0.1:${port} inet n - n - - smtpd`,
    "cleanup unix n - n - 0 cleanup",
    "qmgr unix n - n 1 1 qmgr",
    "tlsmgr unix - - n 1000? 1 tlsmgr",
    "rewrite unix - - n - - trivial-rewrite",
    ...["bounce", "defer", "trace"].map((name) => `${name} unix - - n - 0 bounce`),
    ...["verify", "scache", "anvil"].map((name) => `${name} unix - - n - 1 ${name}`),
    "proxymap unix - - n - - proxymap",
    "smtp unix - - n - - smtp",
    "virtual unix - n n - - virtual",
    ...["error", "retry"].map((name) => `${name} unix - - n - - error`),
    "postlog unix-dgram n - n - 1 postlogd",
  ];
  return rows.map((row) => `${row}\n`).join("");
}

function mainSettings(settings: Readonly<Record<string, string | number>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join("");
}

const COMMON = {
  compatibility_level: "3.6",
  queue_directory: "FOLDER/queue",
  data_directory: "FOLDER/data",
  maillog_file: "/dev/stdout",
  maillog_file_prefixes: "/dev/stdout",
  inet_interfaces: "127.0.0.1",
  inet_protocols: "ipv4",
  mynetworks: "127.0.0.0/8",
  mydestination: "",
  alias_maps: "",
  smtp_dns_support_level: "disabled",
  smtp_host_lookup: "native",
  message_size_limit: 0,
  mailbox_size_limit: 0,
  virtual_mailbox_limit: 0,
} as const;

const SCRIPT = `
mkdir -p "$FOLDER/queue" "$FOLDER/data"
chown postfix "$FOLDER/data"
sed "s,FOLDER,$FOLDER," "$FOLDER/main.cf" >/etc/postfix/main.cf
cp "$FOLDER/master.cf" /etc/postfix/master.cf
exec postfix start-fg
`;

/** Postfix as a sender: takes everything on `port`, and hands it on to `target` with STARTTLS. */
export function postfixRelay(port: number, target: number): MailServerSetup {
  const main = mainSettings({
    ...COMMON,
    myhostname: "postfix.example.org",
    relayhost: `[127.0.0.1]:${target}`,
    smtp_tls_security_level: "encrypt",
    minimal_backoff_time: "1s",
    maximal_backoff_time: "2s",
    queue_run_delay: "1s",
  });
  return { script: SCRIPT, files: { "main.cf": main, "master.cf": masterTable(port) } };
}

/** Postfix as a receiver for example.test, into the Maildir `$FOLDER/mail/anna/`. */
export function postfixMailbox(port: number): MailServerSetup {
  const main = mainSettings({
    ...COMMON,
    myhostname: "example.test",
    virtual_mailbox_domains: "example.test",
    virtual_mailbox_base: "FOLDER/mail",
    virtual_mailbox_maps: "static:anna/",
    virtual_uid_maps: "static:65534",
    virtual_gid_maps: "static:65534",
    smtpd_client_connection_count_limit: 0,
    default_process_limit: 200,
  });
  const script = `mkdir "$FOLDER/mail"; chown 65534:65534 "$FOLDER/mail"\n${SCRIPT}`;
  return { script, files: { "main.cf": main, "master.cf": masterTable(port) } };
}
