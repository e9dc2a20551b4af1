// What an owner has computed, on its way to core 0: rows, and behind those of each chunk what it has come to.

import { toPlain } from '../../base/errors.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { OwnedPlan } from '../../plan/exchange.ts';
import { BatchSender } from '../channels/batch-channel.ts';
import { RESULTS_END, RESULTS_END_BYTES, RESULTS_ERROR, ROWS } from '../channels/chunk-records.ts';
import type { CoreLink } from '../channels/core-link.ts';
import { RingWriter, type Waiting } from '../channels/ring-writer.ts';
import type { Output } from '../operators/operator.ts';

/** What the operator gives, on its way to core 0. */
export class ResultsOutput implements Output {
  readonly #memory: LinearMemory;
  readonly #words: Int32Array;
  readonly #writer: RingWriter;
  readonly #sender: BatchSender;
  readonly #copy: (to: number, bytes: Uint8Array) => void;
  /** Words of the watermark of the results. */
  #low = 0;
  #high = -(2 ** 31);

  constructor(memory: LinearMemory, { plan, link, waiting }: { plan: OwnedPlan; link: CoreLink; waiting: Waiting }) {
    this.#memory = memory;
    this.#words = link.words;
    this.#writer = new RingWriter(link.results(plan.node.id), waiting);
    const { payloadMax, reserve } = this.#writer;
    const shape = { schema: plan.owned.schema, absent: null, payloadMax, reserve };
    this.#sender = new BatchSender(memory, link.copier, shape);
    this.#copy = (to, bytes) => new Uint8Array(link.words.buffer).set(bytes, to);
  }

  emit(batch: number): void {
    this.#sender.send(batch, ROWS);
    this.#memory.refresh();
  }

  watermark(cell: number): void {
    this.#low = this.#memory.load32(cell);
    this.#high = this.#memory.load32(cell + 4);
  }

  idle(): void {}

  end(flags?: number): void {
    // The operator's own end is told when all inputs have ended.
    if (flags === undefined) return;
    const to = this.#writer.reserve(RESULTS_END, RESULTS_END_BYTES);
    if (to < 0) return;
    const at = to >>> 2;
    this.#words[at] = flags;
    this.#words[at + 2] = this.#low;
    this.#words[at + 3] = this.#high;
    this.#writer.commit();
  }

  /** What was given can be seen. */
  flush(): void {
    this.#writer.commit();
  }

  /** The run ends with this error, behind what was given. */
  fail(error: unknown): void {
    const bytes = new TextEncoder().encode(JSON.stringify(toPlain(error)));
    const to = this.#writer.reserve(RESULTS_ERROR, bytes.length);
    if (to < 0) return;
    this.#copy(to, bytes);
    this.#writer.commit();
  }
}
