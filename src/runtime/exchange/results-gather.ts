// Core 0's end of an exchange where the order of results does not matter: they are passed on as they come. The watermark
// that follows them is the least of what the owners have said.

import type { LinearMemory } from '../../data/memory.ts';
import { OWNED_BARRIER, OWNED_FINAL, OWNED_STOP } from '../channels/chunk-records.ts';
import { STAMP_CAUSE } from '../meter.ts';
import {
  allocateWatermark,
  OwnerResults,
  type Results,
  type ResultsParts,
  raiseToLeast,
  throwFirst,
} from './owner-results.ts';

export class ResultsGather implements Results {
  readonly #memory: LinearMemory;
  readonly #parts: ResultsParts;
  readonly #owners: OwnerResults[];
  /** The watermark passed on: an i64. */
  readonly #cell: number;
  #isBusy = false;
  isDone = false;

  constructor(memory: LinearMemory, parts: ResultsParts) {
    this.#memory = memory;
    this.#parts = parts;
    this.#owners = parts.link.bells.map((_, core) => new OwnerResults(memory, core, parts));
    this.#cell = allocateWatermark(memory);
  }

  work(): boolean {
    if (this.#isBusy || this.isDone) return false;
    this.#isBusy = true;
    let hasWorked = false;
    for (const owner of this.#owners)
      while (!isOver(owner) && !isAtBarrier(owner) && this.#workOn(owner)) hasWorked = true;
    this.#isBusy = false;
    this.isDone = this.#owners.every(isOver);
    return hasWorked;
  }

  /** An owner that has given everything has nothing behind a checkpoint. */
  get isHeld(): boolean {
    return this.#owners.some(isAtBarrier) && this.#owners.every((owner) => isAtBarrier(owner) || isOver(owner));
  }

  passBarrier(): void {
    for (const owner of this.#owners) if (isAtBarrier(owner)) owner.flags = 0;
  }

  /** It is not known which chunks results come of. */
  isBehind(): boolean {
    return false;
  }

  #workOn(owner: OwnerResults): boolean {
    const { output, meter } = this.#parts;
    owner.hasEnded = false;
    if (!owner.next()) return false;
    meter.look(STAMP_CAUSE);
    if (!owner.hasEnded) output.emit(owner.receiver.batch);
    else {
      this.isDone = owner.error !== null;
      throwFirst(this.#owners);
      if (raiseToLeast(this.#memory, this.#owners, this.#cell)) output.watermark(this.#cell);
    }
    return true;
  }
}

function isAtBarrier({ flags }: OwnerResults): boolean {
  return (flags & OWNED_BARRIER) !== 0;
}

/** It gives nothing more. */
function isOver({ flags }: OwnerResults): boolean {
  return (flags & (OWNED_FINAL | OWNED_STOP)) !== 0;
}
