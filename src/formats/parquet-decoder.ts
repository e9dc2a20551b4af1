// Decodes Parquet files: columns by their name, converted to the declared types.
//
//   bytes ─► all of the file ─► row group ─► pieces of up to `capacity` rows ─► fill each column ─► leave out the bad rows
//
// What a Parquet file has is said at its end, so its bytes are taken as they come, and rows handed out once it has ended.
// Hence it is a format of tables that are read whole, and of nothing else. One row group at a time is decompressed, and
// of it only the columns that are declared and wanted. Rows take the place of lines, as with Arrow.

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
import { assert } from '../base/assert.ts';
import { LaminarError } from '../base/errors.ts';
import { nearestName } from '../base/names.ts';
import { createBatch } from '../data/batch.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { Column, Schema } from '../data/schema.ts';
import { typeName } from '../data/type.ts';
import { ColumnRows, type ColumnValues, type FillTarget } from './column-rows.ts';
import { type DecodedColumn, type DecoderSpec, decodedColumns } from './decoder-spec.ts';
import type { Decoder } from './format.ts';
import { type PageValues, ParquetFile } from './parquet-file.ts';
import { type Put, parquetTypeName, putOf } from './parquet-types.ts';

/** Makes a decoder of Parquet files with its batch. */
export function createParquetDecoder(memory: LinearMemory, spec: DecoderSpec): Decoder {
  return new ParquetDecoder(memory, spec);
}

/** A declared column, and what it is read from in the current file. */
interface BoundColumn extends DecodedColumn {
  name: string;
  put: Put | null;
  /** Of the row group that is being handed out. */
  pages: PageValues[];
}

class ParquetDecoder implements Decoder, ColumnValues {
  readonly batch: number;
  readonly state: number;
  readonly schema: Schema;
  readonly #memory: LinearMemory;
  readonly #capacity: number;
  readonly #columns: BoundColumn[];
  readonly #rows: ColumnRows;
  /** What has come of the file. */
  #pieces: Uint8Array[] = [];
  /** Once all of it has come. */
  #file: ParquetFile | null = null;
  /** The row group after the one that is being handed out; its rows, and the first that has not been. */
  #nextGroup = 0;
  #rowCount = 0;
  #row = 0;

  constructor(memory: LinearMemory, spec: DecoderSpec) {
    this.schema = spec.schema;
    this.#memory = memory;
    this.#capacity = spec.capacity;
    this.#columns = decodedColumns(spec).map((column) => ({
      ...column,
      name: nameOf(column),
      put: null,
      pages: [],
    }));
    this.batch = createBatch(memory, spec.schema, spec.capacity);
    this.state = memory.allocateZeroed(DECODER_HEADER_BYTES);
    memory.store32(this.state + DECODER_BATCH, this.batch);
    memory.store32(this.state + DECODER_POLICY, spec.policy);
    memory.store32(this.state + DECODER_REJECTS, memory.allocate(REJECT_CAPACITY * REJECT_BYTES));
    this.#rows = new ColumnRows(memory, this.#columns, { spec, batch: this.batch, state: this.state, values: this });
  }

  decode(begin: number, end: number, atEnd: boolean): number {
    const memory = this.#memory;
    memory.refresh();
    memory.store32(this.batch + BATCH_ROW_COUNT, 0);
    memory.store32(this.state + DECODER_LINE_COUNT, 0);
    memory.store32(this.state + DECODER_REJECT_COUNT, 0);
    memory.store32(this.state + DECODER_NULLED_COUNT, 0);
    if (end > begin) this.#pieces.push(memory.u8.slice(begin, end));
    else if (atEnd) this.#handOut();
    return end - begin;
  }

  reset(): void {
    this.#pieces = [];
    this.#file = null;
    this.#nextGroup = 0;
    this.#rowCount = 0;
    this.#row = 0;
  }

  fill(index: number, target: FillTarget, from: number, count: number): void {
    const { pages, put } = this.#columns[index] as BoundColumn;
    const { valid } = target;
    let first = 0;
    for (const page of pages) {
      const begin = Math.max(from, first);
      const end = Math.min(from + count, first + page.length);
      for (let row = begin; row < end; row++) {
        const value = page[row - first] ?? null;
        valid[row - from] = value === null ? 0 : 1;
        if (value !== null) put?.(target, row - from, value);
      }
      first += page.length;
    }
  }

  recordText(row: number, column: number): { bytes: Uint8Array; position: number } {
    let text = '{';
    let position = 0;
    for (const [index, { name, pages }] of this.#columns.entries()) {
      text += `${index === 0 ? '' : ','}${JSON.stringify(name)}:`;
      if (index === column) position = Buffer.byteLength(text);
      text += valueText(pages, row);
    }
    return { bytes: Buffer.from(`${text}}`), position };
  }

  #handOut(): void {
    const file = this.#file ?? this.#open();
    while (this.#row === this.#rowCount && this.#nextGroup < file.groupCount) this.#begin(file, this.#nextGroup++);
    if (this.#row === this.#rowCount) return;
    this.#row += this.#rows.take(this.#row, Math.min(this.#capacity, this.#rowCount - this.#row));
  }

  #open(): ParquetFile {
    const bytes = new Uint8Array(this.#pieces.reduce((sum, piece) => sum + piece.length, 0));
    let at = 0;
    for (const piece of this.#pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    this.#pieces = [];
    const file = new ParquetFile(bytes.buffer);
    for (const column of this.#columns) column.put = this.#bind(column, file);
    this.#file = file;
    return file;
  }

  #begin(file: ParquetFile, group: number): void {
    for (const column of this.#columns) column.pages = file.pagesOf(column.name, group);
    this.#rowCount = file.rowsOf(group);
    this.#row = 0;
  }

  /** @throws LaminarError LMN-6044, LMN-6045 */
  #bind(column: BoundColumn, file: ParquetFile): Put {
    const { name, type } = this.schema[column.index] as Column;
    const { names } = file;
    if (!names.includes(column.name)) {
      const nearest = nearestName(column.name, names);
      const hint = nearest === undefined ? `It has ${names.join(', ')}.` : `Did you mean ${nearest}?`;
      throw new LaminarError('LMN-6044', `the Parquet file has no column ${column.name}`, { hint });
    }
    const element = file.elementOf(column.name);
    const put = element === null ? null : putOf(type, element, column.field.timestampUnit);
    if (put !== null) return put;
    const stored = element === null ? 'nested' : parquetTypeName(element);
    throw new LaminarError('LMN-6045', `column ${name} is ${typeName(type)}, in the Parquet file it is ${stored}`, {
      hint:
        element === null
          ? 'Lists and structs of Parquet files are not read: leave the column out.'
          : 'Declare the column with a type that fits, and CAST it in the query.',
    });
  }
}

/** Paths of several steps are for JSON: the binder refuses them. */
function nameOf({ field }: DecodedColumn): string {
  const [name] = field.path;
  assert(typeof name === 'string' && field.path.length === 1, 'the path of a Parquet column is its name');
  return name;
}

/** A value as it is stored, as JSON. */
function valueText(pages: readonly PageValues[], row: number): string {
  let first = 0;
  const page = pages.find(({ length }) => {
    first += length;
    return row < first;
  });
  const value = page?.[row - first + page.length] ?? null;
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString());
  if (typeof value === 'number' && !Number.isFinite(value)) return JSON.stringify(String(value));
  return typeof value === 'bigint' ? value.toString() : JSON.stringify(value);
}
