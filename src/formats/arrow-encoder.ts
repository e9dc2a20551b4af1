// Arrow IPC stream out: the schema, one record batch for each batch, the end-of-stream marker.
//
//   columns of a batch ─► Arrow data (copies) ─► apache-arrow's writer ─► buffer in linear memory
//
// Values are copied before they are written: the buffer may grow while a record batch is written, and growing memory
// detaches every view. The value of a NULL is written as zero.

import {
  Schema as ArrowSchema,
  AsyncByteQueue,
  type Data,
  Field,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Struct,
} from 'apache-arrow';
import { BATCH_ROW_COUNT } from '../../kernels/layout.ts';
import { LaminarError } from '../base/errors.ts';
import { ARROW_BODY_BYTES_MAX } from '../base/limits.ts';
import { columnData, columnValidity } from '../data/batch.ts';
import type { LinearMemory } from '../data/memory.ts';
import { type NestedValue, readNested } from '../data/nested-value.ts';
import type { OutputParts } from '../data/output-parts.ts';
import type { Column, Schema } from '../data/schema.ts';
import { bytesOf, type DataType, isNested, physicalOf } from '../data/type.ts';
import { widenUnits } from './arrow-decimals.ts';
import { nestedData } from './arrow-nested-data.ts';
import { ArrowParts } from './arrow-parts.ts';
import { arrowTypeOf } from './arrow-types.ts';
import type { Encoder } from './format.ts';

/** Bytes of a new output buffer: a record batch of a few narrow columns. */
const BUFFER_BYTES = 1 << 16;

/** Makes an encoder of the schema's visible columns. @throws LaminarError LMN-6050 */
export function createArrowEncoder(memory: LinearMemory, schema: Schema): Encoder {
  return new ArrowEncoder(memory, schema);
}

class ArrowEncoder implements Encoder {
  readonly #memory: LinearMemory;
  readonly #columns: { column: Column; index: number; field: Field }[];
  readonly #schema: ArrowSchema;
  readonly #buffer: OutputBuffer;
  #writer = new RecordBatchStreamWriter();
  #isStarted = false;
  /** null: the output is one stream. */
  #parts: ArrowParts | null = null;

  constructor(memory: LinearMemory, schema: Schema) {
    this.#memory = memory;
    this.#columns = schema.flatMap((column, index) => {
      const { name, type, nullable, hidden } = column;
      return hidden ? [] : [{ column, index, field: new Field(name, arrowTypeOf(type), nullable) }];
    });
    this.#schema = new ArrowSchema(this.#columns.map(({ field }) => field));
    this.#buffer = new OutputBuffer(memory);
  }

  encode(batch: number): void {
    const rows = this.#memory.load32(batch + BATCH_ROW_COUNT);
    const parts = this.#parts;
    if (parts === null) {
      this.#start();
      if (rows > 0) this.#write(batch, 0, rows);
      return;
    }
    parts.measure(batch, rows);
    for (let row = 0; row < rows; ) {
      const count = parts.fit(row, rows);
      if (count === 0) this.#end(parts);
      else this.#write(batch, row, count);
      row += count;
    }
  }

  get pendingBytes(): number {
    return this.#buffer.length;
  }

  get pending(): number {
    return this.#buffer.address;
  }

  clear(): void {
    this.#buffer.length = 0;
    this.#parts?.clear();
  }

  /** The schema is there. A record batch needs nothing of those before it. */
  resume(): void {
    if (this.#parts?.bytes === 0) return;
    this.#start();
    this.clear();
  }

  /** Each part is a stream. */
  cut(bytesMax: number): OutputParts {
    this.#parts = new ArrowParts(this.#memory, { bytesMax, columns: this.#columns });
    return this.#parts;
  }

  finish(): void {
    const parts = this.#parts;
    if (parts === null) {
      this.#start();
      this.#writer.finish();
    } else if (parts.bytes > 0) this.#end(parts);
  }

  #write(batch: number, begin: number, length: number): void {
    this.#start();
    const memory = this.#memory;
    memory.refresh();
    const children = this.#columns.map(({ column, index, field }) => {
      const validity = columnValidity(memory, batch, index);
      return dataOf(memory, column, {
        length,
        type: field.type,
        address: columnData(memory, batch, index) + begin * bytesOf(column.type),
        validity: validity === 0 ? 0 : validity + begin,
      });
    });
    const data = makeData({ type: new Struct(this.#schema.fields), length, nullCount: 0, children });
    this.#writer.write(new RecordBatch(this.#schema, data));
  }

  #end(parts: ArrowParts): void {
    this.#writer.finish();
    this.#writer = new RecordBatchStreamWriter();
    this.#isStarted = false;
    parts.noteEnd(this.#buffer.length);
  }

  /** Writes the schema, once. */
  #start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#writer.reset(new BufferSink(this.#buffer), this.#schema);
  }
}

/** Where apache-arrow's writer puts its bytes: at once into the buffer. */
class BufferSink extends AsyncByteQueue {
  readonly #buffer: OutputBuffer;

