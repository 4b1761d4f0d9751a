import { domainToASCII } from "node:url";

/**
 * `own` is for us; `blocked` would be, but got onto the lists of spammers; `foreign` would have to
 * be relayed, which this server never does.
 */
export type RecipientKind = "own" | "blocked" | "foreign";

export interface Recipient {
  readonly kind: RecipientKind;
  /** See `normalizePath`. */
  readonly path: string;
}

/**
 * Builds the judge of RCPT addresses for a domain that takes everything (catch-all) but the `blocked`
 * local parts, in which `*` stands for any text; letter case does not matter. Domains are compared as
 * the DNS does, `xn--` and Unicode spellings alike. The bare `postmaster` is ours (RFC 5321 §4.1.1.3).
 */
export function createRecipientJudge(
  domain: string,
  blocked: readonly string[],
): (address: string) => Recipient {
  const own = asciiDomain(domain);
  const patterns = blocked.map((pattern) => toRegExp(pattern.replace(/@[^@]*$/, "")));
  return (address) => {
    const given = address.includes("@") ? normalizePath(address) : `${address}@${own}`;
    if (!given.endsWith(`@${own}`)) return { kind: "foreign", path: given };
    const localPart = unquote(given.slice(0, -own.length - 1));
    const isBlocked = !POSTMASTER.test(localPart) && patterns.some((pattern) => pattern.test(localPart));
    return { kind: isBlocked ? "blocked" : "own", path: `${localPart}@${own}` };
  };
}

/** Whoever blocks `*` or `post*` still has to take mail for it (RFC 5321 §4.5.1). */
const POSTMASTER = /^postmaster$/i;

/** `"shop"` and `shop` are the same local part, whatever it was quoted for (RFC 5321 §4.1.2). */
function unquote(localPart: string): string {
  const [, quoted] = /^"((?:[^"\\]|\\.)*)"$/.exec(localPart) ?? [];
  const plain = quoted?.replace(/\\(.)/g, "$1") ?? "";
  const isDotString = /^[^\s()<>[\]:;@\\,."]+(?:\.[^\s()<>[\]:;@\\,."]+)*$/.test(plain);
  return isDotString ? plain : localPart;
}

function toRegExp(pattern: string): RegExp {
  const literals = pattern.split(/\*+/).map((literal) => literal.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"));
  return new RegExp(`^${literals.join(".*")}$`, "iu");
}

/**
 * An address with its domain in ASCII and lower case, whichever way it was sent: smtp-server decodes
 * `xn--` labels, and only messages with SMTPUTF8 may have the decoded form in a field (RFC 6531 §3.7.2).
 */
export function normalizePath(address: string): string {
  const at = address.lastIndexOf("@");
  return at < 0 ? address : `${address.slice(0, at + 1)}${asciiDomain(address.slice(at + 1))}`;
}

/** What has no ASCII form stays: address literals, malformed names. */
function asciiDomain(domain: string): string {
  // `domainToASCII` reads the host of a URL: it ends at a slash, and `%6d` is a letter.
  const isInternational = /[^\x00-\x7f]/.test(domain) && !/[%/\\?#:@]/.test(domain);
  return (isInternational && domainToASCII(domain)) || domain.toLowerCase();
}
