// Records that say what kind of change they are, as rows of a changelog (kernels/changes-read.ts).
//
// While a row waits for the other half of its update, watermarks wait too: an update is never cut in two by them.

import { ROWS_BYTES } from '../../../kernels/layout-rows.ts';
import * as layout from '../../../kernels/layout-table.ts';
import { LaminarError } from '../../base/errors.ts';
import { createBatch, rowCountOf } from '../../data/batch.ts';
import { keyColumnsOf } from '../../data/changelog.ts';
import type { LinearMemory } from '../../data/memory.ts';
import { PHYSICAL_CODES, physicalOf } from '../../data/type.ts';
import type { ChangesNode } from '../../plan/changes-nodes.ts';
import type { StateImage } from '../../state/snapshot.ts';
import type { BlockWriter, Operator, Output } from './operator.ts';
import { ownBlock, ownOf, restoreRows } from './row-image.ts';
import { layOutRow, writeRowStore } from './row-layout.ts';

export interface ChangeReaderParts {
  batchRows: number;
  output: Output;
  /** Counts records that were left out. */
  onRejected: (count: number) => void;
  /** Raises the error of one that must not be; without it, as it is. */
  onFailure?: (error: LaminarError) => never;
}

/** Makes the operator of a changes node. `batchRows`: most rows of a batch going out, 2 at least. */
export function createChangeReader(memory: LinearMemory, node: ChangesNode, parts: ChangeReaderParts): Operator {
  return new ChangeReader(memory, node, parts);
}

const FORMS = { weight: layout.READ_WEIGHT, envelope: layout.READ_ENVELOPE, upsert: layout.READ_UPSERT };

class ChangeReader implements Operator {
  readonly id: string;
  readonly #memory: LinearMemory;
  readonly #node: ChangesNode;
  readonly #parts: ChangeReaderParts;
  readonly #state: number;
  readonly #batch: number;
  /** An i64: the watermark that waits. */
  readonly #cell: number;
  #hasWatermark = false;
  #isClosed = false;

  constructor(memory: LinearMemory, node: ChangesNode, parts: ChangeReaderParts) {
    this.id = node.id;
    this.#memory = memory;
    this.#node = node;
    this.#parts = parts;
    this.#batch = createBatch(memory, node.schema, parts.batchRows);
    this.#state = createState(memory, node);
    this.#cell = memory.allocate(8);
  }

