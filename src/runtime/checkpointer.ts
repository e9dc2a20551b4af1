// Checkpoints on the core: between two turns, when nothing is suspended, nothing is on its way, so what sources,
// operators and sinks say then fits together.

import { killPoint } from '../base/kill-point.ts';
import type { OperatorState, SinkState, Snapshot, SourceState } from '../state/snapshot.ts';
import { BARRIER_FIRST, BARRIER_LAST } from './channels/chunk-records.ts';
import type { CoreParts } from './core.ts';
import type { Exchange } from './exchange/exchange.ts';
import { restoreOperator, WHOLE } from './restore-operator.ts';
import type { StateKeeper } from './state-keeper.ts';

export interface TakenSnapshot {
  /** Number of the request that it answers; 0: none, the run has come to its end. */
  asked: number;
  snapshot: Snapshot;
  /** Everything has been written: there is nothing to go on with. */
  isFinished: boolean;
  /** How long the core did nothing else; of all cores the longest, once their shares are there. */
  pauseMillis: number;
  /** That of each core. */
  corePauses: number[];
  /** What so many other cores have given of the same request belongs to it. */
  shareCount: number;
}

/** What a core beside the first keeps of what all cores compute. */
export interface TakenShare {
  /** Number of the request. */
  asked: number;
  operators: OperatorState[];
  pauseMillis: number;
}

type CheckpointParts = Pick<
  CoreParts,
  'sources' | 'operators' | 'remotes' | 'sinks' | 'deadLetters' | 'turn' | 'control' | 'exchanges'
>;

export class Checkpointer {
  readonly #parts: CheckpointParts;
  readonly #give: (taken: TakenSnapshot) => void;
  readonly #keeper: StateKeeper;
  /** What is being taken, and of which exchanges: those that have not come to their end. */
  #cut: { asked: number; members: Exchange[] } = { asked: 0, members: [] };
  /** The request that was answered last. */
  #answered = 0;

  /** `give` takes what the core is asked for through `parts.control`. */
  constructor(parts: CheckpointParts, keeper: StateKeeper, give: (taken: TakenSnapshot) => void) {
    this.#parts = parts;
    this.#give = give;
    this.#keeper = keeper;
  }

  /**
   * Between two turns: takes a snapshot if one is wanted. @returns whether; not when something is suspended, or a source
   * does not know yet where it is: after a turn or a few it does.
   */
  turn(): boolean {
    const { control, turn, exchanges, remotes } = this.#parts;
    const wanted = control.checkpoint;
    if (wanted === this.#answered) remotes.isDraining = false;
    if (wanted === this.#answered || turn.hasPending) return false;
    // What was begun is taken first, though another has been asked for meanwhile.
    const asked = this.#cut.asked === 0 ? wanted : this.#cut.asked;
    const sources = this.#cutAll(asked);
    if (sources === null) return false;
    killPoint('barrier', asked);
    const started = performance.now();
    this.#answered = asked;
    const snapshot = this.#snapshot(sources);
    const shareCount = this.#cut.members.length === 0 ? 0 : exchanges.coreCount - 1;
    this.#cut = { asked: 0, members: [] };
    for (const member of exchanges.members) member.passBarrier();
    killPoint('settled', asked);
    const pauseMillis = performance.now() - started;
    this.#give({
      asked,
      snapshot,
      isFinished: false,
      pauseMillis,
      corePauses: [pauseMillis],
      shareCount,
    });
    killPoint('posted', asked);
    return true;
  }

  /**
   * Has all cores take the checkpoint: of one exchange after another, as what is before each has come to it, and nothing of it
   * is elsewhere. @returns where the sources are, once everything before has been computed and passed on; null until then
   */
  #cutAll(asked: number): SourceState[] | null {
    const { exchanges, remotes } = this.#parts;
    const cut = this.#cut;
    if (cut.asked === 0)
      this.#cut = { asked, members: exchanges.members.filter(({ results }) => results?.isDone !== true) };
    const { members } = this.#cut;
    let sources: SourceState[] | null = null;
    for (let i = 0; i <= members.length; i++) {
      const member = members[i];
      const isFed = member === undefined || member.sender !== null;
      // What goes into a join that core 0 feeds must not come from a source that does not know where it is.
      if (isFed) {
        remotes.isDraining = remotes.isWaiting;
        if (remotes.isDraining) return null;
        sources ??= this.#sources();
        if (sources === null) return null;
      }
      const part = (i === 0 ? BARRIER_FIRST : 0) | (i === members.length - 1 ? BARRIER_LAST : 0);
      if (member !== undefined && !member.cut(asked, part)) return null;
    }
    return sources;
  }

  #sources(): SourceState[] | null {
    const sources = this.#parts.sources.map((source) => source.save());
    return sources.every((source) => source !== null) ? sources : null;
  }

  /** The run has ended, and all of its output is there. */
  finish(): void {
    const snapshot = { sources: [], operators: [], sinks: this.#settle() };
    this.#give({ asked: 0, snapshot, isFinished: true, pauseMillis: 0, corePauses: [0], shareCount: 0 });
  }

  /** Brings the parts, which have just been built, to where a snapshot was taken. */
  restore(snapshot: Snapshot): void {
    const { sources, operators, sinks, exchanges } = this.#parts;
    for (const member of exchanges.members) member.restore(snapshot);
    const at = <T extends { id: string }>(states: T[], id: string): T | undefined => states.find((s) => s.id === id);
    for (const operator of operators) {
      if (exchanges.memberOf(operator.id) !== null) continue;
      const states = snapshot.operators.filter(({ id }) => id === operator.id);
      restoreOperator(operator, states, WHOLE);
    }
    for (const sink of sinks) {
      const state = at(snapshot.sinks, sink.id);
      if (state !== undefined) sink.resume(state);
    }
    for (const source of sources) {
      const state = at(snapshot.sources, source.node.id);
      if (state !== undefined) source.restore(state);
    }
    this.#keeper.giveBack();
  }

  #snapshot(sources: SourceState[]): Snapshot {
    const keeper = this.#keeper;
    keeper.begin();
    const { operators: built, exchanges } = this.#parts;
    const others = built.filter(({ id }) => exchanges.memberOf(id) === null);
    const states = others
      .map((operator) => keeper.take(operator))
      .filter(({ blocks, image }) => blocks.length > 0 || image !== undefined);
    const owned = exchanges.members.map((member) => keeper.take(member.owner.kept, member));
    return { sources, operators: [...states, ...owned], sinks: this.#settle() };
  }

  #settle(): SinkState[] {
    const { sinks, deadLetters } = this.#parts;
    return [...sinks, ...deadLetters].map((output) => output.settle());
  }
}
