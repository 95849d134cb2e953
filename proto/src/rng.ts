/**
 * Randomness as a parameter: a seeded generator (xoshiro128**, public domain, prng.di.unimi.it) and one that draws
 * its seed from the operating system. Not for secrets.
 */
export interface Rng {
  /** Uniform in [0, 1), 32 bits of resolution. */
  next(): number;
  /** Uniform whole number in [0, bound). */
  integer(bound: number): number;
  /** An independent generator, reproducible from this one's seed and `label` alone. */
  fork(label: string): Rng;
}

export function seededRng(seed: number | string): Rng {
  const text = String(seed);
  const state = new Uint32Array(4);
  for (let word = 0; word < 4; word++) state[word] = hash32(`${word}:${text}`);
  const next32 = () => {
    const [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = state;
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    const shifted = s1 << 9;
    const t2 = s2 ^ s0;
    const t3 = s3 ^ s1;
    state[1] = s1 ^ t2;
    state[0] = s0 ^ t3;
    state[2] = t2 ^ shifted;
    state[3] = rotateLeft(t3, 11);
    return result;
  };
  const next = () => next32() / 0x1_0000_0000;
  return { next, integer: (bound) => Math.floor(next() * bound), fork: (label) => seededRng(`${text}/${label}`) };
}

/** Seeded by the operating system: for jitter and for the random part of ids. */
export function systemRng(): Rng {
  return seededRng(crypto.getRandomValues(new Uint32Array(4)).join('-'));
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** FNV-1a with a final avalanche, so that neighbouring seeds differ in every bit. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
