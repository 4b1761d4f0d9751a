import { Buffer } from "node:buffer";
import { decodeUtf8, encodeUtf8, type OctetString } from "../mime/mime.ts";
import { HIERARCHY_DELIMITER } from "./list-pattern.ts";

/**
 * The form in which this server names mailboxes, on disk too: modified UTF-7 (RFC 3501 §5.1.3), levels
 * parted by a full stop, `INBOX` in capitals also where it is the first of several levels.
 */
export type EncodedName = OctetString;

/** How a client writes mailbox names: in UTF-8 once it enabled that (RFC 6855 §3, RFC 9051 §5.1). */
export type NameForm = "utf-7" | "utf-8";

const SHIFTED = /&([A-Za-z0-9+,]*)-/g;

/**
 * The name of a mailbox as a client writes it; undefined when it is not written in that form. Modified UTF-7
 * must be the shortest, since a mailbox must not have two names; UTF-8 is to be composed.
 */
export function decodeMailboxName(written: OctetString, form: NameForm): EncodedName | undefined {
  const name = form === "utf-8" ? encodeFromUtf8(written) : checkUtf7(written);
  return name?.replace(/^inbox(?=\.|$)/i, "INBOX");
}

/** The name as this client writes it. */
export function encodeMailboxName(name: EncodedName, form: NameForm): OctetString {
  if (form === "utf-7") return name;
  const text = decodeUtf7(name);
  return isText(text) ? encodeUtf8(text) : name; // another program's folder: no answer may have line ends in it
}

function encodeFromUtf8(written: OctetString): EncodedName | undefined {
  const text = decodeUtf8(written);
  return text === undefined || !isText(text) ? undefined : encodeUtf7(text);
}

/** Whether its text is in Normalization Form C. */
export function isComposed(name: EncodedName): boolean {
  return compose(name) === name;
}

/**
 * The name with its text in Normalization Form C (RFC 5198 §3), but for the levels of a mailbox that is known as it
 * is: not everybody who makes folders composes their names.
 */
export function composeMailboxName(name: EncodedName, known: ReadonlySet<EncodedName>): EncodedName {
  const levels = name.split(HIERARCHY_DELIMITER);
  let kept = levels.length;
  while (kept > 0 && !known.has(levels.slice(0, kept).join(HIERARCHY_DELIMITER))) kept -= 1;
  return levels.map((level, at) => (at < kept ? level : compose(level))).join(HIERARCHY_DELIMITER);
}

function compose(name: EncodedName): EncodedName {
  return encodeUtf7(decodeUtf7(name).normalize("NFC"));
}

/** Whether it is what UTF-8 can say, without control characters. */
function isText(text: string): boolean {
  return !/[\x00-\x1f\x7f]/.test(text) && text.isWellFormed();
}

function checkUtf7(written: OctetString): EncodedName | undefined {
  const text = decodeUtf7(written);
  const isName = /^[\x20-\x7e]*$/.test(written) && isText(text) && encodeUtf7(text) === written;
  return isName ? written : undefined;
}

/** Text as modified UTF-7: what is not printable ASCII goes as UTF-16 in Base64, `&` as `&-`. */
function encodeUtf7(text: string): EncodedName {
  return text.replace(/&|[^\x20-\x7e]+/g, (run) => {
    if (run === "&") return "&-";
    const utf16 = Buffer.from(run, "utf16le").swap16();
    return `&${utf16.toString("base64").replace(/=+$/, "").replaceAll("/", ",")}-`;
  });
}

/** What is no valid sequence comes out as something that encodes differently, which `checkUtf7` notices. */
function decodeUtf7(name: EncodedName): string {
  return name.replace(SHIFTED, (_, base64: string) => {
    if (base64 === "") return "&";
    const octets = Buffer.from(base64.replaceAll(",", "/"), "base64");
    return octets
      .subarray(0, octets.length & ~1)
      .swap16()
      .toString("utf16le");
  });
}
