import { join } from "node:path";
import type { ListenAddress } from "../servers/net/net.ts";
import type { SenderList } from "./mail-names.ts";
import { type PasswordSecret, type ReadSecretFile, readPassword } from "./mail-password.ts";
import { findUnknownSettings } from "./setting-names.ts";
import type { SettingFault } from "./setting-text.ts";
import { SETTINGS, type Settings } from "./settings.ts";

/** Everything the operator decides, checked. What is switched off is `undefined`. */
export interface Config {
  /** A-labels in lower case. */
  readonly domain: string;
  /** As written: it is a folder's name, too. */
  readonly user: string;
  readonly password: PasswordSecret;
  /** Absolute, like all paths here. */
  readonly mailFolder: string;
  readonly tlsFiles: { readonly keyFile: string; readonly certFile: string };
  readonly smtpListen: ListenAddress;
  /** Whether mail is refused on connections without TLS. */
  readonly smtpRequireTls: boolean;
  /** Addresses or networks of proxies in front, who say for whom they speak. */
  readonly trustedProxies: readonly string[];
  /** What becomes of mail that its author's domain wants refused; `off`: senders are not verified. */
  readonly dmarcPolicy: "reject" | "observe" | "off";
  readonly imapListen: ListenAddress;
  /** TLS from the first octet (RFC 8314 §3.2). */
  readonly imapsListen: ListenAddress | undefined;
  readonly maxMessageOctets: number;
  /** What becomes of mail for other domains: refused, or accepted and dropped. */
  readonly foreignRecipients: "reject" | "discard";
  /** Local parts, in lower case, that get no mail. */
  readonly blockedRecipients: readonly string[];
  readonly graylisting: GraylistingConfig | undefined;
  readonly webcal: WebcalConfig | undefined;
  /** Whether the lines of the protocols are logged. */
  readonly debug: boolean;
}

export interface GraylistingConfig {
  readonly databaseFile: string;
  readonly delayMs: number;
  /** Longer than the delay. */
  readonly expiryMs: number;
}

export interface WebcalConfig {
  /** The local part, in lower case, of the address whose mail is read for invitations. */
  readonly ingestUser: string;
  readonly listen: ListenAddress;
  readonly tls: boolean;
  /** Whose invitations are published at once; those of others are held. */
  readonly policy: "any" | "list" | "verified";
  readonly allowedSenders: SenderList;
  /** Other addresses of the user, in lower case. */
  readonly ownAddresses: readonly string[];
  readonly name: string;
  /** An IANA name, for times that come without a zone. */
  readonly timeZone: string;
  /** How often calendar apps are asked to look. */
  readonly refreshMs: number;
  /** How long finished events stay in the feed. */
  readonly keepMs: number | "forever";
}

export type ConfigReading =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly faults: readonly SettingFault[] };

/**
 * Reads the environment, all of it: either every setting is good and known, or all faults are returned
 * together. A name with an empty value counts as not set, as compose files write it.
 */
export function readConfig(
  readSecretFile: ReadSecretFile,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): ConfigReading {
  const texts = new Map(
    Object.entries(environment).flatMap(([name, text = ""]) => (text === "" ? [] : [[name, text]])),
  );
  // What the platform says of its zone matters only to those who leave the choice to it.
  if (texts.has("WEBCAL_TIMEZONE")) texts.delete("TZ");
  const password = readPassword(texts, readSecretFile);
  const settings = SETTINGS.safeParse(Object.fromEntries(texts));
  const faults = [
    ...(settings.error?.issues ?? []).map(({ path, message }) => ({ name: String(path[0]), message })),
    ...("fault" in password ? [password.fault] : []),
    ...findUnknownSettings(Object.keys(environment)),
  ];
  if (!settings.success || "fault" in password || faults.length > 0) return { ok: false, faults };
  return { ok: true, config: toConfig(settings.data, password.value) };
}

/** One message that names every fault, a line each. */
export function formatFaults(faults: readonly SettingFault[]): string {
  const count = faults.length === 1 ? "1 setting is" : `${faults.length} settings are`;
  return [
    `Cannot start: ${count} wrong`,
    ...faults.map(({ name, message }) => `  ${name} ${message}`),
    "",
  ].join("\n");
}

function toConfig(settings: Settings, password: PasswordSecret): Config {
  const mailFolder = settings.MAILFOLDER;
  return {
    domain: settings.DOMAINNAME,
    user: settings.MAILUSER,
    password,
    mailFolder,
    tlsFiles: {
      keyFile: settings.KEYFILE ?? join(mailFolder, "tls", "key.pem"),
      certFile: settings.CERTFILE ?? join(mailFolder, "tls", "certificate.pem"),
    },
    smtpListen: settings.SMTP_LISTEN,
    smtpRequireTls: settings.SMTP_REQUIRE_TLS,
    trustedProxies: settings.TRUSTED_PROXIES,
    dmarcPolicy: settings.DMARC_POLICY,
    imapListen: settings.IMAP_LISTEN,
    imapsListen: settings.IMAPS_LISTEN,
    maxMessageOctets: settings.MAX_MESSAGE_SIZE,
    foreignRecipients: settings.FOREIGN_RECIPIENTS,
    blockedRecipients: settings.BLOCKED_RECIPIENTS.map((recipient) => recipient.replace(/@.*$/, "")),
    graylisting: settings.GRAYLISTING_ENABLED ? toGraylisting(settings) : undefined,
    webcal: settings.WEBCAL_ENABLED ? toWebcal(settings) : undefined,
    debug: settings.DEBUG,
  };
}

function toGraylisting(settings: Settings): GraylistingConfig {
  return {
    databaseFile: settings.GRAYLISTING_DB_PATH ?? join(settings.MAILFOLDER, "greylist.db"),
    delayMs: settings.GRAYLISTING_DELAY,
    expiryMs: settings.GRAYLISTING_EXPIRY,
  };
}

function toWebcal(settings: Settings): WebcalConfig {
  return {
    ingestUser: settings.WEBCAL_INGEST_USER,
    listen: settings.WEBCAL_LISTEN,
    tls: settings.WEBCAL_TLS,
    policy: settings.WEBCAL_POLICY,
    allowedSenders: settings.WEBCAL_ALLOWED_SENDERS,
    ownAddresses: settings.WEBCAL_OWN_ADDRESSES,
    name: settings.WEBCAL_NAME,
    timeZone: settings.WEBCAL_TIMEZONE ?? settings.TZ,
    refreshMs: settings.WEBCAL_REFRESH,
    keepMs: settings.WEBCAL_KEEP,
  };
}
