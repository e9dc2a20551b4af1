// An edge of the running plan: from one producer to its consumers, each called to completion in turn.

import type { Input, Output } from './operators/operator.ts';

export class Edge implements Output {
  readonly #consumers: Input[] = [];

  /** Nodes are built from the last on, so the one that is connected last is the first of the plan. */
  connect(consumer: Input): void {
    this.#consumers.unshift(consumer);
  }

  emit(batch: number): void {
    for (let i = 0; i < this.#consumers.length; i++) (this.#consumers[i] as Input).process(batch);
  }

  watermark(cell: number): void {
    for (let i = 0; i < this.#consumers.length; i++) (this.#consumers[i] as Input).onWatermark(cell);
  }

  idle(): void {
    for (let i = 0; i < this.#consumers.length; i++) (this.#consumers[i] as Input).onIdle();
  }

  end(): void {
    for (let i = 0; i < this.#consumers.length; i++) (this.#consumers[i] as Input).onEnd();
  }
}
