// What an owner gives core 0, as far as it has come: rows, the ends of chunks with the watermark of its results, an error.

import { assert } from '../../base/assert.ts';
import { fromPlain, type PlainError } from '../../base/errors.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { OwnedPlan } from '../../plan/exchange.ts';
import { BatchReceiver } from '../channels/batch-channel.ts';
import type { ChunkFeed } from '../channels/chunk-feed.ts';
import { OWNED_STOP, PART, RESULTS_END, RESULTS_ERROR, ROWS } from '../channels/chunk-records.ts';
import type { CoreLink } from '../channels/core-link.ts';
import type { RingConsumer } from '../channels/ring.ts';
import type { Meter } from '../meter.ts';
import type { Output } from '../operators/operator.ts';

export interface ResultsParts {
  plan: OwnedPlan;
  link: CoreLink;
  meter: Meter;
  batchRows: number;
  /** Address of the state of this core's aggregate. */
  state: number;
  output: Output;
  /** Of the chunks by which results come, or of the first of several. */
  feed: ChunkFeed;
}

/** How core 0 puts together what the owners give. */
export interface Results {
  /** All has been passed on that will be: the results have ended, or the run stops behind them. */
  readonly isDone: boolean;
  /** Passes on what has come. @returns whether there was anything. @throws what an owner met, behind what it gave. */
  work(): boolean;
  /** Whether results of chunks before this one have not come out, where that can be known. */
  isBehind(chunk: number): boolean;
  /** All that came before a checkpoint has been passed on: nothing is until `passBarrier`. */
  readonly isHeld: boolean;
  passBarrier(): void;
}

/** What an owner gives, as far as it has come. */
export class OwnerResults {
  readonly receiver: BatchReceiver;
  readonly #ring: RingConsumer;
  readonly #link: CoreLink;
  /** It has no more of the chunk. */
  hasEnded = false;
  /** OWNED_* of the chunk. */
  flags = 0;
  low = 0;
  high = 0;
  error: PlainError | null = null;

  constructor(memory: LinearMemory, core: number, { plan, link, batchRows }: ResultsParts) {
    this.#link = link;
    this.#ring = link.resultsFrom(plan.node.id, core);
    const shape = { schema: plan.owned.schema, absent: null, capacity: batchRows };
    this.receiver = new BatchReceiver(memory, link.copier, shape);
  }

  /** Takes records until rows have come, or the end of the chunk. @returns false when nothing has. */
  next(): boolean {
    for (;;) {
      const at = this.#ring.next();
      if (at < 0) return false;
      const { kind, bytes } = this.#ring;
      this.#take(kind, at, bytes);
      this.#ring.release();
      if (kind !== PART) return true;
    }
  }

  #take(kind: number, at: number, bytes: number): void {
    const { words } = this.#link;
    if (kind === PART) this.receiver.receivePart(at, bytes);
    else if (kind === ROWS) this.receiver.receive(at, bytes);
    else if (kind === RESULTS_ERROR) {
      const text = new TextDecoder().decode(new Uint8Array(words.buffer, at, bytes).slice());
      this.error = JSON.parse(text) as PlainError;
      this.#end(OWNED_STOP);
    } else {
      assert(kind === RESULTS_END, 'a record of results');
      const word = (index: number): number => words[(at >>> 2) + index] as number;
      this.low = word(2);
      this.high = word(3);
      this.#end(word(0));
    }
  }

  #end(flags: number): void {
    this.receiver.clear();
    this.hasEnded = true;
    this.flags = flags;
  }
}

/** Throws what any of them met. */
export function throwFirst(owners: readonly OwnerResults[]): void {
  for (const { error } of owners) if (error !== null) throw fromPlain(error);
}

/**
 * Writes the least of their watermarks to `cell`, if all have one and it is further than what is there. @returns whether
 * that is so
 */
export function raiseToLeast(memory: LinearMemory, owners: readonly OwnerResults[], cell: number): boolean {
  let least: OwnerResults | null = null;
  for (const owner of owners) {
    if (owner.high === NO_WATERMARK_HIGH) return false;
    if (least === null || isBefore(owner, least)) least = owner;
  }
  if (least === null || !isBefore({ low: memory.load32(cell), high: memory.load32(cell + 4) | 0 }, least)) return false;
  memory.store32(cell, least.low);
  memory.store32(cell + 4, least.high);
  return true;
}

/** A cell for it, which holds none. */
export function allocateWatermark(memory: LinearMemory): number {
  const cell = memory.allocateZeroed(8);
  memory.store32(cell + 4, NO_WATERMARK_HIGH);
  return cell;
}

/** Of the words of two i64. */
function isBefore(a: { low: number; high: number }, b: { low: number; high: number }): boolean {
  return a.high === b.high ? a.low >>> 0 < b.low >>> 0 : a.high < b.high;
}

/** High word of i64's minimum. */
const NO_WATERMARK_HIGH = -(2 ** 31);
