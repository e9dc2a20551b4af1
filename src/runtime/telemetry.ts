// Counters of a run in shared memory: written by the core that owns them, without locks, read by the main thread.
//
//   header │ block of core 0 │ block of core 1 │ …      block: CORE_* │ counters of each node of the plan
//
// One f64 per counter (exact to 2^53; an aligned 8-byte store is atomic on every platform Node supports), laid out
// from the plan alone (counters.ts), so that all threads compute the same places. A core writes its own block only;
// whoever reads adds them up (read-progress.ts).

import type { PhysicalPlan } from '../plan/physical-plan.ts';
import {
  CORE_COUNTERS,
  counterCount,
  OPERATOR_COUNTERS,
  OPERATOR_KEYS,
  OPERATOR_WATERMARK,
  SINK_WRITTEN,
  SOURCE_SIZE,
  SOURCE_WATERMARK,
} from './counters.ts';
import { readProgress } from './read-progress.ts';
import type { RunProgress } from './run.ts';
import { type OpenedSplits, openSplitCounters } from './split-counters.ts';

/** ms, `performance.timeOrigin` of the thread that made the counters: stamps are relative to it, on every core. */
const HEADER_ORIGIN = 0;
/** f64 of the header and of what blocks are rounded to: a core's counters share no cache line with another's. */
const LINE = 16;

export interface TelemetryOptions {
  /** Cores that count; by default as many as the buffer has blocks for. */
  coreCount?: number;
  /** The core whose block `counters` is. */
  core?: number;
  /** Made by another thread for the same plan. */
  buffer?: SharedArrayBuffer;
}

export class Telemetry {
  readonly buffer: SharedArrayBuffer;
  /** By core. */
  readonly blocks: readonly Float64Array[];
  /** The block of this core. */
  readonly counters: Float64Array;
  readonly plan: PhysicalPlan;
  /** By the id of their source. */
  readonly splits = new Map<string, OpenedSplits>();
  /** Index of a node's first counter in a block. */
  readonly #places = new Map<string, number>();
  readonly #header: Float64Array;
  /** Told of the splits that a core opens; the other side adds them to its own. */
  onSplits: (splits: OpenedSplits) => void = () => {};

  constructor(plan: PhysicalPlan, { coreCount = 1, core = 0, buffer }: TelemetryOptions = {}) {
    this.plan = plan;
    const blockCounters = this.#layOut();
    this.buffer = buffer ?? new SharedArrayBuffer((LINE + coreCount * blockCounters) * 8);
    this.#header = new Float64Array(this.buffer, 0, LINE);
    const count = Math.floor((this.buffer.byteLength / 8 - LINE) / blockCounters);
    this.blocks = Array.from(
      { length: count },
      (_, n) => new Float64Array(this.buffer, (LINE + n * blockCounters) * 8, blockCounters),
    );
    this.counters = this.blocks[core] as Float64Array;
    if (buffer !== undefined) return;
    this.#header[HEADER_ORIGIN] = performance.timeOrigin;
    for (const block of this.blocks) this.#clear(block);
  }

  /** ms to add to `performance.now()` of this thread for a stamp. */
  get stampOffset(): number {
    return performance.timeOrigin - (this.#header[HEADER_ORIGIN] as number);
  }

  /** Index in a block of the first counter of a node. */
  placeOf(id: string): number {
    return this.#places.get(id) ?? 0;
  }

  /** Makes the counters of a source's splits. */
  openSplits(source: string, names: string[]): Float64Array {
    const splits = openSplitCounters(source, names);
    this.addSplits(splits);
    this.onSplits(splits);
    return new Float64Array(splits.counters);
  }

  /** Takes what another thread has opened. */
  addSplits(splits: OpenedSplits): void {
    this.splits.set(splits.source, splits);
  }

  /** Reads every counter. */
  progress(elapsedMillis: number): RunProgress {
    return readProgress(this, elapsedMillis);
  }

  /** @returns f64 of a block. */
  #layOut(): number {
    let count = CORE_COUNTERS;
    for (const node of this.plan.nodes) {
      this.#places.set(node.id, count);
      count += counterCount(node);
    }
    return Math.ceil(count / LINE) * LINE;
  }

  #clear(block: Float64Array): void {
    for (const node of this.plan.nodes) {
      const at = this.placeOf(node.id);
      if (node.kind === 'source') {
        block[at + SOURCE_SIZE] = -1;
        block[at + SOURCE_WATERMARK] = Number.NaN;
      } else if (node.kind === 'sink') {
        block[at + SINK_WRITTEN] = Number.NaN;
      } else {
        block[at + OPERATOR_KEYS] = -1;
        block.fill(Number.NaN, at + OPERATOR_WATERMARK, at + OPERATOR_COUNTERS);
      }
    }
  }
}
