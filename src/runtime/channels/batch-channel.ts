// Batches of one schema from one core to another, through a ring (record format: kernels/exchange.ts).

import {
  BATCH_COLUMNS,
  BATCH_ROW_COUNT,
  COLUMN_BYTES,
  COLUMN_VALIDITY,
  EXCHANGE_ABSENT,
} from '../../../kernels/layout.ts';
import { createBatch, rowCountOf } from '../../data/batch.ts';
import { changeColumnOf } from '../../data/changelog.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { Schema } from '../../data/schema.ts';
import { PHYSICAL_CODES, physicalOf } from '../../data/type.ts';
import type { Encoder } from '../../formats/format.ts';
import { PART, ROWS, TEXT, TEXT_HEADER_BYTES } from './chunk-records.ts';
import type { Copier } from './copier.ts';

/** A table for the kernels: how each column lies in memory. @param absent a column that is not sent, or null. */
function columnTable(memory: LinearMemory, schema: Schema, absent: number | null): number {
  const table = memory.allocate(Math.max(schema.length, 1) * 4);
  schema.forEach(({ type }, index) => {
    memory.store32(table + index * 4, index === absent ? EXCHANGE_ABSENT : PHYSICAL_CODES[physicalOf(type)]);
  });
  return table;
}

/** A buffer in linear memory that grows to what is asked for. */
class Staging {
  readonly #memory: LinearMemory;
  #address = 0;
  #bytes = 0;

  constructor(memory: LinearMemory) {
    this.#memory = memory;
  }

