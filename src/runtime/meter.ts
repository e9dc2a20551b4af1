// What a core's time goes into: which node works, and whether the core works, spins or sleeps; and how long ago the
// input was read that is being handled.
//
// Nodes call each other, so one clock is handed from node to node: `enter` and `leave` charge the time since the last
// look to whoever had it. A look at the clock takes some 40 ns and leaves no object. A turn with many rows is measured
// always; of small ones one in sixteen is, and counts sixteenfold, so that measuring stays under 1 % either way. Which
// one is drawn: sources take turns, and counting would meet the same one again and again.

import {
  CORE_BUSY,
  CORE_BUSY_MILLIS,
  CORE_ENDED,
  CORE_ROWS,
  CORE_SINCE,
  CORE_SLEEP_MILLIS,
  CORE_SLEEPING,
  CORE_SLEEPS,
  CORE_SPIN_MILLIS,
  CORE_SPINNING,
  CORE_STATE,
  CORE_TURNS,
  NODE_NANOS,
} from './counters.ts';
import { outOfLine } from './out-of-line.ts';
import { RowBudgets } from './row-budgets.ts';
import type { Telemetry } from './telemetry.ts';

/** Rows from which a turn is large. */
const LARGE_ROWS = 256;
const SMALL_TURNS = 16;
/** x ← 75 x + 1 mod 65537, a prime: all residues but one come in turn (Park and Miller's kind, after Lehmer 1951). */
const DRAW_FACTOR = 75;
const DRAW_MODULUS = 65_537;
/** Looks until the code for it is compiled. */
const WARM_LOOKS = 30_000;
const NANOS_PER_MILLI = 1e6;

/** For anybody, between two calls. */
export const STAMP_NOW = 0;
/** When the input was read, or the moment was, that what is handled now comes from. */
export const STAMP_CAUSE = 1;
/** Since when the work of the owner has not been charged. */
const SINCE = 2;
const TURN_STARTED = 3;
/** Not a stamp: `weight`. */
const WEIGHT = 4;
const STAMPS = 5;

/** In place of a node's counters: its time is nobody's. */
export const NOBODY = -1;

export class Meter {
  readonly counters: Float64Array;
  /** STAMP_*: where numbers do not become objects, as they may in fields and on return. */
  readonly stamps = new Float64Array(STAMPS);
  /** How much what is measured now counts; 0: it is not measured. */
  weight = 0;
  /** Of small turns, one in so many is measured. */
  #smallTurns = SMALL_TURNS;
  /** Looks at the clock, charges the time since the last charge to a place if that is not negative, keeps the stamp. */
  readonly #tick: (stamp: number, place: number) => void;
  /** The core is in a state (CORE_*) since a stamp. */
  readonly #change: (state: number, stamp: number) => void;
  /** Place of the node that works. */
  #owner = 0;
  /** null: there is no budget. */
  readonly #budgets: RowBudgets | null;
  #lastRows = LARGE_ROWS;
  #drawn = 0;

