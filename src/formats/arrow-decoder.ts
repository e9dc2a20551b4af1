// Decodes Arrow IPC streams: columns by their name, converted to the declared types.
//
//   bytes ─► record batch ─► pieces of up to `capacity` rows ─► fill each column ─► leave out the bad rows
//
// Records are rows here: `line` of a reject and DECODER_LINE_COUNT count rows, and the raw text of a bad row is made as
// JSON. The bytes of a message are taken as they come and kept outside of the caller's buffer, so max_record_bytes does
// not apply, and several calls in a row may hand out pieces of one record batch without taking any bytes. A stream that
// is damaged or whose columns do not fit is an error, not a bad record: there is no next row to go on with.

import type { Schema as ArrowSchema, Data, RecordBatch } from 'apache-arrow';
import { BATCH_ROW_COUNT } from '../../kernels/layout.ts';
import {
  DECODER_BATCH,
  DECODER_HEADER_BYTES,
  DECODER_LINE_COUNT,
  DECODER_NULLED_COUNT,
  DECODER_POLICY,
  DECODER_REJECT_COUNT,
  DECODER_REJECTS,
  REJECT_BYTES,
  REJECT_CAPACITY,
} from '../../kernels/layout-formats.ts';
import { LaminarError } from '../base/errors.ts';
import { nearestName } from '../base/names.ts';
import { createBatch } from '../data/batch.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { Column, Schema } from '../data/schema.ts';
import { typeName } from '../data/type.ts';
import { bitAt, type Fill } from './arrow-numbers.ts';
import { ArrowPlaces } from './arrow-places.ts';
import { recordText } from './arrow-record-text.ts';
import { ArrowSource } from './arrow-source.ts';
import { DictionaryText, damagedStream } from './arrow-text.ts';
import { fillOf, hasRows } from './arrow-types.ts';
import { ColumnRows, type ColumnValues, type FillTarget } from './column-rows.ts';
import { type DecodedColumn, type DecoderSpec, decodedColumns, pathText } from './decoder-spec.ts';
import type { Decoder, Places } from './format.ts';

/** Makes a decoder of Arrow IPC streams with its batch. @throws LaminarError LMN-6056 */
export function createArrowDecoder(memory: LinearMemory, spec: DecoderSpec): Decoder {
  return new ArrowDecoder(memory, spec);
}

/** A declared column, and what it is read from in the current stream. */
interface BoundColumn extends DecodedColumn {
  name: string;
  dictionary: DictionaryText;
  /** Position in the record batch. */
  position: number;
  fill: Fill | null;
}

class ArrowDecoder implements Decoder, ColumnValues {
  readonly batch: number;
  readonly state: number;
  readonly schema: Schema;
  readonly #memory: LinearMemory;
  readonly #capacity: number;
  readonly #source = new ArrowSource();
  readonly #places = new ArrowPlaces();
  readonly #columns: BoundColumn[];
  readonly #rows: ColumnRows;
  /** Schema that the columns are bound to. */
  #boundSchema: ArrowSchema | null = null;
  /** The record batch that is being handed out, and its first row that has not been. */
  #pending: RecordBatch | null = null;
  #row = 0;
  /** Rows of the next record batch that an earlier decoder has handed out. */
  #skippedRows = 0;

