import { randomBytes } from "node:crypto";

/** The clock and the dice: handed to whatever needs them, so that tests can hold them. */
export interface World {
  readonly now: () => Date;
  readonly random: (octets: number) => Uint8Array;
}

export const REAL_WORLD: World = {
  now: () => new Date(),
  random: (octets) => randomBytes(octets),
};
