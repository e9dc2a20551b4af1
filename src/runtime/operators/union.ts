// UNION ALL on one core: the batches of every input go on as they are, and the watermark is the least of theirs.
//
// Rows keep the running watermark of their own source. Only an input that was idle may come back behind what has been
// promised without it: its rows then carry the promise, in a column of the union's own, so that nobody else who reads
// the same rows sees it.

import {
  BATCH_CAPACITY,
  BATCH_COLUMNS,
  BATCH_ROW_COUNT,
  COLUMN_BYTES,
  COLUMN_DATA,
  READ_SLACK,
} from '../../../kernels/layout.ts';
import { columnData } from '../../data/batch.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { UnionNode } from '../../plan/physical-plan.ts';
import { InputProgress } from '../progress.ts';
import type { BlockWriter, Input, Output, SeveralInputs } from './operator.ts';
import { ownBlock, ownOf } from './row-image.ts';

/** Makes the operator of a union node. */
export function createUnion(memory: LinearMemory, node: UnionNode, output: Output): SeveralInputs {
  return new UnionOperator(memory, node, output);
}

class UnionOperator implements SeveralInputs {
  readonly id: string;
  readonly ports: readonly Input[];
  readonly #memory: LinearMemory;
  readonly #output: Output;
  readonly #progress: InputProgress;
  readonly #watermarkColumn: number | null;
  readonly #headerBytes: number;
  /** Inputs that have been idle. */
  readonly #hasSlept: boolean[];
  /** A batch of the union's own with its watermark column, made when it is first needed. */
  #copy = 0;
  #copyRows = 0;

  constructor(memory: LinearMemory, node: UnionNode, output: Output) {
    this.id = node.id;
    this.#memory = memory;
    this.#output = output;
    this.#progress = new InputProgress(memory, node.inputs.length);
    this.#watermarkColumn = node.watermarkColumn;
    this.#headerBytes = BATCH_COLUMNS + node.schema.length * COLUMN_BYTES;
    this.#hasSlept = node.inputs.map(() => false);
    this.ports = node.inputs.map(
      (_, port): Input => ({
        process: (batch) => this.#process(batch, port),
        onWatermark: (cell) => this.#forward(this.#progress.advance(port, cell)),
        onIdle: () => this.#idle(port),
        onEnd: () => this.#end(port),
      }),
    );
  }

  save(write: BlockWriter): null {
    write(this.#progress.save());
    write(ownBlock(Uint8Array.from(this.#hasSlept, Number)));
    return null;
  }

  restore(block: Uint8Array): void {
    const slept = ownOf(block);
    if (slept === null) this.#progress.restore(block);
    else for (let port = 0; port < slept.length; port++) this.#hasSlept[port] = slept[port] === 1;
  }

  stateBytes(): number {
    return 0;
  }

  close(): void {
    this.#progress.close();
  }

  #process(batch: number, port: number): void {
    const hasMoved = this.#progress.wake(port);
    const isBehind = this.#watermarkColumn !== null && this.#hasSlept[port];
    this.#output.emit(isBehind ? this.#raised(batch, this.#watermarkColumn as number) : batch);
    this.#forward(hasMoved);
  }

  #idle(port: number): void {
    this.#hasSlept[port] = true;
    this.#forward(this.#progress.idle(port));
    if (this.#progress.isIdle) this.#output.idle();
  }

  #end(port: number): void {
    const hasMoved = this.#progress.finish(port);
    if (this.#progress.isFinished) this.#output.end();
    else this.#forward(hasMoved);
  }

  #forward(hasMoved: boolean): void {
    if (hasMoved && this.#progress.hasWatermark) this.#output.watermark(this.#progress.cell);
  }

  /** The batch with watermarks that are not behind the union's. */
  #raised(batch: number, column: number): number {
    const memory = this.#memory;
    this.#makeCopy(memory.load32(batch + BATCH_CAPACITY));
    const own = columnData(memory, this.#copy, column);
    memory.u8.copyWithin(this.#copy, batch, batch + this.#headerBytes);
    memory.store32(this.#copy + BATCH_COLUMNS + column * COLUMN_BYTES + COLUMN_DATA, own);
    const data = columnData(memory, batch, column);
    memory.u8.copyWithin(own, data, data + memory.load32(batch + BATCH_ROW_COUNT) * 8);
    this.#progress.raise(this.#copy, column);
    return this.#copy;
  }

  #makeCopy(rows: number): void {
    if (rows <= this.#copyRows) return;
    const memory = this.#memory;
    if (this.#copy === 0) this.#copy = memory.allocateZeroed(this.#headerBytes);
    const at = this.#copy + BATCH_COLUMNS + (this.#watermarkColumn as number) * COLUMN_BYTES + COLUMN_DATA;
    memory.store32(at, memory.allocate(rows * 8 + READ_SLACK));
    this.#copyRows = rows;
  }
}