  constructor(telemetry: Telemetry) {
    const { counters, stampOffset } = telemetry;
    const { stamps } = this;
    this.counters = counters;
    this.#tick = outOfLine((stamp, place) => {
      const now = performance.now() + stampOffset;
      if (place >= 0) {
        counters[place + NODE_NANOS]! +=
          (now - (stamps[SINCE] as number)) * NANOS_PER_MILLI * (stamps[WEIGHT] as number);
      }
      stamps[stamp] = now;
    });
    this.#change = outOfLine((state, stamp) => {
      const was = counters[CORE_STATE] as number;
      const spent =
        was === CORE_SPINNING ? CORE_SPIN_MILLIS : was === CORE_SLEEPING ? CORE_SLEEP_MILLIS : CORE_BUSY_MILLIS;
      counters[spent]! += (stamps[stamp] as number) - (counters[CORE_SINCE] as number);
      counters[CORE_SINCE] = stamps[stamp] as number;
      counters[CORE_STATE] = state;
    });
    this.#budgets =
      telemetry.plan.rowNanos === 0 ? null : new RowBudgets(telemetry, this.stamps.subarray(SINCE, SINCE + 1));
    this.look(STAMP_NOW);
    this.counters[CORE_STATE] = CORE_BUSY;
    this.counters[CORE_SINCE] = this.stamps[STAMP_NOW] as number;
  }

  /** Looks at the clock, and keeps the stamp: ms since the run began, the same on all cores. */
  look(stamp: number): void {
    this.#tick(stamp, -1);
  }

  /** Measures every turn, with code that is compiled: until then a look at the clock leaves objects. For the guard. */
  warm(): void {
    this.#smallTurns = 1;
    // What is charged meanwhile is nothing, whoever it is charged to.
    this.stamps[WEIGHT] = 0;
    for (let n = 0; n < WARM_LOOKS; n++) {
      this.#tick(SINCE, (n & 1) - 1);
      this.#change(CORE_BUSY, SINCE);
    }
  }

  /** A turn of a source begins. */
  beginTurn(place: number): void {
    let weight = 1;
    if (this.#lastRows < LARGE_ROWS) {
      this.#drawn = (this.#drawn * DRAW_FACTOR + 1) % DRAW_MODULUS;
      weight = this.#drawn % this.#smallTurns === 0 ? this.#smallTurns : 0;
    }
    if (weight > 0) this.begin(place, weight);
    if (this.counters[CORE_STATE] === CORE_SPINNING) this.look(TURN_STARTED);
  }

  /** It has handled so many rows; −1: there was nothing to do, which costs nobody. */
  endTurn(rows: number): void {
    if (rows < 0) {
      this.weight = 0;
      return;
    }
    const turns = this.weight;
    this.end();
    if (turns > 0) this.#budgets?.check(turns);
    this.#lastRows = rows;
    this.counters[CORE_TURNS]! += 1;
    this.counters[CORE_ROWS]! += rows;
  }

  /** Rows that this core has decoded within the turn of a source that passes none on. */
  addRows(rows: number): void {
    this.counters[CORE_ROWS]! += rows;
  }

  /** Nothing is measured now: what is told by the second is brought up to date. */
  tellBudgets(): void {
    if (this.#budgets === null) return;
    this.look(SINCE);
    this.#budgets.tell();
  }

  /** A node begins to work outside of others' turns, or anew. */
  begin(place: number, weight = 1): void {
    this.weight = weight;
    this.stamps[WEIGHT] = weight;
    this.#owner = place;
    this.look(SINCE);
  }

  end(): void {
    if (this.weight > 0) this.#tick(SINCE, this.#owner);
    this.weight = 0;
  }

  /** A node is called by another. Only while `weight` is not 0. @returns the other's place, for `leave`. */
  enter(place: number): number {
    this.#tick(SINCE, this.#owner);
    const caller = this.#owner;
    this.#owner = place;
    return caller;
  }

  leave(caller: number): void {
    this.#tick(SINCE, this.#owner);
    this.#owner = caller;
  }

  /** The core begins to look again and again whether another core has something for it. */
  spin(): void {
    this.look(STAMP_NOW);
    this.#change(CORE_SPINNING, STAMP_NOW);
  }

  /** Nobody's work. */
  sleep(): void {
    if (this.weight > 0) this.#tick(SINCE, this.#owner);
    this.counters[CORE_SLEEPS]! += 1;
    this.look(STAMP_NOW);
    this.#change(CORE_SLEEPING, STAMP_NOW);
  }

  /** The core works again; after spinning, since the turn that found something began. */
  work(): void {
    const hasSpun = this.counters[CORE_STATE] === CORE_SPINNING;
    if (!hasSpun) {
      this.look(STAMP_NOW);
      this.stamps[SINCE] = this.stamps[STAMP_NOW] as number;
    }
    this.#change(CORE_BUSY, hasSpun ? TURN_STARTED : STAMP_NOW);
  }

  finish(): void {
    this.#budgets?.finish();
    this.look(STAMP_NOW);
    this.#change(CORE_ENDED, STAMP_NOW);
  }
}
