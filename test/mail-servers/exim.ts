import type { MailServerSetup } from "./mail-server.ts";

/** Exim as a sender: takes everything on `port`, and hands it on to `target` with STARTTLS. */
export function eximRelay(port: number, target: number): MailServerSetup {
  const settings = `
primary_hostname = exim.example.org
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${port}
log_file_path = /var/log/exim4/%slog
acl_smtp_rcpt = accept
acl_smtp_data = accept
smtputf8_advertise_hosts = *
tls_advertise_hosts =
message_size_limit = 0
keep_environment =
host_lookup =
never_users =
rfc1413_query_timeout = 0s

begin routers
all:
  driver = manualroute
  route_list = * 127.0.0.1
  host_find_failed = defer
  self = send
  transport = out

begin transports
out:
  driver = smtp
  port = ${target}
  allow_localhost
  hosts_require_tls = *

begin retry
* * F,1h,1s
`;
  const script = `
mkdir -p /etc/exim4 /var/log/exim4 /var/spool/exim4
chown Debian-exim /var/log/exim4 /var/spool/exim4
cp "$FOLDER/exim4.conf" /etc/exim4/exim4.conf
while sleep 1; do exim4 -qff; done &
exim4 -bdf
`;
  return { script, files: { "exim4.conf": settings } };
}
