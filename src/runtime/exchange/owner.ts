// The receiving half of an exchange: a core takes the rows that it owns, computes the node over them, and sends what
// comes of it to core 0. Of every input it takes chunk by chunk (owned-input.ts).

import { assert } from '../../base/assert.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { OwnedPlan } from '../../plan/exchange.ts';
import type { OperatorState, SourceState } from '../../state/snapshot.ts';
import { OWNED_BARRIER, OWNED_FINAL } from '../channels/chunk-records.ts';
import type { CoreLink } from '../channels/core-link.ts';
import type { Waiting } from '../channels/ring-writer.ts';
import type { CompiledMaps } from '../compiled-maps.ts';
import { OPERATOR_KEYS, OPERATOR_LATE, OPERATOR_STATE_BYTES } from '../counters.ts';
import type { MemoryShare } from '../memory-share.ts';
import type { Input, Stateful } from '../operators/operator.ts';
import { isOutOfMemory, outOfMemory } from '../out-of-memory.ts';
import { restoreOperator } from '../restore-operator.ts';
import { createOwned } from './create-owned.ts';
import { saveNumber } from './numbered-rows.ts';
import { ResultsOutput } from './results-output.ts';

export interface OwnerParts {
  plan: OwnedPlan;
  link: CoreLink;
  waiting: Waiting;
  batchRows: number;
  share: MemoryShare;
  maps: CompiledMaps;
  /** Raises the error that an expression reported. */
  onFailure: (code: number, site: number) => never;
  /** Of the node's counters. */
  place: number;
  /** Whether an error comes from behind the exchange, through which it passes. */
  isForeign: (error: unknown) => boolean;
  /** Takes what this core keeps at a checkpoint, of which it is `part` (BARRIER_*); null: the core is the first, which waits until it has been saved. */
  onBarrier: ((checkpoint: number, operator: Stateful, part: number) => void) | null;
  /** From where rows come, into the ports of the operator. */
  openInputs: (ports: readonly Input[], results: ResultsOutput) => OwnerInput[];
}

/** Where rows come from, chunk by chunk. */
export interface OwnerInput {
  /** Number of the chunk whose rows come next. */
  readonly chunk: number;
  /** There is nothing more of it, and the operator knows. */
  readonly hasEnded: boolean;
  /** The run ends behind what has come. */
  readonly hasStopped: boolean;
  /** Number of the checkpoint that is taken before its next chunk, 0 for none, and what part of it that is. */
  readonly barrier: number;
  readonly part: number;
  /** Takes the next record. @returns whether there was one. @throws what the operator throws */
  work(): boolean;
  /** Whether it is at this chunk, of which all that came before has been taken. */
  isAt(chunk: number): boolean;
  /** Takes rows of the chunk that is at its turn. */
  process(batch: number): void;
  /** The checkpoint has been taken. */
  passBarrier(): void;
  /** Goes on as the sources were, before the first chunk. */
  restore(sources: readonly SourceState[]): void;
}

export class Owner {
  readonly operator: Stateful;
  /** Address of an aggregate's state. */
  readonly state: number;
  readonly #memory: LinearMemory;
  readonly #parts: OwnerParts;
  readonly #inputs: OwnerInput[];
  readonly #results: ResultsOutput;
  /** At work: what it does may make it wait, and work must not begin within itself. */
  #isBusy = false;
  /** Number of this run's first chunk. */
  #firstNumber = 0;
  /** Everything has been sent. */
  isDone = false;
  /** A checkpoint is being taken of what this core has: nothing is taken until `passBarrier`. */
  isHeld = false;

