// Checks the metadata of an Arrow message before the library reads it.
//
// Metadata is a FlatBuffers table, read by following offsets and counts in it; the library believes them, and one
// flipped bit makes it build arrays until memory is gone. So the parts that it walks are walked here first, each within
// the bytes that are there:
//
//   Message ─► Schema ─► fields (name, children …) │ RecordBatch ─► nodes, buffers │ DictionaryBatch ─► RecordBatch
//
// Layout: https://flatbuffers.dev/internals; slots in the order of Arrow's format/Message.fbs and Schema.fbs.

/** Values of Message.header_type. */
const HEADER_SCHEMA = 1;
const HEADER_DICTIONARY_BATCH = 2;
const HEADER_RECORD_BATCH = 3;

const DEPTH_MAX = 64;
const STRUCT_BYTES = 16;

export type MetadataProblem = 'damaged' | 'big-endian';

/** What is wrong with the metadata of a message, null when the library can read it. */
export function metadataProblem(bytes: Uint8Array): MetadataProblem | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return new Walker(view).message();
  } catch (error) {
    // DataView refuses to read outside of its bytes.
    if (error instanceof RangeError) return 'damaged';
    throw error;
  }
}

class Walker {
  readonly #view: DataView;
  /** Tables walked: shared ones could be reached in too many ways. */
  #tableCount = 0;

  constructor(view: DataView) {
    this.#view = view;
  }

  message(): MetadataProblem | null {
    const message = this.#view.getUint32(0, true);
    const header = this.#target(message, 2);
    const typeSlot = this.#slot(message, 1);
    const type = typeSlot === 0 ? 0 : this.#view.getUint8(typeSlot);
    this.#keyValues(message, 4);
    if (header === 0) return 'damaged';
    if (type === HEADER_SCHEMA) return this.#schema(header);
    if (type === HEADER_RECORD_BATCH) this.#recordBatch(header);
    if (type === HEADER_DICTIONARY_BATCH) {
      const batch = this.#target(header, 1);
      if (batch === 0) return 'damaged';
      this.#recordBatch(batch);
    }
    return null;
  }

  #schema(schema: number): MetadataProblem | null {
    const endianness = this.#slot(schema, 0);
    if (endianness !== 0 && this.#view.getInt16(endianness, true) === 1) return 'big-endian';
    for (const field of this.#tables(schema, 1)) this.#field(field, 0);
    this.#keyValues(schema, 2);
    return null;
  }

  #field(field: number, depth: number): void {
    if (depth > DEPTH_MAX) throw new RangeError('fields are nested too deep');
    this.#vector(field, 0, 1);
    for (const part of [3, 4]) {
      const table = this.#target(field, part);
      if (table !== 0) this.#walkTable(table);
    }
    for (const child of this.#tables(field, 5)) this.#field(child, depth + 1);
    this.#keyValues(field, 6);
  }

  #recordBatch(batch: number): void {
    this.#vector(batch, 1, STRUCT_BYTES);
    this.#vector(batch, 2, STRUCT_BYTES);
    const compression = this.#target(batch, 3);
    if (compression !== 0) this.#walkTable(compression);
    this.#vector(batch, 4, 8);
  }

  #keyValues(table: number, slot: number): void {
    for (const pair of this.#tables(table, slot)) {
      this.#vector(pair, 0, 1);
      this.#vector(pair, 1, 1);
    }
  }

  /** Address of a field of a table, 0 without. */
  #slot(table: number, slot: number): number {
    const vtable = table - this.#view.getInt32(table, true);
    const at = 4 + slot * 2;
    if (at + 2 > this.#view.getUint16(vtable, true)) return 0;
    const offset = this.#view.getUint16(vtable + at, true);
    return offset === 0 ? 0 : table + offset;
  }

  /** What an offset in a field of a table points to, 0 without. */
  #target(table: number, slot: number): number {
    const at = this.#slot(table, slot);
    return at === 0 ? 0 : at + this.#view.getUint32(at, true);
  }

  /** Checks a vector or string, and returns where its elements are and how many. */
  #vector(table: number, slot: number, elementBytes: number): { begin: number; count: number } {
    const at = this.#target(table, slot);
    if (at === 0) return { begin: 0, count: 0 };
    const count = this.#view.getUint32(at, true);
    if (at + 4 + count * elementBytes > this.#view.byteLength) throw new RangeError('a vector is too long');
    return { begin: at + 4, count };
  }

  /** Addresses of the tables in a vector. */
  #tables(table: number, slot: number): number[] {
    const { begin, count } = this.#vector(table, slot, 4);
    return Array.from({ length: count }, (_, i) => {
      const at = begin + i * 4;
      return this.#walkTable(at + this.#view.getUint32(at, true));
    });
  }

  #walkTable(table: number): number {
    if (++this.#tableCount > this.#view.byteLength) throw new RangeError('too many tables');
    this.#slot(table, 0);
    return table;
  }
}
