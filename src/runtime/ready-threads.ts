// Which of the threads of a run have loaded what they need.

import type { Worker } from 'node:worker_threads';

export class ReadyThreads {
  /** Of the run; none is left over. */
  #count: number;
  readonly #told: { onReady?: () => void; onEnded?: () => void };
  #started = 1;
  #ready = 0;

  /** @param count of cores. @param ahead threads that were started before anybody knew how many cores there would be. */
  constructor(count: number, ahead: number, told: { onReady?: () => void; onEnded?: () => void }) {
    this.#count = ahead > count ? Number.POSITIVE_INFINITY : count;
    this.#told = told;
  }

  /** A thread that is no core is being started: it has to be ready too. */
  expect(): void {
    this.#count++;
    this.#started++;
  }

  /** One that was started ahead for nothing may still be loading; null: there is none. */
  dismiss(thread: Worker | null): void {
    if (thread === null) return;
    this.expect();
    void thread.terminate().then(() => this.tell());
  }

  /** Another core is being started. */
  start(): void {
    this.#started++;
  }

  /** One of them is ready. */
  tell(): void {
    this.#ready++;
    if (this.#ready === this.#count) this.#told.onReady?.();
  }

  /** The run has ended, and no other core will be started. */
  end(): void {
    if (this.#ready === this.#started && this.#count !== Number.POSITIVE_INFINITY) this.#told.onEnded?.();
  }
}
