/** How long to go on, and from where: the same seed gives the same inputs. */
export interface FuzzRun {
  readonly seed: number;
  readonly milliseconds: number;
}

/**
 * Makes inputs and checks what must hold for each. Fails with the seed and the input; returns how many inputs
 * there were.
 */
export async function fuzz(
  { seed, milliseconds }: FuzzRun,
  make: (random: Random) => Uint8Array,
  check: (input: Uint8Array) => void | Promise<void>,
): Promise<number> {
  const random = randomNumbers(seed);
  const end = performance.now() + milliseconds;
  let inputs = 0;
  for (; performance.now() < end; inputs++) {
    const input = make(random);
    try {
      await check(input);
    } catch (cause) {
      const base64 = Buffer.from(input).toString("base64");
      throw new Error(`Input ${inputs} of seed ${seed} fails: ${base64}`, { cause });
    }
  }
  return inputs;
}

/** A number from 0 up to, but not including, `below`. */
export type Random = (below: number) => number;

/** Marsaglia's xorshift of 32 bits. */
export function randomNumbers(seed: number): Random {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const INTERESTING = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

const DAMAGES: readonly ((octets: Uint8Array, random: Random, other: Uint8Array) => Uint8Array)[] = [
  function cut(octets, random) {
    return octets.slice(0, random(octets.length + 1));
  },
  function flipBit(octets, random) {
    const at = random(octets.length);
    octets[at] = (octets[at] ?? 0) ^ (1 << random(8));
    return octets;
  },
  function setOctet(octets, random) {
    octets[random(octets.length)] = random(256);
    return octets;
  },
  function setNumber(octets, random) {
    if (octets.length < 4) return octets;
    const number = INTERESTING[random(INTERESTING.length)] ?? 0;
    new DataView(octets.buffer, octets.byteOffset).setUint32(random(octets.length - 3), number, true);
    return octets;
  },
  function remove(octets, random) {
    const from = random(octets.length);
    const to = Math.min(octets.length, from + 1 + random(64));
    return Uint8Array.from(Buffer.concat([octets.subarray(0, from), octets.subarray(to)]));
  },
  function repeat(octets, random) {
    const from = random(octets.length);
    const to = Math.min(octets.length, from + 1 + random(64));
    return Uint8Array.from(Buffer.concat([octets.subarray(0, to), octets.subarray(from)]));
  },
  function join(octets, random, other) {
    return Uint8Array.from(
      Buffer.concat([octets.subarray(0, random(octets.length)), other.subarray(random(other.length))]),
    );
  },
];

/** One of the samples with up to six damages. */
export function damage(samples: readonly Uint8Array[], random: Random): Uint8Array {
  const sample = (): Uint8Array => samples[random(samples.length)] ?? new Uint8Array(1);
  let octets = Uint8Array.from(sample());
  for (let rounds = 1 + random(6); rounds > 0 && octets.length > 0; rounds--) {
    const change = DAMAGES[random(DAMAGES.length)];
    octets = Uint8Array.from(change?.(octets, random, sample()) ?? octets);
  }
  return octets;
}
