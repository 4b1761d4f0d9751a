import { mechanismsOf } from "./mechanisms.ts";
import type { Session } from "./session.ts";

/** What every session can do once it is logged in, beyond the base protocol. */
const EXTENSIONS: readonly string[] = [
  "LITERAL+", // RFC 7888
  "IDLE", // RFC 2177
  "NAMESPACE", // RFC 2342
  "CHILDREN", // RFC 3348
  "UNSELECT", // RFC 3691
  "UIDPLUS", // RFC 4315
  "MULTIAPPEND", // RFC 3502
  "BINARY", // RFC 3516
  "ESEARCH", // RFC 4731
  "CONDSTORE", // RFC 7162
  "QRESYNC", // RFC 7162
  "SEARCHRES", // RFC 5182
  "WITHIN", // RFC 5032
  "SORT", // RFC 5256
  "THREAD=ORDEREDSUBJECT", // RFC 5256
  "THREAD=REFERENCES", // RFC 5256
  "LIST-EXTENDED", // RFC 5258
  "LIST-STATUS", // RFC 5819
  "SPECIAL-USE", // RFC 6154
  "CREATE-SPECIAL-USE", // RFC 6154
  "MOVE", // RFC 6851
  "UTF8=ACCEPT", // RFC 6855
  "STATUS=SIZE", // RFC 8438
  "OBJECTID", // RFC 8474
  "SAVEDATE", // RFC 8514
  "PREVIEW", // RFC 8970
  "PARTIAL", // RFC 9394
];

/** What can be enabled (RFC 5161); nothing that is not asked for changes how we answer. */
export const ENABLEABLE = ["CONDSTORE", "QRESYNC", "UTF8=ACCEPT", "IMAP4REV2"] as const;

export type Enableable = (typeof ENABLEABLE)[number];

/** What the session can do in its present state (RFC 9051 §6.1.1). What is not done is not announced. */
export function capabilitiesOf(session: Session): string {
  const { state, channel, options } = session;
  const base = ["IMAP4rev1", "IMAP4rev2", "SASL-IR", "ENABLE", "ID"];
  if (state !== "not-authenticated") {
    const compress = channel.isCompressed ? [] : ["COMPRESS=DEFLATE"];
    return [...base, ...EXTENSIONS, ...compress, `APPENDLIMIT=${options.maxMessageOctets}`].join(" ");
  }
  // Before login a literal that comes without asking must be small (RFC 7888 §5).
  const login = channel.isSecure
    ? mechanismsOf(session).map((mechanism) => `AUTH=${mechanism}`)
    : ["STARTTLS", "LOGINDISABLED"];
  return [...base, "LITERAL-", ...login].join(" ");
}
