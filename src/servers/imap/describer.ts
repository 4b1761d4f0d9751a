import {
  MessageSummarizer,
  readSummaryKeys,
  SUMMARY_VERSION,
  type SummarizedMessage,
  summarizeMessage,
} from "../../core/imap/imap.ts";
import type { Describer, Description } from "../../storage/maildir/maildir.ts";

/** Makes of each message what a session answers from; for whoever opens the Maildir. */
export const describer: Describer = {
  version: SUMMARY_VERSION,
  module: new URL(import.meta.url),
  async describe(octets) {
    const summarizer = new MessageSummarizer();
    for await (const chunk of octets) summarizer.push(chunk);
    return descriptionOf(summarizer.end());
  },
  describeWhole(octets) {
    return descriptionOf(summarizeMessage(octets));
  },
  keysOf: readSummaryKeys,
};

function descriptionOf({ summary, text }: SummarizedMessage): Description {
  return { description: summary, text };
}
