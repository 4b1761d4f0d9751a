import { randomBytes } from "node:crypto";
import { createDnsResolve, type Resolve } from "../servers/smtp/smtp.ts";

/** The clock, the dice and the DNS: handed to whatever needs them, so that tests can hold them. */
export interface World {
  readonly now: () => Date;
  readonly random: (octets: number) => Uint8Array;
  readonly resolve: Resolve;
}

export const REAL_WORLD: World = {
  now: () => new Date(),
  random: (octets) => randomBytes(octets),
  resolve: createDnsResolve(),
};
