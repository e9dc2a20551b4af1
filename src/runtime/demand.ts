// Who still wants rows: a LIMIT that has given all it may wants no more, and neither does whatever only feeds it.
//
// A node is wanted while it is a sink, or any of its readers is wanted, and it has not said that it is satisfied.

import type { PhysicalPlan } from '../plan/physical-plan.ts';

export class Demand {
  /** Ids of those that read a node, by its id. */
  readonly #readers = new Map<string, string[]>();
  readonly #sinks: ReadonlySet<string>;
  readonly #satisfied = new Set<string>();

  constructor({ nodes }: PhysicalPlan) {
    for (const { id } of nodes) this.#readers.set(id, []);
    for (const { id, inputs } of nodes) for (const input of inputs) this.#readers.get(input)?.push(id);
    this.#sinks = new Set(nodes.filter(({ kind }) => kind === 'sink').map(({ id }) => id));
  }

  /** A node needs nothing more to come. */
  satisfy(id: string): void {
    this.#satisfied.add(id);
  }

  isWanted(id: string): boolean {
    if (this.#satisfied.has(id)) return false;
    return this.#sinks.has(id) || (this.#readers.get(id) ?? []).some((reader) => this.isWanted(reader));
  }
}
