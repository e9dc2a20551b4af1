// What cores beside the first give of a checkpoint, on the main thread, until the first one has given its part. They give
// theirs first, but messages of several threads come in any order.

import type { TakenShare, TakenSnapshot } from './checkpointer.ts';

/** A core that has not given its share by then, ms after the first core has, will not: the checkpoint is abandoned. */
const WAIT_MILLIS = 5000;

export class CheckpointShares {
  /** Those of the checkpoint that is waited for, and of later ones. */
  #shares: TakenShare[] = [];
  #hear: () => void = () => {};

  take(share: TakenShare): void {
    this.#shares.push(share);
    this.#hear();
  }

  /** Waits for the shares that belong to what the first core has given. @returns all of it; null when some do not come. */
  async complete(taken: TakenSnapshot): Promise<TakenSnapshot | null> {
    const shares = await this.#all(taken.asked, taken.shareCount);
    if (shares === null) return null;
    const operators = [...taken.snapshot.operators, ...shares.flatMap(({ operators }) => operators)];
    const corePauses = [...taken.corePauses, ...shares.map(({ pauseMillis }) => pauseMillis)];
    return { ...taken, snapshot: { ...taken.snapshot, operators }, pauseMillis: Math.max(...corePauses), corePauses };
  }

  /** In the order of cores. */
  async #all(asked: number, count: number): Promise<TakenShare[] | null> {
    const end = performance.now() + WAIT_MILLIS;
    for (;;) {
      // Of earlier checkpoints nobody asks any more.
      this.#shares = this.#shares.filter((share) => share.asked >= asked);
      const own = this.#shares.filter((share) => share.asked === asked);
      if (own.length === count) {
        this.#shares = this.#shares.filter((share) => share.asked > asked);
        return own.sort((a, b) => coreOf(a) - coreOf(b));
      }
      const left = end - performance.now();
      if (left <= 0) return null;
      await this.#nextShare(left);
    }
  }

  #nextShare(millis: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, millis);
      this.#hear = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function coreOf({ operators }: TakenShare): number {
  return operators[0]?.core ?? 0;
}
