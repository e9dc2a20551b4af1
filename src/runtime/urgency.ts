// What a core does next: three queues of tasks by urgency. One turn:
//
//   latency      every task, before anything else: control messages, timers
//   main         the data: each task once, until the turn's time is over; the next turn begins with the one after
//   background   what can wait: when there was no data, or when it has waited for too long
//
// A control message so overtakes all data that waits: its delay is at most one turn. A task does a bounded piece of
// work and returns; one that takes longer asks the turn whether it is over (turn.ts).

import type { Meter } from './meter.ts';
import type { Turn } from './turn.ts';

export interface Task {
  /** Does a piece of work. @returns whether there was any. */
  run(): boolean;
}

export interface Queues {
  latency: readonly Task[];
  main: readonly Task[];
  background: readonly Task[];
}

/** Longest time that background tasks wait while there is data, ms. */
const STARVED_MILLIS = 20;

export class Urgency {
  readonly #queues: Queues;
  readonly #turn: Turn;
  readonly #meter: Pick<Meter, 'begin' | 'end'>;
  /** The task of the main queue that comes first. */
  #first = 0;
  /** When the background tasks ran last, ms since the start. */
  readonly #backgroundAt = new Float64Array(1);

  constructor(queues: Queues, parts: { turn: Turn; meter: Pick<Meter, 'begin' | 'end'> }) {
    this.#queues = queues;
    this.#turn = parts.turn;
    this.#meter = parts.meter;
  }

  runLatency(): void {
    const { latency } = this.#queues;
    for (let i = 0; i < latency.length; i++) (latency[i] as Task).run();
  }

  /** @returns whether there was anything to do. */
  runMain(): boolean {
    const { main } = this.#queues;
    const turn = this.#turn;
    turn.begin();
    // Nothing overtakes what is suspended.
    if (turn.resume(this.#meter)) return true;
    const first = this.#first;
    let isBusy = false;
    for (let i = 0; i < main.length; i++) {
      const at = (first + i) % main.length;
      if ((main[at] as Task).run()) isBusy = true;
      if (!turn.hasPending && !(isBusy && turn.isOver)) continue;
      this.#first = (at + 1) % main.length;
      return true;
    }
    return isBusy;
  }

  /** @param isIdle there is no data. */
  runBackground(isIdle: boolean): void {
    if (!this.#turn.hasPassed(this.#backgroundAt, isIdle ? 0 : STARVED_MILLIS)) return;
    const { background } = this.#queues;
    for (let i = 0; i < background.length; i++) (background[i] as Task).run();
  }
}
