// Where each counter of a run is (telemetry.ts): its index in the block of a core, or behind the first of its node.
//
// Every node begins with NODE_*, and goes on by its kind with SOURCE_*, SINK_* or OPERATOR_*.

import type { PlanNode } from '../plan/physical-plan.ts';
import { LATENCY_COUNTERS } from './latency.ts';

export const CORE_STATE = 0; // CORE_*, below
export const CORE_SINCE = 1; // stamp: when that began
export const CORE_BUSY_MILLIS = 2; // before that
export const CORE_SPIN_MILLIS = 3;
export const CORE_SLEEP_MILLIS = 4;
export const CORE_TURNS = 5; // that had something to do
export const CORE_SLEEPS = 6;
export const CORE_ROWS = 7; // passed on by its sources, or decoded for other cores
export const CORE_MEMORY_BYTES = 8;
export const CORE_COUNTERS = 9;

/** What a core is doing. */
export const CORE_ABSENT = 0;
export const CORE_BUSY = 1;
export const CORE_SPINNING = 2;
export const CORE_SLEEPING = 3;
export const CORE_ENDED = 4;

export const NODE_ROWS_OUT = 0;
export const NODE_NANOS = 1; // its own work, without that of the nodes after it
export const NODE_ROWS_IN = 2; // that came to it on this core; of sources none
export const NODE_OVERRUNS = 3; // turns that took longer than its budget
export const NODE_OVERRUN_RATE = 4; // per second, of late
export const NODE_OVERRUN_PEAK = 5; // the greatest it has been
const NODE_COUNTERS = 6;

export const SOURCE_ROWS = NODE_COUNTERS;
export const SOURCE_BYTES = NODE_COUNTERS + 1;
export const SOURCE_SIZE = NODE_COUNTERS + 2; // −1 unknown
export const SOURCE_REJECTED = NODE_COUNTERS + 3;
export const SOURCE_NULLED = NODE_COUNTERS + 4;
export const SOURCE_FUTURE = NODE_COUNTERS + 5;
export const SOURCE_WATERMARK = NODE_COUNTERS + 6; // NaN: none
export const SOURCE_IS_PAUSED = NODE_COUNTERS + 7;
export const SOURCE_AHEAD = NODE_COUNTERS + 8;
export const SOURCE_DROPPED = NODE_COUNTERS + 9;
const SOURCE_COUNTERS = NODE_COUNTERS + 10;

export const OPERATOR_LATE = NODE_COUNTERS;
export const OPERATOR_STATE_BYTES = NODE_COUNTERS + 1;
export const OPERATOR_KEYS = NODE_COUNTERS + 2; // −1: it does not count any
export const OPERATOR_WATERMARK = NODE_COUNTERS + 3; // NaN: none
export const OPERATOR_OPEN_START = NODE_COUNTERS + 4; // of the window that closes next, NaN: none
export const OPERATOR_OPEN_END = NODE_COUNTERS + 5;
export const OPERATOR_COUNTERS = NODE_COUNTERS + 6;

/** Of lookups whose rows are fetched when they are wanted. */
export const LOOKUP_HITS = OPERATOR_COUNTERS; // rows that were answered at once
export const LOOKUP_WAITED = OPERATOR_COUNTERS + 1; // rows that were not
export const LOOKUP_WAITING = OPERATOR_COUNTERS + 2; // rows that wait now
export const LOOKUP_ASKED = OPERATOR_COUNTERS + 3; // keys
export const LOOKUP_QUESTIONS = OPERATOR_COUNTERS + 4; // that were asked for them
export const LOOKUP_ANSWER_MILLIS = OPERATOR_COUNTERS + 5; // from question to answer, all together
export const LOOKUP_ASKING = OPERATOR_COUNTERS + 6; // questions without an answer
const LOOKUP_COUNTERS = OPERATOR_COUNTERS + 7;

export const SINK_ROWS = NODE_COUNTERS;
export const SINK_BYTES = NODE_COUNTERS + 1;
export const SINK_WRITTEN = NODE_COUNTERS + 2; // stamp of the last time, NaN: none
export const SINK_LATENCY = NODE_COUNTERS + 3; // LATENCY_* of latency.ts
const SINK_COUNTERS = SINK_LATENCY + LATENCY_COUNTERS;

/** Counters that a node has. */
export function counterCount(node: PlanNode): number {
  if (node.kind === 'source') return SOURCE_COUNTERS;
  if (node.kind === 'lookup') return LOOKUP_COUNTERS;
  return node.kind === 'sink' ? SINK_COUNTERS : OPERATOR_COUNTERS;
}