  /** Room for so many bytes and the slack behind them; of what was there, the first `keep` bytes stay. */
  room(bytes: number, keep = 0): number {
    const needed = bytes + 128;
    if (needed <= this.#bytes) return this.#address;
    const size = 2 ** Math.ceil(Math.log2(needed));
    const address = this.#memory.allocate(size);
    if (keep > 0) this.#memory.u8.copyWithin(address, this.#address, this.#address + keep);
    if (this.#bytes > 0) this.#memory.kernels.release(this.#address, this.#bytes);
    this.#bytes = size;
    this.#address = address;
    return address;
  }
}

/** Where a packed record goes: makes room (waiting if need be), or says that nobody wants it any more. */
export type Reserve = (kind: number, bytes: number) => number;

export class BatchSender {
  readonly #memory: LinearMemory;
  readonly #copier: Copier;
  readonly #columns: number;
  readonly #count: number;
  readonly #payloadMax: number;
  /** Rows are changes, of which two may belong together: a batch is not cut. */
  readonly #hasChanges: boolean;
  readonly #staging: Staging;
  readonly #reserve: Reserve;

  constructor(
    memory: LinearMemory,
    copier: Copier,
    shape: { schema: Schema; absent: number | null; payloadMax: number; reserve: Reserve },
  ) {
    this.#memory = memory;
    this.#copier = copier;
    this.#columns = columnTable(memory, shape.schema, shape.absent);
    this.#count = shape.schema.length;
    this.#payloadMax = shape.payloadMax;
    this.#hasChanges = changeColumnOf(shape.schema) >= 0;
    this.#reserve = shape.reserve;
    this.#staging = new Staging(memory);
  }

  /** Sends all rows, in as many records as their bytes need; changes in one. @returns false when `reserve` gave up. */
  send(batch: number, kind: number): boolean {
    return this.#sendRows(batch, kind, 0, rowCountOf(this.#memory, batch));
  }

  #sendRows(batch: number, kind: number, first: number, rows: number): boolean {
    const { kernels } = this.#memory;
    const bytes = kernels.batchPackBytes(batch, this.#columns, this.#count, first, rows) >>> 0;
    if (bytes > this.#payloadMax && rows > 1 && !this.#hasChanges) {
      const half = rows >>> 1;
      return this.#sendRows(batch, kind, first, half) && this.#sendRows(batch, kind, first + half, rows - half);
    }
    const staging = this.#staging.room(bytes);
    const packed = kernels.batchPack(batch, this.#columns, this.#count, first, rows, staging) >>> 0;
    return this.#sendRecord(staging, packed, kind);
  }

  /** Sends the rows whose numbers (u32) are at `list`. @returns false when `reserve` gave up. */
  sendPicked(batch: number, list: number, rows: number): boolean {
    const { kernels } = this.#memory;
    const bytes = kernels.batchPickBytes(batch, this.#columns, this.#count, list, rows) >>> 0;
    const staging = this.#staging.room(bytes);
    const packed = kernels.batchPick(batch, this.#columns, this.#count, list, rows, staging) >>> 0;
    return this.#sendRecord(staging, packed, ROWS);
  }

  /** In parts, where it is too long for one. */
  #sendRecord(from: number, bytes: number, kind: number): boolean {
    let sent = 0;
    for (; bytes - sent > this.#payloadMax; sent += this.#payloadMax) {
      const to = this.#reserve(PART, this.#payloadMax);
      if (to < 0) return false;
      this.#copier.send(to, from + sent, this.#payloadMax);
    }
    const to = this.#reserve(kind, bytes - sent);
    if (to < 0) return false;
    this.#copier.send(to, from + sent, bytes - sent);
    return true;
  }

  /** Sends encoded rows, as many records as they need. @returns false when `reserve` gave up. */
  sendText({ pending, pendingBytes }: Encoder, rows: number, words: Int32Array): boolean {
    const most = this.#payloadMax - TEXT_HEADER_BYTES;
    for (let sent = 0; sent < pendingBytes; sent += most) {
      const bytes = Math.min(pendingBytes - sent, most);
      const to = this.#reserve(TEXT, TEXT_HEADER_BYTES + bytes);
      if (to < 0) return false;
      words[to >>> 2] = sent === 0 ? rows : 0;
      this.#copier.send(to + TEXT_HEADER_BYTES, pending + sent, bytes);
    }
    return true;
  }
}

export class BatchReceiver {
  /** Address of the batch in which received rows appear. */
  readonly batch: number;
  readonly #memory: LinearMemory;
  readonly #copier: Copier;
  readonly #columns: number;
  readonly #count: number;
  readonly #staging: Staging;
  /** What is there of a record that comes in parts. */
  #partBytes = 0;

  /** `capacity`: most rows of a record; the absent column has room for as many. */
  constructor(
    memory: LinearMemory,
    copier: Copier,
    shape: { schema: Schema; absent: number | null; capacity: number },
  ) {
    const { schema, absent } = shape;
    // Both rows of an update fit.
    const capacity = changeColumnOf(schema) < 0 ? shape.capacity : Math.max(shape.capacity, 2);
    this.#memory = memory;
    this.#copier = copier;
    this.#columns = columnTable(memory, schema, absent);
    this.#count = schema.length;
    this.#staging = new Staging(memory);
    const arrives = schema.map((_, index) => index !== absent);
    this.batch = createBatch(memory, schema, capacity, arrives);
    schema.forEach(({ nullable }, index) => {
      // Any address: it says that the record has validity bytes, to which it will point.
      const validity = this.batch + BATCH_COLUMNS + index * COLUMN_BYTES + COLUMN_VALIDITY;
      if (nullable && arrives[index]) memory.store32(validity, this.batch);
    });
  }

  /** Takes the record at `from` in the shared memory; the rows are valid until the next call. */
  receive(from: number, bytes: number): void {
    this.receivePart(from, bytes);
    this.#partBytes = 0;
    this.#memory.kernels.batchUnpack(this.#staging.room(0), this.#columns, this.#count, this.batch);
  }

  /** Takes a part of a record. */
  receivePart(from: number, bytes: number): void {
    const staging = this.#staging.room(this.#partBytes + bytes, this.#partBytes);
    this.#copier.receive(staging + this.#partBytes, from, bytes);
    this.#partBytes += bytes;
  }

  /** Takes any other bytes. @returns where they are in linear memory, until the next call. */
  receiveBytes(from: number, bytes: number): number {
    const staging = this.#staging.room(bytes);
    this.#copier.receive(staging, from, bytes);
    return staging;
  }

  /** No rows: for what is not a batch. */
  clear(): void {
    this.#memory.store32(this.batch + BATCH_ROW_COUNT, 0);
  }
}
