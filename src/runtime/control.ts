// What the main thread asks of the cores, in shared memory: keep running, stop the sources and drain, or it is over; to
// report now, which the first core does before any other data; and to take a checkpoint between two turns.
//
//   words: state │ reports asked for │ reports made │ checkpoint asked for │ whether the run stops at it │ messages about
//          taps sent to every core │ a descriptor, and one: what the first core waits for as well │ whether it is rung

import { clearWake, openWake, ringWake, type Wake } from '../platform/poll.ts';

const STATE = 0;
const ASKED = 1;
const MADE = 2;
const CHECKPOINT = 3;
const IS_LAST = 4;
const TAPS = 5;
const WAKE = 6;
const IS_RUNG = 7;
const WORDS = 8;

const RUNNING = 0;
const STOPPING = 1;
const OVER = 2;

export class Control {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array<SharedArrayBuffer>;
  /** On the main thread: wakes the cores that sleep until another one has something for them. */
  wake: () => void = () => {};

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(WORDS * 4)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
  }

  /** Asks the core to stop its sources and drain. */
  stop(): void {
    Atomics.store(this.#words, STATE, STOPPING);
    Atomics.notify(this.#words, STATE);
    this.#wakeAll();
  }

  get isStopping(): boolean {
    return Atomics.load(this.#words, STATE) === STOPPING;
  }

  /** Asks for a checkpoint; its number is greater than that of the last one. */
  askForCheckpoint(epoch: number): void {
    Atomics.store(this.#words, CHECKPOINT, epoch);
    this.#wakeAll();
  }

  /** Asks for a checkpoint at which the run stops, with what is open left open. */
  stopAtCheckpoint(epoch: number): void {
    Atomics.store(this.#words, IS_LAST, 1);
    this.askForCheckpoint(epoch);
  }

  get stopsAtCheckpoint(): boolean {
    return Atomics.load(this.#words, IS_LAST) === 1;
  }

  /** Number of the checkpoint that was asked for last, 0 for none. */
  get checkpoint(): number {
    return Atomics.load(this.#words, CHECKPOINT);
  }

  /** The run has ended: cores that decode for the first have nothing to do any more. */
  end(): void {
    Atomics.store(this.#words, STATE, OVER);
    Atomics.notify(this.#words, STATE);
    this.#wakeAll();
  }

  /** Sleeps until the run has ended, or for the time given. */
  waitForEnd(millis: number): void {
    const state = Atomics.load(this.#words, STATE);
    if (state !== OVER) Atomics.wait(this.#words, STATE, state, millis);
  }

  get isOver(): boolean {
    return Atomics.load(this.#words, STATE) === OVER;
  }

  /** Asks the first core to bring its counters up to date. @returns false when it has not within the time. */
  async report(millis: number): Promise<boolean> {
    const asked = Atomics.add(this.#words, ASKED, 1) + 1;
    this.#wakeAll();
    const end = performance.now() + millis;
    for (;;) {
      const made = Atomics.load(this.#words, MADE);
      if (made - asked >= 0) return true;
      const left = end - performance.now();
      if (left <= 0) return false;
      await Atomics.waitAsync(this.#words, MADE, made, left).value;
    }
  }

  /** On the core: the number of the report that is asked for, 0 when none is. */
  get reportAsked(): number {
    const asked = Atomics.load(this.#words, ASKED);
    return asked === (this.#words[MADE] as number) ? 0 : asked;
  }

  /** The report of that number has been made. */
  answerReport(asked: number): void {
    Atomics.store(this.#words, MADE, asked);
    Atomics.notify(this.#words, MADE);
  }

  /** Another message about a tap is in the port of every core (taps/core-taps.ts). */
  tellTaps(): void {
    Atomics.add(this.#words, TAPS, 1);
    this.#wakeAll();
  }

  /** How many have been sent. */
  get tapMessages(): number {
    return Atomics.load(this.#words, TAPS);
  }

  /** On the first core: what to wait for besides input, −1 where there is nothing. A request makes it readable. */
  get wakeDescriptor(): number {
    const words = this.#words;
    if (words[WAKE] === 0) Atomics.store(words, WAKE, openWake() + 1);
    return (words[WAKE] as number) - 1;
  }

  /** On the first core: by which another thread ends its wait. */
  get bell(): Wake {
    return { words: this.buffer, rung: IS_RUNG, descriptor: this.wakeDescriptor };
  }

  /** After the wait: the next one waits again. */
  clearWake(): void {
    if (Atomics.exchange(this.#words, IS_RUNG, 0) === 1) clearWake(this.wakeDescriptor);
  }

  /** Whoever sleeps looks at once. The descriptor is readable before the core may think it has to be read. */
  #wakeAll(): void {
    this.wake();
    const descriptor = Atomics.load(this.#words, WAKE) - 1;
    if (descriptor < 0) return;
    ringWake(descriptor);
    Atomics.store(this.#words, IS_RUNG, 1);
  }

  /** Sleeps for the time given, or until asked to stop. */
  sleep(millis: number): void {
    Atomics.wait(this.#words, STATE, RUNNING, millis);
  }
}
