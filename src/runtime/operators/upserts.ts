// Retractions to upserts (kernels/changes-upsert.ts), for sinks that want them.

import { BATCH_ROW_COUNT } from '../../../kernels/layout.ts';
import { createBatch } from '../../data/batch.ts';
import type { LinearMemory } from '../../data/memory.ts';
import { PHYSICAL_CODES, physicalOf } from '../../data/type.ts';
import type { UpsertsNode } from '../../plan/changes-nodes.ts';
import type { Operator, Output } from './operator.ts';

/** Makes the operator of an upserts node. `batchRows`: most rows of a batch that comes. */
export function createUpserts(memory: LinearMemory, node: UpsertsNode, batchRows: number, output: Output): Operator {
  return new UpsertsOperator(memory, node, { batchRows, output });
}

class UpsertsOperator implements Operator {
  readonly id: string;
  readonly #memory: LinearMemory;
  readonly #output: Output;
  readonly #batch: number;
  readonly #columns: number;
  /** Columns without the changes. */
  readonly #count: number;

  constructor(memory: LinearMemory, { id, schema }: UpsertsNode, parts: { batchRows: number; output: Output }) {
    this.id = id;
    this.#memory = memory;
    this.#output = parts.output;
    this.#batch = createBatch(memory, schema, parts.batchRows);
    this.#count = schema.length - 1;
    this.#columns = memory.allocate(Math.max(this.#count * 8, 1));
    schema.slice(0, -1).forEach(({ type, key }, index) => {
      memory.store32(this.#columns + index * 8, PHYSICAL_CODES[physicalOf(type)]);
      memory.store32(this.#columns + index * 8 + 4, key === true ? 1 : 0);
    });
  }

  process(batch: number): void {
    this.#memory.kernels.changesUpsert(batch, this.#batch, this.#columns, this.#count);
    if (this.#memory.load32(this.#batch + BATCH_ROW_COUNT) > 0) this.#output.emit(this.#batch);
  }

  onWatermark(cell: number): void {
    this.#output.watermark(cell);
  }

  onIdle(): void {
    this.#output.idle();
  }

  onEnd(): void {
    this.#output.end();
  }

  /** Nothing is kept between two batches. */
  save(): null {
    return null;
  }

  stateBytes(): number {
    return 0;
  }

  close(): void {}
}
