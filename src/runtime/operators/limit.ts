// LIMIT and OFFSET without ORDER BY: rows are counted as they come, and the output ends with the last that is wanted.
//
// Batches go on as they are; of one that is cut only the rows in between are shown, by a header of the operator's own
// whose columns begin at the first of them.

import { BATCH_COLUMNS, BATCH_ROW_COUNT, COLUMN_BYTES, COLUMN_DATA, COLUMN_VALIDITY } from '../../../kernels/layout.ts';
import { rowCountOf } from '../../data/batch.ts';
import type { LinearMemory } from '../../data/memory.ts';
import { bytesOf } from '../../data/type.ts';
import type { LimitNode } from '../../plan/physical-plan.ts';
import type { BlockWriter, Operator, Output } from './operator.ts';

/** Makes the operator of a limit node. `onSatisfied`: told when it wants no more rows. */
export function createLimit(
  memory: LinearMemory,
  node: LimitNode,
  { output, onSatisfied }: { output: Output; onSatisfied: () => void },
): Operator {
  return new LimitOperator(memory, node, { output, onSatisfied });
}

class LimitOperator implements Operator {
  readonly id: string;
  readonly onTick?: () => void;
  readonly #memory: LinearMemory;
  readonly #output: Output;
  readonly #onSatisfied: () => void;
  readonly #headerBytes: number;
  /** Bytes of a value of each column. */
  readonly #widths: number[];
  readonly #batch: number;
  #toSkip: number;
  #toGive: number;
  #hasEnded = false;

  constructor(memory: LinearMemory, node: LimitNode, parts: { output: Output; onSatisfied: () => void }) {
    this.id = node.id;
    this.#memory = memory;
    this.#output = parts.output;
    this.#onSatisfied = parts.onSatisfied;
    this.#headerBytes = BATCH_COLUMNS + node.schema.length * COLUMN_BYTES;
    this.#widths = node.schema.map(({ type }) => bytesOf(type));
    this.#batch = memory.allocateZeroed(this.#headerBytes);
    this.#toSkip = node.offset;
    this.#toGive = node.limit ?? Number.POSITIVE_INFINITY;
    // Nothing need come for it to be satisfied.
    if (this.#toGive === 0) this.onTick = () => this.#satisfy();
  }

  process(batch: number): void {
    if (this.#hasEnded) return;
    const rows = rowCountOf(this.#memory, batch);
    const skipped = Math.min(rows, this.#toSkip);
    this.#toSkip -= skipped;
    const given = Math.min(rows - skipped, this.#toGive);
    this.#toGive -= given;
    if (given === rows) this.#output.emit(batch);
    else if (given > 0) this.#output.emit(this.#slice(batch, skipped, given));
    if (this.#toGive === 0) this.#satisfy();
  }

  onWatermark(cell: number): void {
    if (!this.#hasEnded) this.#output.watermark(cell);
  }

  onIdle(): void {
    if (!this.#hasEnded) this.#output.idle();
  }

  onEnd(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#output.end();
  }

  save(write: BlockWriter): null {
    write(new Uint8Array(Float64Array.of(this.#toSkip, this.#toGive, this.#hasEnded ? 1 : 0).buffer));
    return null;
  }

  restore(block: Uint8Array): void {
    const [toSkip, toGive, hasEnded] = new Float64Array(block.slice().buffer) as unknown as [number, number, number];
    this.#toSkip = toSkip;
    this.#toGive = toGive;
    this.#hasEnded = hasEnded === 1;
  }

  stateBytes(): number {
    return 0;
  }

  close(): void {}

  #satisfy(): void {
    if (this.#hasEnded) return;
    this.#onSatisfied();
    this.onEnd();
  }

  #slice(batch: number, first: number, rows: number): number {
    const memory = this.#memory;
    const slice = this.#batch;
    memory.u8.copyWithin(slice, batch, batch + this.#headerBytes);
    memory.store32(slice + BATCH_ROW_COUNT, rows);
    for (let i = 0; i < this.#widths.length; i++) {
      const column = slice + BATCH_COLUMNS + i * COLUMN_BYTES;
      const validity = memory.load32(column + COLUMN_VALIDITY);
      memory.store32(column + COLUMN_DATA, memory.load32(column + COLUMN_DATA) + first * (this.#widths[i] as number));
      if (validity !== 0) memory.store32(column + COLUMN_VALIDITY, validity + first);
    }
    return slice;
  }
}
