// Columns of a file become rows of a batch: NULLs, rows that do not fit, and their way into the reject list.
//
// For formats that keep their values by column (Arrow, Parquet). Columns are filled one after another, so a row may be
// found bad at any of them: the first one counts. Then the good rows move up over the bad ones. When the reject list is
// full, or a bad row stops the decoder, the rest is left for the next call.

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
import type { DecodedColumn, DecoderSpec } from './decoder-spec.ts';

/** Where the values of a column go to, and what does not fit is reported to. */
export interface FillTarget {
  readonly memory: LinearMemory;
  /** Address of the column's data. */
  readonly address: number;
  /** 1 for the rows that have a value; whoever fills sets it. */
  readonly valid: Uint8Array;
  /** Says that the value of a row does not fit. @param reason REASON_* of kernels/layout-formats.ts. */
  bad(row: number, reason: number): void;
}

/** Who has the values. Columns are numbered as those that the rows were made for. */
export interface ColumnValues {
  /** Fills rows 0 to `count` of a column, from row `from` on. */
  fill(column: number, target: FillTarget, from: number, count: number): void;
  /** A row as text, and the byte where the value of a column begins in it. */
  recordText(row: number, column: number): { bytes: Uint8Array; position: number };
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

export class ColumnRows {
  readonly #memory: LinearMemory;
  readonly #batch: number;
  readonly #state: number;
  readonly #policy: number;
  readonly #values: ColumnValues;
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
    columns: readonly DecodedColumn[],
    parts: { spec: DecoderSpec; batch: number; state: number; values: ColumnValues },
  ) {
    const { spec, batch, state, values } = parts;
    this.#memory = memory;
    this.#batch = batch;
    this.#state = state;
    this.#policy = spec.policy;
    this.#values = values;
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

  /** Fills `count` rows from row `from` on, and leaves out the bad ones, which it lists. @returns rows that are done with. */
  take(from: number, count: number): number {
    const memory = this.#memory;
    this.#count = count;
    this.#isAllGood = true;
    this.#reasons.fill(0, 0, count);
    this.#nulled.fill(0, 0, count);
    for (let column = 0; column < this.#targets.length; column++) this.#fill(column, from);
    const { kept, done } = this.#isAllGood ? { kept: count, done: count } : this.#sort(from);
    memory.store32(this.#batch + BATCH_ROW_COUNT, kept);
    memory.store32(this.#state + DECODER_LINE_COUNT, done);
    return done;
  }

  #fill(column: number, from: number): void {
    const count = this.#count;
    const valid = this.#valid;
    const target = this.#targets[column] as ColumnTarget;
    this.#values.fill(column, target, from, count);
    if (target.validity !== 0) this.#memory.u8.set(valid.subarray(0, count), target.validity);
    if (!target.required) return;
    for (let i = 0; i < count; i++) if (valid[i] === 0) target.bad(i, REASON_NULL);
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

  #sort(from: number): { kept: number; done: number } {
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
      this.#reject(rejectCount++, row, this.#values.recordText(from + row, this.#columnOf(row)));
      if (this.#policy === POLICY_FAIL) break;
    }
    this.#memory.store32(this.#state + DECODER_REJECT_COUNT, rejectCount);
    this.#memory.store32(this.#state + DECODER_NULLED_COUNT, nulled);
    return { kept, done: row };
  }

  /** The column for which a row is bad. */
  #columnOf(row: number): number {
    const index = this.#badColumns[row];
    return this.#targets.findIndex((target) => target.index === index);
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
