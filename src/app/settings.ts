import { z } from "zod";
import {
  parseAddresses,
  parseDomainName,
  parseLocalPart,
  parseRecipients,
  parseSenders,
  parseUserName,
} from "./mail-names.ts";
import { quote } from "./quote.ts";
import {
  durationFrom,
  octetsFrom,
  oneOf,
  parseBoolean,
  parseKeep,
  parseListenAddress,
  parseNetworks,
  parsePath,
  parseSystemTimeZone,
  parseTimeZone,
  parseTitle,
  type Reading,
} from "./setting-text.ts";

/** RFC 5321 §4.5.3.1.7: every server must take messages of 64 KiB. */
const LEAST_MAX_MESSAGE_OCTETS = 65_536;

/** Every setting but the password, with its default as an operator would write it. */
const TABLE = z.object({
  DOMAINNAME: setting(parseDomainName),
  MAILUSER: setting(parseUserName),
  MAILFOLDER: setting(parsePath),
  KEYFILE: setting(parsePath).optional(),
  CERTFILE: setting(parsePath).optional(),
  SMTP_LISTEN: setting(parseListenAddress).prefault(":25"),
  SMTP_REQUIRE_TLS: setting(parseBoolean).prefault("true"),
  TRUSTED_PROXIES: setting(parseNetworks).prefault(""),
  DMARC_POLICY: setting(oneOf("reject", "observe", "off")).prefault("reject"),
  IMAP_LISTEN: setting(parseListenAddress).prefault(":143"),
  IMAPS_LISTEN: setting(parseListenAddress).optional(),
  MAX_MESSAGE_SIZE: setting(octetsFrom(LEAST_MAX_MESSAGE_OCTETS)).prefault("10451212"),
  FOREIGN_RECIPIENTS: setting(oneOf("reject", "discard")).prefault("reject"),
  BLOCKED_RECIPIENTS: setting(parseRecipients).prefault(""),
  GRAYLISTING_ENABLED: setting(parseBoolean).prefault("false"),
  GRAYLISTING_DB_PATH: setting(parsePath).optional(),
  GRAYLISTING_DELAY: setting(durationFrom("1s")).prefault("30s"),
  GRAYLISTING_EXPIRY: setting(durationFrom("1s")).prefault("36h"),
  WEBCAL_ENABLED: setting(parseBoolean).prefault("true"),
  WEBCAL_INGEST_USER: setting(parseLocalPart).prefault("secretary"),
  WEBCAL_LISTEN: setting(parseListenAddress).prefault(":8088"),
  WEBCAL_TLS: setting(parseBoolean).prefault("false"),
  WEBCAL_POLICY: setting(oneOf("any", "list", "verified")).prefault("any"),
  WEBCAL_ALLOWED_SENDERS: setting(parseSenders).prefault(""),
  WEBCAL_OWN_ADDRESSES: setting(parseAddresses).prefault(""),
  WEBCAL_NAME: setting(parseTitle).prefault("Secretary"),
  WEBCAL_TIMEZONE: setting(parseTimeZone).optional(),
  WEBCAL_REFRESH: setting(durationFrom("15m")).prefault("1h"),
  WEBCAL_KEEP: setting(parseKeep).prefault("forever"),
  DEBUG: setting(parseBoolean).prefault("false"),
  TZ: setting(parseSystemTimeZone).prefault("UTC"),
});

/** What the texts of the environment mean, together with what must hold between two settings. */
export const SETTINGS = TABLE.refine(
  ({ KEYFILE, CERTFILE }) => KEYFILE === undefined || CERTFILE !== undefined,
  {
    path: ["CERTFILE"],
    error: "is not set although KEYFILE is: set both or neither",
    when: areSound("KEYFILE", "CERTFILE"),
  },
)
  .refine(({ KEYFILE, CERTFILE }) => CERTFILE === undefined || KEYFILE !== undefined, {
    path: ["KEYFILE"],
    error: "is not set although CERTFILE is: set both or neither",
    when: areSound("KEYFILE", "CERTFILE"),
  })
  .refine(({ MAILUSER, WEBCAL_INGEST_USER }) => MAILUSER.toLowerCase() !== WEBCAL_INGEST_USER, {
    path: ["WEBCAL_INGEST_USER"],
    error: "is the same as MAILUSER: give the calendar an address of its own",
    when: areSound("MAILUSER", "WEBCAL_INGEST_USER"),
  })
  .refine(({ WEBCAL_POLICY, DMARC_POLICY }) => WEBCAL_POLICY !== "verified" || DMARC_POLICY !== "off", {
    path: ["WEBCAL_POLICY"],
    error: 'is "verified" although DMARC_POLICY is "off", so that nobody would be: set DMARC_POLICY=observe',
    when: areSound("WEBCAL_POLICY", "DMARC_POLICY"),
  })
  .refine(({ GRAYLISTING_DELAY, GRAYLISTING_EXPIRY }) => GRAYLISTING_DELAY < GRAYLISTING_EXPIRY, {
    path: ["GRAYLISTING_EXPIRY"],
    error: "is not longer than GRAYLISTING_DELAY, so no first mail would ever pass: make it longer",
    when: areSound("GRAYLISTING_DELAY", "GRAYLISTING_EXPIRY"),
  })
  .refine(({ DOMAINNAME, BLOCKED_RECIPIENTS }) => BLOCKED_RECIPIENTS.every(isOf(DOMAINNAME)), {
    path: ["BLOCKED_RECIPIENTS"],
    error: "has an address outside of DOMAINNAME, where no mail is accepted anyway: remove it",
    when: areSound("DOMAINNAME", "BLOCKED_RECIPIENTS"),
  })
  .refine(
    ({ BLOCKED_RECIPIENTS }) =>
      BLOCKED_RECIPIENTS.every((recipient) => !/^postmaster(?:@|$)/.test(recipient)),
    {
      path: ["BLOCKED_RECIPIENTS"],
      error: 'has "postmaster", which every domain must accept (RFC 5321 §4.5.1): remove it',
      when: areSound("BLOCKED_RECIPIENTS"),
    },
  );

export type Settings = z.infer<typeof SETTINGS>;
export type SettingName = keyof typeof TABLE.shape;
export const SETTING_NAMES = Object.keys(TABLE.shape) as readonly SettingName[];

/** A fault of a setting reads on after its name: `is "25": write ":25"`. */
function setting<T>(parse: (text: string) => Reading<T>) {
  const forNothing = parse("");
  const advice = "advice" in forNothing ? forNothing.advice : "write something";
  return z.string({ error: `is not set: ${advice}` }).transform((text, context): T => {
    const reading = parse(text);
    if ("value" in reading) return reading.value;
    context.addIssue({ code: "custom", message: `is ${quote(text)}: ${reading.advice}` });
    return z.NEVER;
  });
}

/** Lets a rule between settings be tried although others are faulty: all faults are wanted at once. */
function areSound(...names: readonly SettingName[]) {
  return ({
    issues,
  }: {
    readonly issues: readonly { readonly path?: readonly PropertyKey[] | undefined }[];
  }): boolean => !issues.some(({ path }) => names.some((name) => name === path?.[0]));
}

/** A recipient without domain is of every domain. */
function isOf(domain: string): (recipient: string) => boolean {
  return (recipient) => !recipient.includes("@") || recipient.endsWith(`@${domain}`);
}
