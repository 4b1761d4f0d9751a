/**
 * Text in the form in which searches compare it: without regard to case and to the way characters
 * are composed (the comparator i;unicode-casemap, RFC 5051 §2). A needle is found in a text exactly when
 * the folded needle stands in the folded text.
 */
export function foldText(text: string): string {
  // Upper case, because lower case of a sigma depends on the letters around it.
  return /^[\x00-\x7f]*$/.test(text) ? text.toUpperCase() : text.normalize("NFKD").toUpperCase();
}
