import { Resolver } from "node:dns/promises";
import { withMemory } from "./answer-memory.ts";
import type { Resolve } from "./resolve-budget.ts";

/** Long for a name server, short for a sender that waits for the answer to RCPT. */
const TIMEOUT_MS = 2_000;
const TRIES = 2;
/** A burst of mail lasts as long, and hardly a record is published to be valid for less. */
const REMEMBER_MS = 5_000;

/** Asks the name servers of this machine, and remembers what they said for a moment. */
export function createDnsResolve(now: () => Date): Resolve {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
  const resolve = (name: string, type: string) => resolver.resolve(name, type) as ReturnType<Resolve>;
  return withMemory(resolve, { ms: REMEMBER_MS, now });
}
