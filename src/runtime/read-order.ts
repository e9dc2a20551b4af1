// Which sources are read on where the rows of several wait for each other.
//
// A join in event time keeps what one source gives until the other has come as far. Sources are read a batch each in turn,
// and a batch of one may be more time than a batch of the other: the further they drift apart, the more is kept, and what
// is kept for long is in no cache any more when its time comes. So a source is passed over while another that it is joined
// with is behind it and had something to give when it was last asked.
//
// Others may read the source, too: it is passed over no more than PASSED_OVER_MAX times in a row, and never for one that
// has nothing to give.

import type { PlanNode } from '../plan/physical-plan.ts';
import type { SourceTask } from './source-task.ts';

/** Turns of the others: some 20 ms of batches. */
const PASSED_OVER_MAX = 64;

/** What of a source counts here. */
export type OrderedSource = Pick<SourceTask, 'isEnded' | 'watermarkMicros' | 'turn'>;

export class ReadOrder {
  readonly #sources: readonly OrderedSource[];
  /** Of each source the numbers of those that it is joined with. */
  readonly #partners: readonly (readonly number[])[];
  /** Whether it had something to give when it was last asked. */
  readonly #wasBusy: boolean[];
  readonly #passedOver: number[];

  constructor(sources: readonly OrderedSource[], partners: readonly (readonly number[])[]) {
    this.#sources = sources;
    this.#partners = partners;
    this.#wasBusy = sources.map(() => false);
    this.#passedOver = sources.map(() => 0);
  }

  /** Handles the next batch of a source, unless it is passed over. @returns whether there was something to do. */
  turn(index: number): boolean {
    if (this.#isAhead(index) && (this.#passedOver[index] as number) < PASSED_OVER_MAX) {
      this.#passedOver[index] = (this.#passedOver[index] as number) + 1;
      // It may have: the core must not go to sleep over it.
      return true;
    }
    this.#passedOver[index] = 0;
    const isBusy = (this.#sources[index] as OrderedSource).turn();
    this.#wasBusy[index] = isBusy;
    return isBusy;
  }

  #isAhead(index: number): boolean {
    const partners = this.#partners[index] as readonly number[];
    const own = (this.#sources[index] as OrderedSource).watermarkMicros;
    for (let i = 0; i < partners.length; i++) {
      const at = partners[i] as number;
      const other = this.#sources[at] as OrderedSource;
      if (this.#wasBusy[at] === true && !other.isEnded && other.watermarkMicros < own) return true;
    }
    return false;
  }
}

/** Of each of these sources the numbers of those that a join in event time brings it together with. */
export function joinedSources(nodes: readonly PlanNode[], ids: readonly string[]): number[][] {
  const upstream = new Map<string, Set<number>>();
  const partners = ids.map(() => new Set<number>());
  for (const node of nodes) {
    const own = ids.indexOf(node.id);
    const inputs = node.inputs.map((input) => upstream.get(input) ?? new Set<number>());
    upstream.set(node.id, new Set([...(own < 0 ? [] : [own]), ...inputs.flatMap((sources) => [...sources])]));
    if (node.kind !== 'join' || node.time === null || node.time.joinsAtEnd) continue;
    const [left = new Set<number>(), right = new Set<number>()] = inputs;
    for (const a of left) {
      for (const b of right) {
        if (a === b) continue;
        partners[a]?.add(b);
        partners[b]?.add(a);
      }
    }
  }
  return partners.map((others) => [...others]);
}
