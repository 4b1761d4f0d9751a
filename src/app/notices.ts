import type { Config } from "./config.ts";

/** What is no fault of a setting, and yet hardly meant. It reads on after the setting's name. */
export interface Notice {
  readonly setting: string;
  readonly message: string;
}

/** Whoever blocks `*` or `s*` may not have thought of the secretary, whom nobody could then write to. */
export async function noticesAbout({
  domain,
  blockedRecipients,
  webcal,
}: Config): Promise<readonly Notice[]> {
  if (webcal === undefined || blockedRecipients.length === 0) return [];
  const { createRecipientJudge } = await import("../servers/smtp/smtp.ts");
  const { kind, path } = createRecipientJudge(domain, blockedRecipients)(`${webcal.ingestUser}@${domain}`);
  if (kind !== "blocked") return [];
  const message = `blocks ${path} as well, so that no invitation can be mailed to the calendar`;
  return [{ setting: "BLOCKED_RECIPIENTS", message }];
}
