// ORDER BY on one core (kernels/sorter.ts): rows come out in order as the watermark passes their event time, or at the
// end of the input, perhaps only the first of them.
//
// By event time the watermark goes on as it came: rows that are still kept are not older than it, and with a LIMIT the
// output ends as soon as its rows are out. Otherwise nothing can be promised before the end, and none is passed on.

import * as layout from '../../../kernels/layout-rows.ts';
import { createBatch, rowCountOf } from '../../data/batch.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { SortKey, SortNode } from '../../plan/ordered-nodes.ts';
import type { StateImage } from '../../state/snapshot.ts';
import type { Resumable } from '../turn.ts';
import type { BlockWriter, Operator, Output } from './operator.ts';
import { ownBlock, ownOf, restoreRows } from './row-image.ts';
import { layOutRow, type RowField, writeOrder, writeRowStore } from './row-layout.ts';

/** A sort on one core. */
export interface Sort extends Operator {
  /** Rows dropped because they were older than the watermark. */
  lateCount(): number;
}

const ALL_ROWS = 0xffff_ffff;

/** Batches whose rows are put in order at once, before others may have a turn. */
export const SLICE_BATCHES = 2;

export interface SortParts {
  /** Most rows of a batch going out. */
  batchRows: number;
  output: Output;
  /** Told when it wants no more rows. */
  onSatisfied: () => void;
}

/** Makes the operator of a sort node. */
export function createSort(memory: LinearMemory, node: SortNode, parts: SortParts): Sort {
  return new SortOperator(memory, node, parts);
}

/** What comes behind rows that are due. */
const THEN_WATERMARK = 0;
const THEN_END = 1;

class SortOperator implements Sort, Resumable {
  readonly id: string;
  readonly onTick?: () => void;
  readonly #memory: LinearMemory;
  readonly #output: Output;
  readonly #onSatisfied: () => void;
  readonly #state: number;
  readonly #batch: number;
  readonly #isTimed: boolean;
  readonly #sliceRows: number;
  /** All rows that LIMIT lets out are out. */
  #hasEnded = false;
  /** Rows are due that are not in order yet. */
  #isSorting = false;
  #rowsIn = 0;
  #rowsOut = 0;
  #isClosed = false;