  /** @throws LMN-6042 for a record that makes no sense, where the source fails because of it. */
  process(batch: number): void {
    const memory = this.#memory;
    for (let isDone = 0; isDone === 0; ) {
      isDone = memory.kernels.changesRead(this.#state, batch, this.#batch);
      this.#passOn();
    }
    if (this.#hasWatermark && !this.#holds()) this.#passWatermark();
  }

  onWatermark(cell: number): void {
    if (!this.#holds()) {
      this.#parts.output.watermark(cell);
      return;
    }
    const { i64 } = this.#memory;
    i64[this.#cell >>> 3] = i64[cell >>> 3] as bigint;
    this.#hasWatermark = true;
  }

  onIdle(): void {
    this.#parts.output.idle();
  }

  onEnd(): void {
    this.#memory.kernels.changesReadEnd(this.#state, this.#batch);
    this.#passOn();
    if (this.#hasWatermark) this.#passWatermark();
    this.#parts.output.end();
  }

  /** The watermark that waits, or none, then the row that is held. */
  save(write: BlockWriter): StateImage {
    const waiting = this.#memory.u8.slice(this.#cell, this.#cell + (this.#hasWatermark ? 8 : 0));
    write(ownBlock(waiting));
    return { begin: 'changesReadSave', state: this.#state };
  }

  restore(block: Uint8Array): void {
    const waiting = ownOf(block);
    if (waiting !== null) {
      this.#hasWatermark = waiting.length > 0;
      this.#memory.u8.set(waiting, this.#cell);
      return;
    }
    const load = (): void => this.#memory.kernels.changesReadLoad(this.#state);
    restoreRows(this.#memory, block, { rows: [this.#memory.load32(this.#state + layout.READ_ROWS)], load });
  }

  stateBytes(): number {
    return 0;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#memory.kernels.changesReadDestroy(this.#state);
    this.#memory.refresh();
  }

  #holds(): boolean {
    return this.#memory.kernels.changesReadHolds(this.#state);
  }

  #passWatermark(): void {
    this.#hasWatermark = false;
    this.#parts.output.watermark(this.#cell);
  }

  #passOn(): void {
    const memory = this.#memory;
    memory.refresh();
    const failed = memory.load32(this.#state + layout.READ_FAILED_COUNT);
    if (rowCountOf(memory, this.#batch) > 0) this.#parts.output.emit(this.#batch);
    if (failed === 0) return;
    if (this.#node.onError === 'fail') {
      this.#parts.onFailure?.(this.#failure());
      throw this.#failure();
    }
    this.#parts.onRejected(failed);
    memory.store32(this.#state + layout.READ_FAILED_COUNT, 0);
    memory.store32(this.#state + layout.READ_FAILED, 0);
  }

  #failure(): LaminarError {
    const name = this.#node.source.replace(/\.records$/, '');
    return new LaminarError('LMN-6042', `a record of source ${name} is no change: ${this.#reason()}`, {
      hint: "give the source on_error = 'skip' to leave such records out",
      at: { name: `source ${name}` },
    });
  }

  #reason(): string {
    const memory = this.#memory;
    switch (memory.load32(this.#state + layout.READ_FAILED)) {
      case layout.READ_FAILED_BEFORE:
        return 'the row before is missing; with a PRIMARY KEY it need not be there';
      case layout.READ_FAILED_AFTER:
        return 'the row after is missing';
      case layout.READ_FAILED_NULL: {
        const column = this.#node.schema[memory.load32(this.#state + layout.READ_FAILED_COLUMN)];
        return `${column?.name} is NULL`;
      }
      default: {
        const at = memory.load32(this.#state + layout.READ_FAILED_OP);
        const bytes = memory.u8.slice(at, at + memory.load32(this.#state + layout.READ_FAILED_OP + 4));
        const known = this.#node.form === 'envelope' ? 'c, r, u and d' : '+I, -U, +U and -D';
        return `there are ${known}, and not ${JSON.stringify(Buffer.from(bytes).toString())}`;
      }
    }
  }
}

function createState(memory: LinearMemory, node: ChangesNode): number {
  const { schema, form, opColumn, columns, present } = node;
  const state = memory.allocateZeroed(layout.READ_BYTES);
  const set = (offset: number, value: number): void => memory.store32(state + offset, value);
  const key = keyColumnsOf(schema);
  const kept = schema.slice(0, columns.length);
  const { fields, end } = layOutRow(kept);
  const rows = memory.allocateZeroed(ROWS_BYTES);
  writeRowStore(memory, rows, { fields, fixedBytes: end });
  const descriptors = memory.allocate(Math.max(columns.length, 1) * layout.READ_COLUMN_BYTES);
  columns.forEach(({ after, before, notNull }, index) => {
    const at = descriptors + index * layout.READ_COLUMN_BYTES;
    const type = kept[index]?.type;
    memory.store32(at + layout.READ_COLUMN_AFTER, after);
    memory.store32(at + layout.READ_COLUMN_BEFORE, before ?? -1);
    memory.store32(at + layout.READ_COLUMN_PHYSICAL, type === undefined ? 0 : PHYSICAL_CODES[physicalOf(type)]);
    const flags = (notNull ? layout.READ_NOT_NULL : 0) + (key.includes(index) ? layout.READ_KEY : 0);
    memory.store32(at + layout.READ_COLUMN_FLAGS, flags);
  });
  set(layout.READ_FORM, FORMS[form]);
  set(layout.READ_OP, opColumn ?? -1);
  set(layout.READ_COLUMN_COUNT, columns.length);
  set(layout.READ_COLUMNS, descriptors);
  set(layout.READ_ROWS, rows);
  set(layout.READ_HAS_KEY, key.length > 0 ? 1 : 0);
  set(layout.READ_HAS_AFTER, present?.after ?? -1);
  set(layout.READ_HAS_BEFORE, present?.before ?? -1);
  set(layout.READ_STOPS, node.onError === 'fail' ? 1 : 0);
  return state;
}