  constructor(buffer: OutputBuffer) {
    super();
    this.#buffer = buffer;
  }

  override write(bytes: Uint8Array): void {
    this.#buffer.append(bytes);
  }
}

/** Bytes in linear memory that wait to be written; doubled as needed. */
class OutputBuffer {
  readonly #memory: LinearMemory;
  #capacity = BUFFER_BYTES;
  address: number;
  length = 0;

  constructor(memory: LinearMemory) {
    this.#memory = memory;
    this.address = memory.allocate(BUFFER_BYTES);
  }

  append(bytes: Uint8Array): void {
    const memory = this.#memory;
    const length = this.length + bytes.length;
    if (length > this.#capacity) {
      let capacity = this.#capacity;
      while (capacity < length) capacity *= 2;
      const address = memory.allocate(capacity);
      memory.u8.copyWithin(address, this.address, this.address + this.length);
      memory.kernels.release(this.address, this.#capacity);
      this.address = address;
      this.#capacity = capacity;
    }
    memory.refresh();
    memory.u8.set(bytes, this.address + this.length);
    this.length = length;
  }
}

interface ColumnPart {
  type: Field['type'];
  length: number;
  /** Address of the column's data. */
  address: number;
  /** Address of its validity bytes, 0 without. */
  validity: number;
}

/** A column of a batch as Arrow data, copied. */
function dataOf(memory: LinearMemory, column: Column, part: ColumnPart): Data {
  const { type, length, address, validity } = part;
  const valid = validity === 0 ? null : memory.u8.subarray(validity, validity + length);
  const nullCount = valid === null ? 0 : valid.reduce((sum, isValid) => sum + (isValid === 0 ? 1 : 0), 0);
  const nullBitmap = valid === null || nullCount === 0 ? null : packBits(valid);
  const nulls = { type, length, nullCount, nullBitmap };
  switch (physicalOf(column.type)) {
    case 'u8':
      return makeData({ ...nulls, data: packBits(memory.u8.subarray(address, address + length), valid) } as never);
    case 'i32': {
      const values = new type.ArrayType(memory.i32.subarray(address >>> 2, (address >>> 2) + length));
      return makeData({ ...nulls, data: nullCount === 0 ? values : zeroNulls(values, valid, 0) } as never);
    }
    case 'i64': {
      const values = memory.i64.slice(address >>> 3, (address >>> 3) + length);
      const known = nullCount === 0 ? values : zeroNulls(values, valid, 0n);
      return makeData({ ...nulls, data: column.type.kind === 'DECIMAL' ? widenUnits(known) : known } as never);
    }
    case 'f64': {
      const values = memory.f64.slice(address >>> 3, (address >>> 3) + length);
      return makeData({ ...nulls, data: nullCount === 0 ? values : zeroNulls(values, valid, 0) } as never);
    }
    case 'ref': {
      if (!isNested(column.type)) return makeData({ ...nulls, ...textOf(memory, part, valid) } as never);
      const values = Array.from({ length }, (_, i) =>
        valid?.[i] === 0 ? null : nestedAt(memory, column.type, address + i * 8),
      );
      return nestedData(column.type, type, values);
    }
  }
}

/** The list or struct that a reference is of. */
function nestedAt(memory: LinearMemory, type: DataType, reference: number): NestedValue {
  const begin = memory.load32(reference);
  return readNested(memory.u8.subarray(begin, begin + memory.load32(reference + 4)), type);
}

function packBits(bytes: Uint8Array, valid: Uint8Array | null = null): Uint8Array {
  const bits = new Uint8Array(Math.ceil(bytes.length / 8));
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== 0 && valid?.[i] !== 0) bits[i >>> 3]! |= 1 << (i & 7);
  }
  return bits;
}

function zeroNulls<V, A extends { [index: number]: V }>(values: A, valid: Uint8Array | null, zero: V): A {
  valid?.forEach((isValid, i) => {
    if (isValid === 0) values[i] = zero;
  });
  return values;
}

/** References as offsets and bytes. @throws LaminarError LMN-6057 */
function textOf(memory: LinearMemory, part: ColumnPart, valid: Uint8Array | null) {
  const { length, address } = part;
  const valueOffsets = new Int32Array(length + 1);
  let total = 0;
  for (let i = 0; i < length; i++) {
    if (valid?.[i] !== 0) total += memory.load32(address + i * 8 + 4);
    if (total > ARROW_BODY_BYTES_MAX) {
      throw new LaminarError('LMN-6057', 'the text of one column in a batch is larger than 1 GiB', {
        hint: 'Make the batches smaller: SET batch_size.',
      });
    }
    valueOffsets[i + 1] = total;
  }
  const data = new Uint8Array(total);
  for (let i = 0; i < length; i++) {
    if (valid?.[i] === 0) continue;
    const begin = memory.load32(address + i * 8);
    const bytes = memory.load32(address + i * 8 + 4);
    data.set(memory.u8.subarray(begin, begin + bytes), valueOffsets[i]);
  }
  return { valueOffsets, data };
}
