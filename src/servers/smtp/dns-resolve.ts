import { Resolver } from "node:dns/promises";
import type { Resolve } from "./resolve-budget.ts";

/** Long for a name server, short for a sender that waits for the answer to RCPT. */
const TIMEOUT_MS = 2_000;
const TRIES = 2;

/** Asks the name servers of this machine. */
export function createDnsResolve(): Resolve {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
  return (name, type) => resolver.resolve(name, type) as ReturnType<Resolve>;
}
