// Rows of a record batch become rows of a batch: NULLs, rows that do not fit, and their way into the reject list.
//
// Columns are filled one after another, so a row may be found bad at any of them: the first one counts. Then the good
// rows move up over the bad ones. When the reject list is full, or a bad row stops the decoder, the rest is left for
// the next call.

import type { Data, RecordBatch } from 'apache-arrow';
import { BATCH_ROW_COUNT } from '../../kernels/layout.ts';
import {
  DECODER_LINE_COUNT,
  DECODER_NULLED_COUNT,
  DECODER_REJECT_COUNT,
  DECODER_REJECTS,
  POLICY_FAIL,
  POLICY_NULL,
  REASON_NULL,
  REJECT_BYTES,
  REJECT_CAPACITY,
  REJECT_COLUMN,
  REJECT_LINE,
  REJECT_POSITION,
  REJECT_REASON,
  REJECT_RECORD,
  REJECT_RECORD_BYTES,
} from '../../kernels/layout-formats.ts';
import { columnData, columnValidity } from '../data/batch.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { Column } from '../data/schema.ts';
import { bytesOf } from '../data/type.ts';
import { bitAt, type Fill, type FillTarget } from './arrow-numbers.ts';
import { recordText } from './arrow-record-text.ts';
import type { DecodedColumn, DecoderSpec } from './decoder-spec.ts';

/** A declared column with its fill and its position in the record batch. */
export interface FilledColumn extends DecodedColumn {
  fill: Fill | null;
  position: number;
}

/** A column of the batch while it is filled. */
interface ColumnTarget extends FillTarget {
  index: number;
  /** Bytes of a value. */
  width: number;
  /** Address of the validity bytes, 0 without. */
  validity: number;
  required: boolean;
}

export class ArrowRows {
  readonly #memory: LinearMemory;
  readonly #batch: number;
  readonly #state: number;
  readonly #policy: number;
  readonly #columns: readonly FilledColumn[];
  readonly #targets: ColumnTarget[];
  /** 1 for the rows that have a value in the column that is being filled. */
  readonly #valid: Uint8Array;
  /** Why a row is bad (REASON_*), 0 for the good ones; and its first bad column. */
  readonly #reasons: Uint8Array;
  readonly #badColumns: Uint32Array;
  /** Fields of a row that were made NULL. */
  readonly #nulled: Uint16Array;
  #isAllGood = true;
  #count = 0;

  constructor(
    memory: LinearMemory,
    columns: readonly FilledColumn[],
    parts: { spec: DecoderSpec; batch: number; state: number },
  ) {
    const { spec, batch, state } = parts;
    this.#memory = memory;
    this.#batch = batch;
    this.#state = state;
    this.#policy = spec.policy;
    this.#columns = columns;
    this.#valid = new Uint8Array(spec.capacity);
    this.#reasons = new Uint8Array(spec.capacity);
    this.#badColumns = new Uint32Array(spec.capacity);
    this.#nulled = new Uint16Array(spec.capacity);
    this.#targets = columns.map(({ index, field }) => {
      const column = spec.schema[index] as Column;
      const required = field.notNull || !column.nullable;
      return {
        memory,
        index,
        required,
        width: bytesOf(column.type),
        address: columnData(memory, batch, index),
        validity: columnValidity(memory, batch, index),
        valid: this.#valid,
        bad: (row, reason) => this.#markBad({ row, column: index, reason, required }),
      };
    });
  }

  /** Starts a piece of `count` rows. */
  begin(count: number): void {
    this.#count = count;
    this.#isAllGood = true;
    this.#reasons.fill(0, 0, count);
    this.#nulled.fill(0, 0, count);
  }

  /** Fills a column from the rows of an Arrow column that begin at `from`. @throws LaminarError LMN-6052 */
  fillColumn(column: FilledColumn, data: Data, from: number): void {
    const count = this.#count;
    const valid = this.#valid;
    const target = this.#targets[this.#columns.indexOf(column)] as ColumnTarget;
    if (data.nullCount === 0) valid.fill(1, 0, count);
    else for (let i = 0; i < count; i++) valid[i] = bitAt(data.nullBitmap, from + i);
    column.fill?.(target, data, from, count);
    if (target.validity !== 0) this.#memory.u8.set(valid.subarray(0, count), target.validity);
    if (!target.required) return;
    for (let i = 0; i < count; i++) if (valid[i] === 0) target.bad(i, REASON_NULL);
  }

  /** Leaves out the bad rows and lists them. @returns rows of the record batch that are done with. */
  finish(batch: RecordBatch, from: number): number {
    const memory = this.#memory;
    const { kept, done } = this.#isAllGood ? { kept: this.#count, done: this.#count } : this.#sort(batch, from);
    memory.store32(this.#batch + BATCH_ROW_COUNT, kept);
    memory.store32(this.#state + DECODER_LINE_COUNT, done);
    return done;
  }

  #markBad(place: { row: number; column: number; reason: number; required: boolean }): void {
    const { row, column, reason, required } = place;
    this.#isAllGood = false;
    if (this.#policy === POLICY_NULL && !required) {
      this.#valid[row] = 0;
      this.#nulled[row]! += 1;
    } else if (this.#reasons[row] === 0) {
      this.#reasons[row] = reason;
      this.#badColumns[row] = column;
    }
  }

  #sort(batch: RecordBatch, from: number): { kept: number; done: number } {
    let kept = 0;
    let nulled = 0;
    let rejectCount = 0;
    let row = 0;
    for (; row < this.#count; row++) {
      if (this.#reasons[row] === 0) {
        nulled += this.#nulled[row] as number;
        if (kept !== row) this.#move(row, kept);
        kept++;
        continue;
      }
      if (rejectCount === REJECT_CAPACITY) break;
      this.#reject(rejectCount++, row, recordText(batch, from + row, this.#positionOf(row)));
      if (this.#policy === POLICY_FAIL) break;
    }
    this.#memory.store32(this.#state + DECODER_REJECT_COUNT, rejectCount);
    this.#memory.store32(this.#state + DECODER_NULLED_COUNT, nulled);
    return { kept, done: row };
  }

  /** Position in the record batch of the column for which a row is bad. */
  #positionOf(row: number): number {
    const index = this.#badColumns[row];
    return this.#columns.find((column) => column.index === index)?.position ?? -1;
  }

  #move(from: number, to: number): void {
    const { u8 } = this.#memory;
    for (const { address, width, validity } of this.#targets) {
      u8.copyWithin(address + to * width, address + from * width, address + (from + 1) * width);
      if (validity !== 0) u8[validity + to] = u8[validity + from] as number;
    }
  }

  #reject(index: number, row: number, record: { bytes: Uint8Array; position: number }): void {
    const memory = this.#memory;
    const address = memory.kernels.transientAllocate(record.bytes.length) >>> 0;
    memory.refresh();
    memory.u8.set(record.bytes, address);
    const entry = memory.load32(this.#state + DECODER_REJECTS) + index * REJECT_BYTES;
    memory.store32(entry + REJECT_REASON, this.#reasons[row] as number);
    memory.store32(entry + REJECT_COLUMN, this.#badColumns[row] as number);
    memory.store32(entry + REJECT_RECORD, address);
    memory.store32(entry + REJECT_RECORD_BYTES, record.bytes.length);
    memory.store32(entry + REJECT_LINE, row);
    memory.store32(entry + REJECT_POSITION, record.position);
  }
}
