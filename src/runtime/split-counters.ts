// Counters of the splits of a source: like telemetry.ts, but their number is known only once the core has opened them.
//
// The core makes the shared memory and tells the main thread, which reads it from then on.

import { PROGRESS_ACTIVE, PROGRESS_FINISHED, PROGRESS_IDLE } from '../../kernels/layout-time.ts';
import type { SplitProgress } from './run.ts';

export const SPLIT_STATE = 0; // PROGRESS_*, or SPLIT_PENDING
export const SPLIT_ROWS = 1;
export const SPLIT_BYTES = 2;
export const SPLIT_WATERMARK = 3; // µs, NaN: none
export const SPLIT_SILENT_SINCE = 4; // ms of the wall clock, NaN while it gives rows
const SPLIT_COUNTERS = 5;

/** Of a split that will be read after others. */
const SPLIT_PENDING = 3;

const STATES: Record<number, SplitProgress['state']> = {
  [PROGRESS_ACTIVE]: 'active',
  [PROGRESS_IDLE]: 'idle',
  [PROGRESS_FINISHED]: 'finished',
  [SPLIT_PENDING]: 'pending',
};

/** The splits that a core has opened for a source, and where their counters are. */
export interface OpenedSplits {
  /** Id of the source. */
  source: string;
  names: string[];
  counters: SharedArrayBuffer;
}

export function openSplitCounters(source: string, names: string[]): OpenedSplits {
  const buffer = new SharedArrayBuffer(Math.max(names.length * SPLIT_COUNTERS, 1) * 8);
  const counters = new Float64Array(buffer);
  for (let split = 0; split < names.length; split++) {
    counters[placeOfSplit(split) + SPLIT_STATE] = SPLIT_PENDING;
    counters[placeOfSplit(split) + SPLIT_WATERMARK] = Number.NaN;
    counters[placeOfSplit(split) + SPLIT_SILENT_SINCE] = Number.NaN;
  }
  return { source, names, counters: buffer };
}

/** How far a watermark (µs, NaN: none) is behind the clock (ms). */
export function lagOf(watermark: number, now: number): number | null {
  return Number.isNaN(watermark) ? null : Math.round(now - watermark / 1000);
}

/** What a source is whose splits are these. */
export function stateOfSplits(splits: readonly SplitProgress[]): 'active' | 'idle' | 'finished' {
  if (splits.length > 0 && splits.every(({ state }) => state === 'finished')) return 'finished';
  const isIdle = splits.some(({ state }) => state === 'idle');
  return isIdle && !splits.some(({ state }) => state === 'active') ? 'idle' : 'active';
}

/** Index of the first counter of a split. */
export function placeOfSplit(split: number): number {
  return split * SPLIT_COUNTERS;
}

/** Reads the counters of every split. `now`: ms of the wall clock. */
export function readSplits({ names, counters: buffer }: OpenedSplits, now: number): SplitProgress[] {
  const counters = new Float64Array(buffer);
  return names.map((name, split) => {
    const read = (counter: number): number => counters[placeOfSplit(split) + counter] as number;
    const watermark = read(SPLIT_WATERMARK);
    const silentSince = read(SPLIT_SILENT_SINCE);
    return {
      name,
      state: STATES[read(SPLIT_STATE)] ?? 'pending',
      rows: read(SPLIT_ROWS),
      bytes: read(SPLIT_BYTES),
      watermark: Number.isNaN(watermark) ? null : watermark,
      lagMillis: lagOf(watermark, now),
      silentMillis: Number.isNaN(silentSince) ? null : Math.max(0, now - silentSince),
    };
  });
}
