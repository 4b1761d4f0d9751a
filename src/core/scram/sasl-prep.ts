/** RFC 3454, tables C.1.2 and B.1. */
const OTHER_SPACE = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g;
const MAPPED_TO_NOTHING =
  /\u00ad|\u034f|\u1806|[\u180b-\u180d]|[\u200b-\u200d]|\u2060|[\ufe00-\ufe0f]|\ufeff/g;

/**
 * A user name or password in the form that both sides count with (RFC 4013 §2.1, §2.2). What RFC 4013
 * prohibits is left as it is: the owner chose it, and most clients do not look.
 */
export function saslPrep(text: string): string {
  return text.replace(OTHER_SPACE, " ").replace(MAPPED_TO_NOTHING, "").normalize("NFKC");
}
