/**
 * What HTML says to a person, as plain text: for calendar entries and previews. No parser of HTML and no
 * renderer: nothing is executed or loaded, and what is hidden by styles is not known to be.
 */
export { htmlToText } from "./html-to-text.ts";
