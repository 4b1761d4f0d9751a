import type { Config, GraylistingConfig, WebcalConfig } from "./config.ts";
import type { SenderList } from "./mail-names.ts";
import { formatDuration, formatListenAddress } from "./setting-text.ts";

type Row = readonly [name: string, value: string];

/**
 * What the server would run with, a line for each setting, defaults filled in, in the syntax of the
 * environment. The password is only said to be there.
 */
export function formatEffectiveSettings(config: Config): string {
  const rows: Row[] = [
    ["DOMAINNAME", config.domain],
    ["MAILUSER", config.user],
    [config.password.reveal().kind === "hash" ? "MAILPASSWORD_HASH" : "MAILPASSWORD", "(set, not shown)"],
    ["MAILFOLDER", config.mailFolder],
    ["KEYFILE", config.tlsFiles.keyFile],
    ["CERTFILE", config.tlsFiles.certFile],
    ["SMTP_LISTEN", formatListenAddress(config.smtpListen)],
    ["SMTP_REQUIRE_TLS", String(config.smtpRequireTls)],
    ["TRUSTED_PROXIES", config.trustedProxies.join(" ")],
    ["DMARC_POLICY", config.dmarcPolicy],
    ["IMAP_LISTEN", formatListenAddress(config.imapListen)],
    ["IMAPS_LISTEN", config.imapsListen === undefined ? "" : formatListenAddress(config.imapsListen)],
    ["MAX_MESSAGE_SIZE", String(config.maxMessageOctets)],
    ["FOREIGN_RECIPIENTS", config.foreignRecipients],
    ["BLOCKED_RECIPIENTS", config.blockedRecipients.join(" ")],
    ["GRAYLISTING_ENABLED", String(config.graylisting !== undefined)],
    ...(config.graylisting === undefined ? [] : graylistingRows(config.graylisting)),
    ["WEBCAL_ENABLED", String(config.webcal !== undefined)],
    ...(config.webcal === undefined ? [] : webcalRows(config.webcal)),
    ["DEBUG", String(config.debug)],
  ];
  return rows.map(([name, value]) => `${name}=${value}\n`).join("");
}

function graylistingRows({ databaseFile, delayMs, expiryMs }: GraylistingConfig): Row[] {
  return [
    ["GRAYLISTING_DB_PATH", databaseFile],
    ["GRAYLISTING_DELAY", formatDuration(delayMs)],
    ["GRAYLISTING_EXPIRY", formatDuration(expiryMs)],
  ];
}

function webcalRows(webcal: WebcalConfig): Row[] {
  return [
    ["WEBCAL_INGEST_USER", webcal.ingestUser],
    ["WEBCAL_LISTEN", formatListenAddress(webcal.listen)],
    ["WEBCAL_TLS", String(webcal.tls)],
    ["WEBCAL_POLICY", webcal.policy],
    ["WEBCAL_ALLOWED_SENDERS", formatSenders(webcal.allowedSenders)],
    ["WEBCAL_OWN_ADDRESSES", webcal.ownAddresses.join(" ")],
    ["WEBCAL_NAME", webcal.name],
    ["WEBCAL_TIMEZONE", webcal.timeZone],
    ["WEBCAL_REFRESH", formatDuration(webcal.refreshMs)],
    ["WEBCAL_KEEP", webcal.keepMs === "forever" ? "forever" : formatDuration(webcal.keepMs)],
  ];
}

function formatSenders({ addresses, domains }: SenderList): string {
  return [...addresses, ...domains.map((domain) => `@${domain}`)].join(" ");
}
