// Reproducible random numbers, and how often random tests try.
//
// A test that fails must fail again: without LAMINAR_TEST_SEED every run draws the same. `npm run test:random` draws others,
// more often.

/** What all random tests draw from; LAMINAR_TEST_SEED is another one. */
export const SEED = Number(process.env['LAMINAR_TEST_SEED'] ?? 1);

/** How often a random test tries: so often, or LAMINAR_TIMES as often. */
export function often(times: number): number {
  return Math.ceil(times * Number(process.env['LAMINAR_TIMES'] ?? 1));
}

export interface Random {
  /** An integer from 0 to `limit` − 1. */
  below(limit: number): number;
}

/** A generator that gives the same numbers for the same seed (xorshift32). */
export function createRandom(seed: number): Random {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  for (let i = 0; i < 8; i++) next();
  return { below: (limit) => Math.floor((next() / 0x1_0000_0000) * limit) };
}

/** One of the items. */
export function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.below(items.length)] as T;
}

/** The items in random order. */
export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const rest = [...items];
  for (let i = rest.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [rest[i], rest[j]] = [rest[j] as T, rest[i] as T];
  }
  return rest;
}
