import { quote } from "./quote.ts";
import { type Reading, splitList, toAsciiHost } from "./setting-text.ts";

/** Senders that are trusted, all in lower case. Subdomains of a domain are not meant. */
export interface SenderList {
  readonly addresses: readonly string[];
  /** Without `@`. */
  readonly domains: readonly string[];
}

/** RFC 1035 §2.3.4. */
const MAX_DOMAIN_OCTETS = 253;
/** RFC 5321 §4.5.3.1.1. */
const MAX_LOCAL_PART_OCTETS = 64;

/** Letters, digits and hyphens, two labels or more, the last one not a number: else it is an IP address. */
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Dot-string (RFC 5321 §4.1.2) with the letters of RFC 6531 §3.3; a quoted local part is not accepted. */
const LOCAL_PART = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;

/** Names in MAILFOLDER that are taken by what lies beside the mail. */
const TAKEN_FOLDER_NAMES = ["webcal", "tls", "greylist.db", "secretary.lock"];

/** A domain as DNS spells it: A-labels (RFC 5890 §2.3.2.1) in lower case, without the dot of the root. */
export function parseDomainName(text: string): Reading<string> {
  const domain = toAsciiHost(text.replace(/\.$/, ""));
  if (domain.length > MAX_DOMAIN_OCTETS || !DOMAIN.test(domain)) {
    return { advice: 'write a domain name like "example.net"' };
  }
  return { value: domain };
}

/** What stands before the `@`, in lower case: our addresses are compared without regard to case. */
export function parseLocalPart(text: string): Reading<string> {
  const value = text.normalize("NFC").toLowerCase();
  if (!LOCAL_PART.test(value) || Buffer.byteLength(value) > MAX_LOCAL_PART_OCTETS) {
    return { advice: 'write the part of an address before the "@", like "secretary"' };
  }
  return { value };
}

/** A local part that is a folder's name as well. It keeps its case. */
export function parseUserName(text: string): Reading<string> {
  const value = text.normalize("NFC");
  const local = parseLocalPart(value);
  if ("advice" in local) return { advice: 'write the part of your address before the "@", like "alice"' };
  if (value.includes("/")) return { advice: 'choose a name without "/", since it names a folder' };
  if (TAKEN_FOLDER_NAMES.includes(local.value)) {
    return { advice: "choose another name, since that folder in MAILFOLDER is taken" };
  }
  return { value };
}

/** An address in lower case, its domain as `parseDomainName` gives it. */
export function parseAddress(text: string): Reading<string> {
  const sign = text.lastIndexOf("@");
  const local = parseLocalPart(text.slice(0, Math.max(sign, 0)));
  const domain = parseDomainName(text.slice(sign + 1));
  if ("advice" in local || "advice" in domain) return { advice: 'write an address like "ann@example.org"' };
  return { value: `${local.value}@${domain.value}` };
}

export function parseAddresses(text: string): Reading<readonly string[]> {
  return readEach(splitList(text), parseAddress);
}

/** Addresses (`ann@example.org`) and whole domains (`@example.org`). */
export function parseSenders(text: string): Reading<SenderList> {
  const senders = readEach(splitList(text), (word) => {
    if (!word.startsWith("@")) return parseAddress(word);
    const domain = parseDomainName(word.slice(1));
    return "value" in domain ? { value: `@${domain.value}` } : domain;
  });
  if ("advice" in senders) return { advice: `${senders.advice}, or a whole domain like "@example.org"` };
  return {
    value: {
      addresses: senders.value.filter((sender) => !sender.startsWith("@")),
      domains: senders.value.filter((sender) => sender.startsWith("@")).map((sender) => sender.slice(1)),
    },
  };
}

/** Addresses of our domain, or only what stands before their `@`. */
export function parseRecipients(text: string): Reading<readonly string[]> {
  return readEach(splitList(text), (word) =>
    word.includes("@") ? parseAddress(word) : parseLocalPart(word),
  );
}

/** All words read, or advice that names every word which is wrong. */
function readEach(
  words: readonly string[],
  parse: (word: string) => Reading<string>,
): Reading<readonly string[]> {
  const values: string[] = [];
  const wrong: string[] = [];
  let advice = "";
  for (const word of words) {
    const reading = parse(word);
    if ("value" in reading) values.push(reading.value);
    else {
      wrong.push(quote(word));
      advice = reading.advice;
    }
  }
  return wrong.length === 0 ? { value: values } : { advice: `instead of ${wrong.join(", ")} ${advice}` };
}
