// How full the rings between cores are, for whoever watches a run from the main thread.

import type { PhysicalPlan } from '../plan/physical-plan.ts';
import type { LinkRequest } from './channels/core-link.ts';
import { layoutOf } from './channels/core-link.ts';
import { ringLoad } from './channels/ring.ts';
import type { SharedLayout } from './channels/shared-layout.ts';
import type { RingCounters } from './run.ts';

export class RingReader {
  readonly #layout: SharedLayout | null;
  readonly #words: Int32Array;

  /** `link`: null when there is one core. */
  constructor(plan: PhysicalPlan, link: LinkRequest | null) {
    this.#layout = link === null ? null : layoutOf(plan, link);
    this.#words = new Int32Array(link?.shared.buffer ?? new ArrayBuffer(0));
  }

  /** The rings that a core writes. */
  read(core: number): RingCounters[] {
    if (this.#layout === null || core === 0) return [];
    const layout = this.#layout;
    return [...layout.sources].map(([id, places]) => {
      const load = ringLoad(layout.ring(this.#words, places, core));
      return { to: 0, id, capacityBytes: places.ringCapacity, ...load };
    });
  }
}
