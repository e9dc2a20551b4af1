// Counters of a run in shared memory: written by the core that owns them, without locks, read by the main thread.
//
// One f64 per counter (exact to 2^53; an aligned 8-byte store is atomic on every platform Node supports), laid out
// from the plan alone, so both threads compute the same places:
//
//   per source:   rows, bytes, sizeBytes (−1 unknown), rejected, nulled, future, watermark (NaN: none), isPaused, ahead,
//                 dropped
//   per operator: late, stateBytes, watermark (NaN: none), start and end of the window that closes next (NaN: none)
//   per sink:     rows, bytes

import type { PhysicalPlan, PlanNode } from '../plan/physical-plan.ts';
import type { RunProgress } from './run.ts';
import { lagOf, type OpenedSplits, openSplitCounters, readSplits, stateOfSplits } from './split-counters.ts';

export const SOURCE_ROWS = 0;
export const SOURCE_BYTES = 1;
export const SOURCE_SIZE = 2;
export const SOURCE_REJECTED = 3;
export const SOURCE_NULLED = 4;
export const SOURCE_FUTURE = 5;
export const SOURCE_WATERMARK = 6;
export const SOURCE_IS_PAUSED = 7;
export const SOURCE_AHEAD = 8;
export const SOURCE_DROPPED = 9;
const SOURCE_COUNTERS = 10;

export const OPERATOR_LATE = 0;
export const OPERATOR_STATE_BYTES = 1;
export const OPERATOR_WATERMARK = 2;
export const OPERATOR_OPEN_START = 3;
export const OPERATOR_OPEN_END = 4;
const OPERATOR_COUNTERS = 5;

export const SINK_ROWS = 0;
export const SINK_BYTES = 1;
const SINK_COUNTERS = 2;

export class Telemetry {
  readonly buffer: SharedArrayBuffer;
  readonly counters: Float64Array;
  readonly #plan: PhysicalPlan;
  /** Index of a node's first counter. */
  readonly #places = new Map<string, number>();
  /** By the id of their source. */
  readonly #splits = new Map<string, OpenedSplits>();
  /** Told of the splits that a core opens; the other side adds them to its own. */
  onSplits: (splits: OpenedSplits) => void = () => {};

  /** Over a buffer another thread made for the same plan, or over a new one. */
  constructor(plan: PhysicalPlan, buffer?: SharedArrayBuffer) {
    this.#plan = plan;
    let count = 0;
    for (const node of plan.nodes) {
      this.#places.set(node.id, count);
      count += counterCount(node);
    }
    this.buffer = buffer ?? new SharedArrayBuffer(Math.max(count, 1) * 8);
    this.counters = new Float64Array(this.buffer);
    if (buffer !== undefined) return;
    for (const node of plan.nodes) {
      const at = this.placeOf(node.id);
      if (isStateful(node)) this.counters.fill(Number.NaN, at + OPERATOR_WATERMARK, at + OPERATOR_COUNTERS);
      if (node.kind !== 'source') continue;
      this.counters[at + SOURCE_SIZE] = -1;
      this.counters[at + SOURCE_WATERMARK] = Number.NaN;
    }
  }

  /** Index in `counters` of the first counter of a node. */
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
    this.#splits.set(splits.source, splits);
  }

  /** Reads every counter. */
  progress(elapsedMillis: number): RunProgress {
    const progress: RunProgress = { elapsedMillis, sources: [], operators: [], sinks: [] };
    const now = Date.now();
    for (const node of this.#plan.nodes) {
      const at = this.placeOf(node.id);
      const read = (counter: number): number => this.counters[at + counter] as number;
      if (node.kind === 'source') {
        const size = read(SOURCE_SIZE);
        const watermark = read(SOURCE_WATERMARK);
        const opened = this.#splits.get(node.id);
        const splits = opened === undefined ? [] : readSplits(opened, now);
        progress.sources.push({
          name: node.name,
          rows: read(SOURCE_ROWS),
          bytes: read(SOURCE_BYTES),
          sizeBytes: size < 0 ? null : size,
          rejected: read(SOURCE_REJECTED),
          nulled: read(SOURCE_NULLED),
          future: read(SOURCE_FUTURE),
          watermark: known(watermark),
          lagMillis: lagOf(watermark, now),
          state: read(SOURCE_IS_PAUSED) === 1 ? 'paused' : stateOfSplits(splits),
          ahead: read(SOURCE_AHEAD),
          dropped: read(SOURCE_DROPPED),
          splits,
        });
      } else if (isStateful(node)) {
        progress.operators.push({
          id: node.id,
          late: read(OPERATOR_LATE),
          stateBytes: read(OPERATOR_STATE_BYTES),
          watermark: known(read(OPERATOR_WATERMARK)),
          openWindow: openWindow(read(OPERATOR_OPEN_START), read(OPERATOR_OPEN_END)),
        });
      } else if (node.kind === 'sink') {
        progress.sinks.push({ name: node.name, rows: read(SINK_ROWS), bytes: read(SINK_BYTES) });
      }
    }
    return progress;
  }
}

/** A time, null for NaN. */
function known(micros: number): number | null {
  return Number.isNaN(micros) ? null : micros;
}

function openWindow(start: number, end: number): { start: number; end: number } | null {
  return Number.isNaN(start) ? null : { start, end };
}

function counterCount(node: PlanNode): number {
  if (node.kind === 'source') return SOURCE_COUNTERS;
  if (isStateful(node)) return OPERATOR_COUNTERS;
  return node.kind === 'sink' ? SINK_COUNTERS : 0;
}

/** Nodes that keep rows or groups, and may drop late ones. */
function isStateful(node: PlanNode): boolean {
  return node.kind === 'aggregate' || node.kind === 'sort' || node.kind === 'over';
}
