import { randomBytes } from "node:crypto";
import { createDnsResolve, type Resolve } from "../servers/smtp/smtp.ts";

/** The clock, the dice and the DNS: handed to whatever needs them, so that tests can hold them. */
export interface World {
  readonly now: () => Date;
  readonly random: (octets: number) => Uint8Array;
  readonly resolve: Resolve;
}

const DRAWN_OCTETS = 4096;

/**
 * Random octets, none of them twice. They are drawn in advance: asking the generator takes as long for eight of
 * them as for a thousand, and every message needs some.
 */
export function createRandom(): (octets: number) => Uint8Array {
  let drawn = Buffer.alloc(0);
  return (octets) => {
    if (octets > drawn.length) drawn = randomBytes(Math.max(octets, DRAWN_OCTETS));
    const given = Uint8Array.prototype.slice.call(drawn, 0, octets);
    drawn.fill(0, 0, octets); // what was given is nowhere else: it may become a key
    drawn = drawn.subarray(octets);
    return given;
  };
}

const now = () => new Date();

export const REAL_WORLD: World = {
  now,
  random: createRandom(),
  resolve: createDnsResolve(now),
};
