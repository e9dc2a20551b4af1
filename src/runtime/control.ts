// The one word the main thread writes and every core reads: keep running, stop the sources and drain, or it is over.

const RUNNING = 0;
const STOPPING = 1;
const OVER = 2;

export class Control {
  readonly buffer: SharedArrayBuffer;
  readonly #word: Int32Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(4)) {
    this.buffer = buffer;
    this.#word = new Int32Array(buffer);
  }

  /** Asks the core to stop its sources and drain. */
  stop(): void {
    Atomics.store(this.#word, 0, STOPPING);
    Atomics.notify(this.#word, 0);
  }

  get isStopping(): boolean {
    return Atomics.load(this.#word, 0) === STOPPING;
  }

  /** The run has ended: cores that decode for the first have nothing to do any more. */
  end(): void {
    Atomics.store(this.#word, 0, OVER);
  }

  get isOver(): boolean {
    return Atomics.load(this.#word, 0) === OVER;
  }

  /** Sleeps for the time given, or until asked to stop. */
  sleep(millis: number): void {
    Atomics.wait(this.#word, 0, RUNNING, millis);
  }
}
