// A hook for tests: turns of a core that come late at random, as on a machine that has other things to do. Which turns is
// drawn by a seed. LAMINAR_TEST_DELAYS is the seed, LAMINAR_TEST_EXCHANGE the bytes of an exchange's rings, which is then
// used from two cores on, LAMINAR_TEST_COPY the bytes of state from which on memory is copied at a checkpoint.

/** One turn in so many is late. */
const RARITY = 40;
const MILLIS_MAX = 4;

/** What the environment of a test asks for; nothing in any other. */
export function testHooks(environment: Readonly<Record<string, string | undefined>> = process.env): {
  delays: number;
  exchangeBytes: number;
  copiedBytes: number;
} {
  const number = (name: string): number => Number(environment[name] ?? 0);
  return {
    delays: number('LAMINAR_TEST_DELAYS'),
    exchangeBytes: number('LAMINAR_TEST_EXCHANGE'),
    copiedBytes: number('LAMINAR_TEST_COPY'),
  };
}

/** Sleeps now and then when it is called. @param seed 0: never, and null. */
export function createDelays(seed: number, core: number): (() => void) | null {
  if (seed === 0) return null;
  let state = (seed * 31 + core) >>> 0;
  const word = new Int32Array(new SharedArrayBuffer(4));
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    if ((state >>> 8) % RARITY === 0) Atomics.wait(word, 0, 0, ((state >>> 16) % (MILLIS_MAX * 100)) / 100);
  };
}
