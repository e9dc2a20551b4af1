// An edge of the running plan: from one producer to its consumers, each called to completion in turn.

import type { Operator, Output } from './operators/operator.ts';

export class Edge implements Output {
  readonly #consumers: Operator[] = [];

  connect(consumer: Operator): void {
    this.#consumers.push(consumer);
  }

  emit(batch: number): void {
    for (let i = 0; i < this.#consumers.length; i++) (this.#consumers[i] as Operator).process(batch);
  }

  watermark(cell: number): void {
    for (let i = 0; i < this.#consumers.length; i++) (this.#consumers[i] as Operator).onWatermark(cell);
  }

  idle(): void {
    for (let i = 0; i < this.#consumers.length; i++) (this.#consumers[i] as Operator).onIdle();
  }

  end(): void {
    for (let i = 0; i < this.#consumers.length; i++) (this.#consumers[i] as Operator).onEnd();
  }
}
