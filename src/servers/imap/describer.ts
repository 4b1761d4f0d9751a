import { MessageSummarizer, SUMMARY_VERSION } from "../../core/imap/imap.ts";
import { SearchableTextReader } from "../../core/mime/mime.ts";
import type { Describer } from "../../storage/maildir/maildir.ts";

/** Makes of each message what a session answers from; for whoever opens the Maildir. */
export const describer: Describer = {
  version: SUMMARY_VERSION,
  module: new URL(import.meta.url),
  async describe(octets) {
    const summarizer = new MessageSummarizer();
    for await (const chunk of octets) summarizer.push(chunk);
    const { summary, text } = summarizer.end();
    return { description: summary, text };
  },
  async readText(octets) {
    const reader = new SearchableTextReader();
    for await (const chunk of octets) reader.push(chunk);
    return reader.end();
  },
};
