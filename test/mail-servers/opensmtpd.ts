import type { MailServerSetup } from "./mail-server.ts";

/** OpenSMTPD as a sender: takes everything on `port`, and hands it on to `target` with STARTTLS. */
export function openSmtpdRelay(port: number, target: number): MailServerSetup {
  const settings = `
smtp max-message-size 50M
listen on 127.0.0.1 port ${port} hostname opensmtpd.example.org
action "relay" relay host "smtp+tls://127.0.0.1:${target}" tls no-verify helo opensmtpd.example.org
match from any for any action "relay"
`;
  // Its first retry comes after minutes unless it is told.
  const script = `
mkdir -p /var/spool/smtpd /var/lib/opensmtpd/empty
chmod 711 /var/spool/smtpd
cp "$FOLDER/smtpd.conf" /etc/smtpd.conf
while sleep 1; do smtpctl schedule all; done >/dev/null 2>&1 &
exec smtpd -d
`;
  return { script, files: { "smtpd.conf": settings } };
}