  constructor(memory: LinearMemory, spec: DecoderSpec) {
    this.schema = spec.schema;
    this.#memory = memory;
    this.#capacity = spec.capacity;
    this.#columns = decodedColumns(spec).map((column) => ({
      ...column,
      name: nameOf(column, spec.schema),
      dictionary: new DictionaryText(spec.schema[column.index]?.type.kind === 'JSON'),
      position: -1,
      fill: null,
    }));
    this.batch = createBatch(memory, spec.schema, spec.capacity);
    this.state = memory.allocateZeroed(DECODER_HEADER_BYTES);
    const rejects = memory.allocate(REJECT_CAPACITY * REJECT_BYTES);
    memory.store32(this.state + DECODER_BATCH, this.batch);
    memory.store32(this.state + DECODER_POLICY, spec.policy);
    memory.store32(this.state + DECODER_REJECTS, rejects);
    this.#rows = new ColumnRows(memory, this.#columns, { spec, batch: this.batch, state: this.state, values: this });
  }

  decode(begin: number, end: number, atEnd: boolean): number {
    const memory = this.#memory;
    memory.refresh();
    memory.store32(this.batch + BATCH_ROW_COUNT, 0);
    memory.store32(this.state + DECODER_LINE_COUNT, 0);
    memory.store32(this.state + DECODER_REJECT_COUNT, 0);
    memory.store32(this.state + DECODER_NULLED_COUNT, 0);
    let at = begin;
    while (this.#pending === null && at < end) {
      const taken = this.#source.push(memory.u8, at, end);
      at += taken;
      this.#places.take(taken, this.#source.message, this.#source.isFile);
      const batch = this.#source.take();
      if (batch !== null && batch.numRows > 0) this.#begin(batch);
      else if (this.#source.schema !== this.#boundSchema) this.#bind(this.#source.schema);
    }
    if (this.#pending !== null) this.#handOut(this.#pending);
    else if (atEnd) this.#source.finish();
    return at - begin;
  }

  reset(): void {
    this.#source.reset();
    this.#places.reset();
    this.#pending = null;
    this.#boundSchema = null;
    this.#skippedRows = 0;
  }

  readonly places: Places = {
    settle: () => {
      const hasBatch = this.#pending !== null;
      this.#places.settle(hasBatch ? this.#row : this.#skippedRows, hasBatch);
    },
    place: () => this.#places.place(),
    goOn: (offset, text) => {
      const { row, messages } = this.#places.goOn(offset, text);
      for (const message of messages) {
        this.#source.push(message, 0, message.length);
        this.#source.take();
      }
      this.#bind(this.#source.schema);
      this.#skippedRows = row;
    },
  };

  fill(index: number, target: FillTarget, from: number, count: number): void {
    const { position, fill } = this.#columns[index] as BoundColumn;
    const data = this.#pending?.data.children[position] as Data;
    const { valid } = target;
    if (data.nullCount === 0) valid.fill(1, 0, count);
    else for (let i = 0; i < count; i++) valid[i] = bitAt(data.nullBitmap, from + i);
    fill?.(target, data, from, count);
  }

  recordText(row: number, column: number): { bytes: Uint8Array; position: number } {
    return recordText(this.#pending as RecordBatch, row, this.#columns[column]?.position ?? -1);
  }

  #begin(batch: RecordBatch): void {
    const isWhole = (column: BoundColumn) => {
      const data = batch.data.children[column.position];
      return data !== undefined && hasRows(data, batch.numRows);
    };
    if (!this.#columns.every(isWhole)) throw damagedStream();
    this.#pending = batch;
    this.#row = this.#skippedRows;
    this.#skippedRows = 0;
  }

  #handOut(batch: RecordBatch): void {
    this.#row += this.#rows.take(this.#row, Math.min(this.#capacity, batch.numRows - this.#row));
    if (this.#row === batch.numRows) this.#pending = null;
  }

  /** Finds the declared columns in a stream's schema. @throws LaminarError LMN-6052, LMN-6054, LMN-6055 */
  #bind(schema: ArrowSchema | null): void {
    this.#boundSchema = schema;
    if (schema === null) return;
    try {
      for (const column of this.#columns) this.#bindColumn(column, schema);
    } catch (error) {
      // Types of a damaged schema lack parts, and say so by TypeErrors.
      throw error instanceof LaminarError ? error : damagedStream(error);
    }
  }

  #bindColumn(column: BoundColumn, schema: ArrowSchema): void {
    const { name, type } = this.schema[column.index] as Column;
    const names = schema.fields.map((field) => field.name ?? '');
    column.position = names.indexOf(column.name);
    const arrow = schema.fields[column.position]?.type;
    if (arrow === undefined) throw missingColumn(column.name, names);
    column.fill = fillOf(type, arrow, { unit: column.field.timestampUnit, dictionary: column.dictionary });
    if (column.fill !== null) return;
    throw new LaminarError('LMN-6055', `column ${name} is ${typeName(type)}, in the Arrow stream it is ${arrow}`, {
      hint: 'Declare the column with a type that fits, and CAST it in the query.',
    });
  }
}

function nameOf({ field, index }: DecodedColumn, schema: Schema): string {
  const [name] = field.path;
  if (field.path.length === 1 && typeof name === 'string') return name;
  throw new LaminarError('LMN-6056', `column ${schema[index]?.name} is read from ${pathText(field.path)}`, {
    hint: "In Arrow a path names a column: '$.price'. Nested columns cannot be read.",
  });
}

function missingColumn(name: string, names: readonly string[]): LaminarError {
  const nearest = nearestName(name, names);
  const hint = nearest === undefined ? `It has ${names.join(', ')}.` : `Did you mean ${nearest}?`;
  return new LaminarError('LMN-6054', `the Arrow stream has no column ${name}`, { hint });
}