  constructor(memory: LinearMemory, node: SortNode, parts: SortParts) {
    this.id = node.id;
    this.#memory = memory;
    this.#output = parts.output;
    this.#onSatisfied = parts.onSatisfied;
    this.#isTimed = node.time !== null;
    this.#sliceRows = parts.batchRows * SLICE_BATCHES;
    this.#batch = createBatch(memory, node.schema, parts.batchRows);
    this.#state = memory.allocateZeroed(layout.SORTER_STATE_BYTES);
    const { fields, end } = layOutRow(node.schema);
    writeRowStore(memory, this.#state, { fields, fixedBytes: end });
    writeSorter(memory, this.#state, { ...node, fields });
    // Nothing need come for it to be satisfied.
    if (node.limit === 0) this.onTick = () => this.#endSatisfied();
  }

  process(batch: number): void {
    if (this.#hasEnded) return;
    this.#rowsIn += rowCountOf(this.#memory, batch);
    this.#memory.kernels.sorterProcess(this.#state, batch);
    this.#memory.refresh();
  }

  onWatermark(cell: number): void {
    if (!this.#isTimed || this.#hasEnded) return;
    this.#release(cell);
    this.resume(THEN_WATERMARK, cell);
  }

  /**
   * Sorts the rows that are due, a slice of them at a time, and passes them on, batch by batch, as the turn's time permits;
   * and what comes behind them.
   */
  resume(then: number, cell: number): void {
    while (this.#isSorting ? this.#sort() : this.#emitReady()) {
      if (this.#output.pause?.(this, then, cell) === true) return;
    }
    if (then === THEN_END) {
      this.#output.end();
      return;
    }
    this.#endSatisfied();
    if (!this.#hasEnded) this.#output.watermark(cell);
  }

  onIdle(): void {
    if (this.#isTimed && !this.#hasEnded) this.#output.idle();
  }

  onEnd(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#release(0);
    this.resume(THEN_END, 0);
  }

  /** How far it is, then its rows. */
  save(write: BlockWriter): StateImage {
    const counts = Float64Array.of(this.#rowsIn, this.#rowsOut, this.#hasEnded ? 1 : 0);
    write(ownBlock(new Uint8Array(counts.buffer)));
    return { begin: 'sorterSave', state: this.#state };
  }

  restore(block: Uint8Array): void {
    const counts = ownOf(block);
    if (counts === null) {
      const load = (): void => this.#memory.kernels.sorterLoad(this.#state);
      restoreRows(this.#memory, block, { rows: [this.#state], load });
      return;
    }
    const [rowsIn, rowsOut, hasEnded] = new Float64Array(counts.buffer) as unknown as [number, number, number];
    this.#rowsIn = rowsIn;
    this.#rowsOut = rowsOut;
    this.#hasEnded = hasEnded === 1;
  }

  lateCount(): number {
    return this.#memory.f64[(this.#state + layout.SORTER_LATE_COUNT) >>> 3] as number;
  }

  keyCount(): number {
    if (this.#isClosed) return 0;
    if (!this.#isTimed) return this.#memory.kernels.sorterKeyCount(this.#state);
    return this.#rowsIn - this.lateCount() - this.#rowsOut;
  }

  stateBytes(): number {
    return this.#isClosed ? 0 : this.#memory.load32(this.#state + layout.SORTER_USED_BYTES);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#memory.kernels.sorterDestroy(this.#state);
    this.#memory.refresh();
  }

  /** Ends the output once LIMIT has let out all it may: what is kept, or still comes, is behind that. */
  #endSatisfied(): void {
    if (this.#hasEnded || this.#memory.load32(this.#state + layout.SORTER_TAKE) !== 0) return;
    this.#onSatisfied();
    this.onEnd();
  }

  #release(cell: number): void {
    this.#memory.kernels.sorterRelease(this.#state, cell);
    this.#isSorting = true;
  }

  /** @returns true: there may be rows now. */
  #sort(): true {
    this.#isSorting = this.#memory.kernels.sorterGoOn(this.#state, this.#sliceRows) === 0;
    this.#memory.refresh();
    return true;
  }

  /** Passes on a batch of them. @returns whether there may be more. */
  #emitReady(): boolean {
    const memory = this.#memory;
    const rows = memory.kernels.sorterEmit(this.#state, this.#batch);
    memory.refresh();
    this.#rowsOut += rows;
    if (rows > 0) this.#output.emit(this.#batch);
    return rows > 0;
  }
}

/** Writes what a sorter works by, behind its row store. */
export function writeSorter(
  memory: LinearMemory,
  state: number,
  sorter: Pick<SortNode, 'time' | 'limit' | 'offset'> & { keys: readonly SortKey[]; fields: readonly RowField[] },
): void {
  const { fields, keys, time, limit, offset } = sorter;
  const set = (at: number, value: number): void => memory.store32(state + at, value);
  const timeColumn = time === null ? -1 : (keys[0] as SortKey).column;
  set(layout.SORTER_KEY_COUNT, keys.length);
  set(layout.SORTER_KEYS, writeOrder(memory, fields, keys));
  set(layout.SORTER_TIME_COLUMN, timeColumn);
  set(layout.SORTER_TIME_OFFSET, fields[timeColumn]?.offset ?? 0);
  set(layout.SORTER_WATERMARK_COLUMN, time?.watermarkColumn ?? -1);
  set(layout.SORTER_SKIP, offset);
  set(layout.SORTER_TAKE, limit ?? ALL_ROWS);
  memory.i64[(state + layout.SORTER_AHEAD) >>> 3] = BigInt(time?.aheadMicros ?? 0);
}
