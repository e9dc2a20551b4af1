// A join that all cores compute and core 0 feeds, as core 0's plan has it: what comes goes to the owners of its keys, and
// what they make of it comes out of the exchange.

import { FED_END, FED_IDLE, FED_WATERMARK } from '../channels/chunk-records.ts';
import { waitFor } from '../channels/ring-writer.ts';
import type { Input, Output, SeveralInputs, Stateful } from '../operators/operator.ts';
import type { Exchange } from './exchange.ts';
import type { FedSender } from './fed-sender.ts';

export class FedOperator implements SeveralInputs {
  readonly id: string;
  readonly ports: readonly Input[];
  readonly #exchange: Exchange;
  readonly #sender: FedSender;
  readonly #output: Output;
  readonly #isMerged = (): boolean => this.#exchange.results?.isDone === true;

  constructor(exchange: Exchange, sender: FedSender, output: Output) {
    this.id = exchange.plan.node.id;
    this.#exchange = exchange;
    this.#sender = sender;
    this.#output = output;
    this.ports = exchange.plan.inputs.map(
      (_, port): Input => ({
        process: (batch) => this.#process(port, batch),
        onWatermark: (cell) => this.#tell(port, FED_WATERMARK, cell),
        onIdle: () => this.#tell(port, FED_IDLE, 0),
        onEnd: () => this.#finish(port),
      }),
    );
  }

  onTick(nowMillis: number): void {
    const { owner, group, index } = this.#exchange;
    if (index >= group.floor) owner.tick(nowMillis);
    this.#exchange.work();
  }

  /** What owners keep they give themselves (Exchange). */
  save(): null {
    return null;
  }

  lateCount(): number {
    return this.#owned.lateCount?.() ?? 0;
  }

  // Of this core's part: the others report theirs.

  stateBytes(): number {
    return this.#owned.stateBytes();
  }

  close(): void {
    this.#exchange.close();
  }

  get #owned(): Stateful {
    return this.#exchange.owner.operator;
  }

  #process(port: number, batch: number): void {
    const { group, index } = this.#exchange;
    const before = group.enter(index);
    this.#sender.send(port, batch);
    this.#exchange.work();
    group.floor = before;
  }

  #tell(port: number, what: number, cell: number): void {
    const { group, index } = this.#exchange;
    const before = group.enter(index);
    this.#sender.tell(port, what, cell);
    this.#exchange.work();
    group.floor = before;
  }

  #finish(port: number): void {
    const { group, index } = this.#exchange;
    const before = group.enter(index);
    this.#sender.tell(port, FED_END, 0);
    const isLast = this.#exchange.endInput();
    if (isLast) this.#sender.finish();
    const isDone = isLast && waitFor(this.#exchange, this.#isMerged);
    group.floor = before;
    if (isDone) this.#output.end();
  }
}
