import { withoutQuotesAndComments } from "./from-address.ts";

/**
 * What the server found out about the address in From when the message came (RFC 9989, DMARC):
 * `verified`: its domain stands behind the message; `unproven`: its domain says nothing about who may use
 * its name; `failed`: its domain says otherwise, or could not be asked; `unchecked`: nobody looked.
 */
export type SenderProof = "verified" | "unproven" | "failed" | "unchecked";

/**
 * Reads an `Authentication-Results` field (RFC 8601 §2.2). It must be the one directly above the `Received`
 * field that we wrote, for only there is nothing that the sender wrote; undefined when there is none.
 */
export function senderProofOf(
  results: string | undefined,
  { sender, domain }: { readonly sender: string; readonly domain: string },
): SenderProof {
  // In comments and quoted strings stand the sender's words.
  const [name, ...statements] = withoutQuotesAndComments(results ?? "").split(";");
  if (name?.trim().toLowerCase() !== domain) return "unchecked";
  const findings = statements.map((each) => each.trim()).filter((each) => /^dmarc\s*=/i.test(each));
  const [finding = "", ...others] = findings;
  const [, result] = /^dmarc\s*=\s*([a-z]+)(?=\s|$)/i.exec(finding) ?? [];
  if (others.length > 0 || result === undefined) return "failed";
  if (result === "none") return "unproven";
  const [, author] = /\sheader\.from=(\S+)/i.exec(finding) ?? [];
  // Two readers of From may disagree about whose address it is.
  const isAboutSender = author !== undefined && sender.endsWith(`@${author.toLowerCase()}`);
  return result === "pass" && isAboutSender ? "verified" : "failed";
}
