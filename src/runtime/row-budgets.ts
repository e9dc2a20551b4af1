// Whether operators keep to their budget of time per row, and how often they do not.
//
// After each turn that was measured (meter.ts), what every operator has worked since the last one is held against
//
//   allowed = rows × budget_row + 5 µs for each turn
//
// where its rows are those that came in or went out, whichever are more. A turn that takes longer is an overrun; of small
// turns one in sixteen is measured, and counts sixteenfold. How bad it is says the rate over the last ten seconds.

import {
  NODE_NANOS,
  NODE_OVERRUN_PEAK,
  NODE_OVERRUN_RATE,
  NODE_OVERRUNS,
  NODE_ROWS_IN,
  NODE_ROWS_OUT,
  SINK_ROWS,
} from './counters.ts';
import type { Telemetry } from './telemetry.ts';

/** ns that a turn may take whatever the rows: calls, and looks at the clock. */
const TURN_NANOS = 5000;
/** Seconds over which the rate is taken. */
const WINDOW_SECONDS = 10;
/** Overruns a second above which they are more than `low`. */
const MEDIUM_RATE = 10;
const HIGH_RATE = 50;
const CRITICAL_RATE = 100;

export type Severity = 'low' | 'medium' | 'high' | 'critical';

/** @param rate overruns per second */
export function severityOf(rate: number): Severity {
  if (rate > CRITICAL_RATE) return 'critical';
  if (rate > HIGH_RATE) return 'high';
  return rate > MEDIUM_RATE ? 'medium' : 'low';
}

export class RowBudgets {
  readonly #counters: Float64Array;
  /** The time since the run began, ms; as an argument it might become an object. */
  readonly #clock: Float64Array;
  readonly #rowNanos: number;
  /** Where the counters of each operator are, and which of them are sinks (1). */
  readonly #places: Int32Array;
  readonly #isSink: Uint8Array;
  /** Of each operator: time and rows at the last look. */
  readonly #nanos: Float64Array;
  readonly #rowsIn: Float64Array;
  readonly #rowsOut: Float64Array;
  /** Overruns of each operator in each of the last ten seconds. */
  readonly #recent: Float64Array;
  /** Seconds since the run began, of the first look and of the last one. */
  #firstSecond = -1;
  #second = 0;

  /** `clock`: its first number is the time since the run began, ms. */
  constructor(telemetry: Telemetry, clock: Float64Array) {
    this.#clock = clock;
    const { plan, counters } = telemetry;
    const nodes = plan.nodes.filter(({ kind }) => kind !== 'source');
    this.#counters = counters;
    this.#rowNanos = plan.rowNanos;
    this.#places = Int32Array.from(nodes, ({ id }) => telemetry.placeOf(id));
    this.#isSink = Uint8Array.from(nodes, ({ kind }) => (kind === 'sink' ? 1 : 0));
    this.#nanos = new Float64Array(nodes.length);
    this.#rowsIn = new Float64Array(nodes.length);
    this.#rowsOut = new Float64Array(nodes.length);
    this.#recent = new Float64Array(nodes.length * WINDOW_SECONDS);
  }

  /**
   * Looks at what the operators have worked since the last look.
   * @param turns that it stands for.
   */
  check(turns: number): void {
    this.tell();
    for (let i = 0; i < this.#places.length; i++) this.#checkOne(i, turns);
  }

  /** Brings the rates up to date. */
  tell(): void {
    const second = ((this.#clock[0] as number) / 1000) | 0;
    if (second === this.#second && this.#firstSecond >= 0) return;
    if (this.#firstSecond < 0) this.#firstSecond = second;
    const passed = Math.min(second - this.#second, WINDOW_SECONDS);
    for (let i = 0; i < this.#places.length; i++) {
      this.#tellOne(i);
      for (let n = 1; n <= passed; n++) this.#recent[i * WINDOW_SECONDS + ((this.#second + n) % WINDOW_SECONDS)] = 0;
    }
    this.#second = second;
  }

  /** Brings the rates up to date for good. */
  finish(): void {
    if (this.#firstSecond < 0) return;
    for (let i = 0; i < this.#places.length; i++) this.#tellOne(i);
  }

  #checkOne(index: number, turns: number): void {
    const counters = this.#counters;
    const place = this.#places[index] as number;
    const nanos = counters[place + NODE_NANOS] as number;
    const spent = nanos - (this.#nanos[index] as number);
    if (spent === 0) return;
    const rowsIn = counters[place + NODE_ROWS_IN] as number;
    const rowsOut = counters[place + (this.#isSink[index] === 1 ? SINK_ROWS : NODE_ROWS_OUT)] as number;
    const rows = Math.max(rowsIn - (this.#rowsIn[index] as number), rowsOut - (this.#rowsOut[index] as number));
    this.#nanos[index] = nanos;
    this.#rowsIn[index] = rowsIn;
    this.#rowsOut[index] = rowsOut;
    if (spent <= rows * this.#rowNanos + turns * TURN_NANOS) return;
    counters[place + NODE_OVERRUNS]! += turns;
    this.#recent[index * WINDOW_SECONDS + (this.#second % WINDOW_SECONDS)]! += turns;
  }

  /** The rate over the window, or over the run where that is shorter. */
  #tellOne(index: number): void {
    let count = 0;
    for (let n = 0; n < WINDOW_SECONDS; n++) count += this.#recent[index * WINDOW_SECONDS + n] as number;
    const rate = count / Math.min(this.#second - this.#firstSecond + 1, WINDOW_SECONDS);
    const place = this.#places[index] as number;
    this.#counters[place + NODE_OVERRUN_RATE] = rate;
    this.#counters[place + NODE_OVERRUN_PEAK] = Math.max(rate, this.#counters[place + NODE_OVERRUN_PEAK] as number);
  }
}
