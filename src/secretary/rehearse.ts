import type { MessageReading } from "../core/payloads/payloads.ts";
import type { ComponentOutcome, FiledMessage } from "./agenda.ts";
import { Agenda, type AgendaOptions } from "./agenda.ts";
import { outcomesOutside, unreadable } from "./decisions.ts";
import type { Parser } from "./parser.ts";
import { placementOf } from "./policy.ts";
import type { Workplace } from "./workplace.ts";

/** A message that is only looked at. */
export interface Candidate {
  readonly name: string;
  readonly open: () => AsyncIterable<Uint8Array>;
}

export interface Rehearsal extends Pick<Workplace, "policy" | "reading" | "now"> {
  /** On a copy of the database. */
  readonly agenda: AgendaOptions;
  readonly parser: Parser;
}

/** Says what would become of messages if they were mailed to the secretary in this order. */
export async function rehearse(
  candidates: Iterable<Candidate>,
  { agenda: options, parser, policy, reading: context, now }: Rehearsal,
): Promise<ComponentOutcome[]> {
  const readings: { name: string; reading: MessageReading }[] = [];
  const fileDate = Math.floor(now().getTime() / 1000);
  for (const { name, open } of candidates) {
    const result = await parser.read(open, { ...context, fileDate });
    readings.push({ name, reading: typeof result === "string" ? unreadable(fileDate, result) : result });
  }
  const agenda = new Agenda(options);
  return readings.flatMap(({ name, reading }) => {
    if (placementOf(reading, policy) !== "publish") return outcomesOutside(name, reading);
    const filed: FiledMessage = { key: name, isApproved: false, reading };
    return agenda.apply([filed], []);
  });
}
