// Fills columns of text from Arrow columns: plain or dictionary-encoded strings.
//
//   plain:      the bytes of the rows are copied to the transient stack in one go; a row's reference is its offset there
//   dictionary: the values are copied to linear memory once per dictionary; a row's reference is its value's
//
// Offsets, indexes and bytes come from outside and become addresses, so each is checked: offsets that point elsewhere
// are a damaged stream, bytes that are not UTF-8 a bad row.

import { isUtf8 } from 'node:buffer';
import type { Data, Vector } from 'apache-arrow';
import { REASON_TYPE, REASON_UTF8 } from '../../kernels/layout-formats.ts';
import { LaminarError } from '../base/errors.ts';
import type { LinearMemory } from '../data/memory.ts';
import { bitAt, type Fill } from './arrow-numbers.ts';
import type { FillTarget } from './column-rows.ts';

/** The error for a stream whose parts contradict each other. */
export function damagedStream(cause?: unknown): LaminarError {
  return new LaminarError('LMN-6052', 'the Arrow stream is damaged: its parts contradict each other', {
    hint: 'Can another program read it, for example DuckDB or pyarrow?',
    cause,
  });
}

export const fillText: Fill = (target, data, from, count) => {
  const { memory, address, valid } = target;
  const { bytes, offsets } = textOf(data, from, count);
  const start = memory.kernels.transientAllocate(Math.max(bytes.length, 1)) >>> 0;
  memory.refresh();
  memory.u8.set(bytes, start);
  for (let i = 0; i < count; i++) {
    memory.store32(address + i * 8, start + (offsets[i] as number));
    memory.store32(address + i * 8 + 4, (offsets[i + 1] as number) - (offsets[i] as number));
  }
  if (areAllUtf8(bytes, offsets)) return;
  for (let i = 0; i < count; i++) {
    if (valid[i] === 1 && !isUtf8(bytes.subarray(offsets[i], offsets[i + 1]))) target.bad(i, REASON_UTF8);
  }
};

/** Text that must be JSON. */
export const fillJson: Fill = (target, data, from, count) => {
  fillText(target, data, from, count);
  const { memory, address, valid } = target;
  for (let i = 0; i < count; i++) {
    if (valid[i] === 1 && !memory.kernels.jsonCheckReference(address + i * 8)) target.bad(i, REASON_TYPE);
  }
  memory.refresh();
};

const ENTRY_NULL = 255;

/** The values of one dictionary-encoded column, kept in linear memory until the next dictionary comes. */
export class DictionaryText {
  readonly #isJson: boolean;
  #vector: Vector | null = null;
  #address = 0;
  #bytes = 0;
  /** Address and length of each value. */
  #refs = new Uint32Array(0);
  /** 0, ENTRY_NULL or the REASON_* why a value is bad. */
  #states = new Uint8Array(0);

  constructor(mustBeJson: boolean) {
    this.#isJson = mustBeJson;
  }

  fill(target: FillTarget, data: Data, from: number, count: number): void {
    const { memory, address, valid } = target;
    if (data.dictionary === undefined) throw damagedStream();
    if (data.dictionary !== this.#vector) this.#load(memory, data.dictionary);
    const indexes = data.values as ArrayLike<number | bigint>;
    for (let i = 0; i < count; i++) {
      if (valid[i] === 0) continue;
      const index = Number(indexes[from + i]);
      const state = this.#states[index];
      if (state === undefined) throw damagedStream();
      memory.store32(address + i * 8, this.#refs[index * 2] as number);
      memory.store32(address + i * 8 + 4, this.#refs[index * 2 + 1] as number);
      if (state === ENTRY_NULL) valid[i] = 0;
      else if (state !== 0) target.bad(i, state);
    }
  }

  #load(memory: LinearMemory, vector: Vector): void {
    this.#release(memory);
    const chunks = vector.data.map((data) => ({ data, ...textOf(data, 0, data.length) }));
    const total = chunks.reduce((sum, { bytes }) => sum + bytes.length, 0);
    this.#bytes = Math.max(total, 1);
    this.#address = memory.allocate(this.#bytes);
    const length = chunks.reduce((sum, { data }) => sum + data.length, 0);
    this.#refs = new Uint32Array(length * 2);
    this.#states = new Uint8Array(length);
    let start = this.#address;
    let entry = 0;
    for (const { data, bytes, offsets } of chunks) {
      memory.u8.set(bytes, start);
      for (let i = 0; i < data.length; i++, entry++) {
        this.#refs[entry * 2] = start + (offsets[i] as number);
        this.#refs[entry * 2 + 1] = (offsets[i + 1] as number) - (offsets[i] as number);
        const state = stateOf(data, i, bytes.subarray(offsets[i], offsets[i + 1]));
        this.#states[entry] = state === 0 && this.#isJson ? this.#checkJson(memory, entry) : state;
      }
      start += bytes.length;
    }
    this.#vector = vector;
  }

  /** Brings the value of an entry into the form of JSON values, which is not longer, in its place. */
  #checkJson(memory: LinearMemory, entry: number): number {
    const mark = memory.kernels.transientMark();
    const reference = memory.kernels.transientAllocate(8) >>> 0;
    memory.refresh();
    const place = this.#refs[entry * 2] as number;
    memory.store32(reference, place);
    memory.store32(reference + 4, this.#refs[entry * 2 + 1] as number);
    const isJson = memory.kernels.jsonCheckReference(reference);
    memory.refresh();
    if (isJson) {
      const [from, length] = [memory.load32(reference), memory.load32(reference + 4)];
      memory.u8.copyWithin(place, from, from + length);
      this.#refs[entry * 2 + 1] = length;
    }
    memory.kernels.transientRelease(mark);
    return isJson ? 0 : REASON_TYPE;
  }

  /** Gives the memory back. */
  #release(memory: LinearMemory): void {
    if (this.#vector !== null) memory.kernels.release(this.#address, this.#bytes);
    this.#vector = null;
  }
}

function stateOf(data: Data, row: number, bytes: Uint8Array): number {
  if (data.nullCount > 0 && bitAt(data.nullBitmap, row) === 0) return ENTRY_NULL;
  return isUtf8(bytes) ? 0 : REASON_UTF8;
}

/** Bytes of rows [from, from + count), and where in them each row begins. @throws LaminarError LMN-6052 */
function textOf(data: Data, from: number, count: number): { bytes: Uint8Array; offsets: Float64Array } {
  if (count === 0) return { bytes: new Uint8Array(0), offsets: new Float64Array(1) };
  const given = data.valueOffsets as ArrayLike<number | bigint>;
  const values = data.values as Uint8Array;
  if (given.length <= from + count) throw damagedStream();
  const offsets = new Float64Array(count + 1);
  const begin = Number(given[from]);
  let previous = 0;
  for (let i = 0; i <= count; i++) {
    const offset = Number(given[from + i]) - begin;
    if (!(offset >= previous)) throw damagedStream();
    offsets[i] = offset;
    previous = offset;
  }
  if (!(begin >= 0 && begin + previous <= values.length)) throw damagedStream();
  return { bytes: values.subarray(begin, begin + previous), offsets };
}

/** Whether each row is UTF-8: all bytes together are, and no row begins inside of a character. */
function areAllUtf8(bytes: Uint8Array, offsets: Float64Array): boolean {
  if (!isUtf8(bytes)) return false;
  return offsets.every((offset) => offset === bytes.length || ((bytes[offset] as number) & 0xc0) !== 0x80);
}
