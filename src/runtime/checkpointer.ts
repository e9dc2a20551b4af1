// Checkpoints on the core: between two turns, when nothing is suspended, nothing is on its way, so what sources,
// operators and sinks say then fits together.

import type { OperatorState, Snapshot, SourceState } from '../state/snapshot.ts';
import type { CoreParts } from './core.ts';
import type { Stateful } from './operators/operator.ts';

export interface TakenSnapshot {
  epoch: number;
  snapshot: Snapshot;
  /** How long the core did nothing else. */
  pauseMillis: number;
}

type CheckpointParts = Pick<CoreParts, 'sources' | 'operators' | 'sinks' | 'turn' | 'control'>;

export class Checkpointer {
  readonly #parts: CheckpointParts;
  readonly #give: (taken: TakenSnapshot) => void;
  #epoch = 0;

  /** `give` takes what the core is asked for through `parts.control`. */
  constructor(parts: CheckpointParts, give: (taken: TakenSnapshot) => void) {
    this.#parts = parts;
    this.#give = give;
  }

  /** Between two turns: takes a snapshot if one is wanted. @returns whether. @throws LMN-4002 for what cannot be kept. */
  turn(): boolean {
    const wanted = this.#parts.control.checkpoint;
    return wanted !== this.#epoch && this.take(wanted);
  }

  /** Takes a snapshot. @returns false when something is suspended, or a source does not know yet where it is. */
  take(epoch: number): boolean {
    if (this.#parts.turn.hasPending) return false;
    const started = performance.now();
    const sources = this.#parts.sources.map((source) => source.save());
    if (!sources.every((source) => source !== null)) return false;
    const snapshot = this.#snapshot(sources);
    this.#epoch = epoch;
    this.#give({ epoch, snapshot, pauseMillis: performance.now() - started });
    return true;
  }

  /** Brings the parts, which have just been built, to where a snapshot was taken. */
  restore(snapshot: Snapshot): void {
    const { sources, operators, sinks } = this.#parts;
    const at = <T extends { id: string }>(states: T[], id: string): T | undefined => states.find((s) => s.id === id);
    for (const operator of operators) {
      for (const block of at(snapshot.operators, operator.id)?.blocks ?? []) operator.restore?.(block);
    }
    for (const sink of sinks) {
      const state = at(snapshot.sinks, sink.id);
      if (state !== undefined) sink.resume(state);
    }
    for (const source of sources) {
      const state = at(snapshot.sources, source.node.id);
      if (state !== undefined) source.restore(state);
    }
  }

  #snapshot(sources: SourceState[]): Snapshot {
    const { operators, sinks } = this.#parts;
    return {
      sources,
      operators: operators.map(stateOf).filter(({ blocks }) => blocks.length > 0),
      sinks: sinks.map((sink) => sink.settle()),
    };
  }
}

function stateOf(operator: Stateful): OperatorState {
  const blocks: Uint8Array[] = [];
  operator.save?.((block) => blocks.push(block.slice()));
  return { id: operator.id, blocks };
}