  constructor(memory: LinearMemory, parts: OwnerParts) {
    this.#memory = memory;
    this.#parts = parts;
    this.#results = new ResultsOutput(memory, parts);
    const { operator, ports, state } = createOwned(memory, { ...parts, output: this.#results });
    this.operator = operator;
    this.state = state;
    assert(ports.length === parts.plan.inputs.length, 'the operator has a port for every input');
    this.#inputs = parts.openInputs(ports, this.#results);
  }

  /**
   * Takes rows of a chunk that this core decodes now, if all before them have been taken: no ring is needed then.
   * @returns false when they have not.
   */
  takeNow(index: number, chunk: number, batch: number): boolean {
    this.work();
    const input = this.#inputs[index] as OwnerInput;
    if (this.#isBusy || this.isDone || this.isHeld || !input.isAt(chunk)) return false;
    try {
      input.process(batch);
    } catch (error) {
      this.#fail(error);
    }
    return true;
  }

  /** Tells an operator that follows the clock what time it is, between two records. */
  tick(nowMillis: number): void {
    if (this.#isBusy || this.isDone || this.isHeld || this.operator.onTick === undefined) return;
    this.#isBusy = true;
    try {
      this.operator.onTick(nowMillis);
      this.#results.flush();
    } catch (error) {
      this.#fail(error);
    }
    this.#isBusy = false;
  }

  /** Takes what has come. @returns whether there was anything. */
  work(): boolean {
    if (this.#isBusy || this.isDone || this.isHeld) return false;
    this.#isBusy = true;
    const { meter } = this.#parts.waiting;
    const caller = meter.weight === 0 ? -1 : meter.enter(this.#parts.place);
    let hasWorked = false;
    while (!this.isDone && !this.isHeld && this.#workOnce()) hasWorked = true;
    if (caller >= 0) meter.leave(caller);
    this.#isBusy = false;
    return hasWorked;
  }

  /** The checkpoint has been taken: goes on behind it. */
  passBarrier(): void {
    this.isHeld = false;
    for (const input of this.#inputs) input.passBarrier();
  }

  /** What it keeps at a barrier: where rows are numbered, also with which number they go on behind it. */
  get kept(): Stateful {
    const { operator } = this;
    // Those of a join are of its batches.
    if (this.#parts.plan.arrival === null || this.#parts.plan.owned.kind === 'join') return operator;
    const save: Stateful['save'] = (write) => {
      write(saveNumber((this.#firstNumber + (this.#inputs[0]?.chunk ?? 0) + 1) | 0), 'numbers');
      return operator.save?.(write) ?? null;
    };
    const { id, keyCount, reportTime } = operator;
    return {
      id,
      save,
      stateBytes: () => operator.stateBytes(),
      close: () => {},
      ...(keyCount === undefined ? {} : { keyCount: () => keyCount.call(operator) }),
      ...(reportTime === undefined ? {} : { reportTime: (to, place) => reportTime.call(operator, to, place) }),
    };
  }

  /** Goes on where a checkpoint was, before anything has come; `firstNumber`: of the first chunk. */
  restore(sources: readonly SourceState[], states: readonly OperatorState[], firstNumber: number): void {
    const { plan, link } = this.#parts;
    this.#firstNumber = firstNumber;
    restoreOperator(this.operator, states, { core: link.core, cores: link.coreCount, by: plan.by });
    for (const input of this.#inputs) input.restore(sources);
  }

  /** Writes what this core has of the node. */
  report(counters: Float64Array): void {
    const { operator } = this;
    const { place } = this.#parts;
    counters[place + OPERATOR_LATE] = operator.lateCount?.() ?? 0;
    counters[place + OPERATOR_STATE_BYTES] = operator.stateBytes();
    if (operator.keyCount !== undefined) counters[place + OPERATOR_KEYS] = operator.keyCount();
    operator.reportTime?.(counters, place);
  }

  #workOnce(): boolean {
    let hasWorked = false;
    try {
      for (const input of this.#inputs) if (!this.isDone && this.#workOn(input)) hasWorked = true;
    } catch (error) {
      this.#fail(error);
      return true;
    }
    if (hasWorked && !this.isDone) this.#align();
    return hasWorked;
  }

  /** Takes the checkpoint once all inputs that have not ended are at its barrier. */
  #align(): void {
    const first = this.#inputs.find(({ barrier }) => barrier !== 0);
    if (first === undefined || !this.#inputs.every(isAligned)) return;
    const { onBarrier } = this.#parts;
    this.isHeld = onBarrier === null;
    onBarrier?.(first.barrier, this.kept, first.part);
    this.#results.end(OWNED_BARRIER);
    if (!this.isHeld) this.passBarrier();
  }

  #workOn(input: OwnerInput): boolean {
    const hasWorked = input.work();
    if (input.hasStopped) this.isDone = true;
    else if (hasWorked && input.hasEnded) {
      this.isDone = this.#inputs.every(hasEnded);
      this.#results.end(this.isDone ? OWNED_FINAL : 0);
    }
    return hasWorked;
  }

  #fail(error: unknown): void {
    if (this.#parts.isForeign(error)) throw error;
    const { operator } = this;
    this.#results.fail(isOutOfMemory(error, this.#memory) ? outOfMemory(this.#parts.share, [operator]) : error);
    this.isDone = true;
  }
}

function isAligned({ barrier, hasEnded }: OwnerInput): boolean {
  return barrier !== 0 || hasEnded;
}

function hasEnded(input: OwnerInput): boolean {
  return input.hasEnded;
}
