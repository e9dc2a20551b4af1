// A record of the log of an input: a header and bytes of the input, filled up to whole pages.
//
//   0 magic u32 │ 4 sum of what follows u32 │ 8 salt u32 │ 12 bytes u32 │ 16 sum of the bytes u64 │
//   24 offset f64 │ 32 durable f64
//
// `offset` is the number of the first byte in the input; all bytes before `durable` were on the disk when the record was
// written. Sums are those of kernels/log-sum.ts; of the header's there is the upper half. The salt is that of the file:
// bytes of an input that look like a record are none.

import type { LinearMemory } from '../data/memory.ts';
import type { LogSums } from './log-sums.ts';

/** Records begin at multiples of it, so that none is written into a page that is on the disk already. */
export const PAGE_BYTES = 4096;
export const HEADER_BYTES = 40;
/** Bytes of the input in a record: what is lost where it is damaged. The largest record fills 64 pages. */
export const RECORD_BYTES_MAX = 64 * PAGE_BYTES - HEADER_BYTES;

const MAGIC_AT = 0;
const HEADER_SUM_AT = 4;
/** What the header's sum is of begins here. */
const SUMMED_AT = 8;
const SALT_AT = 8;
const BYTES_AT = 12;
const SUM_AT = 16;
const OFFSET_AT = 24;
const DURABLE_AT = 32;

const MAGIC = 0x4c4e_4d4c;

export interface RecordHeader {
  bytes: number;
  /** Of these bytes, as kernels/log-sum.ts makes it. */
  sum: bigint;
  offset: number;
  durable: number;
}

/** Bytes in the file of a record with so many bytes of the input. */
export function recordSpan(bytes: number): number {
  return Math.ceil((HEADER_BYTES + bytes) / PAGE_BYTES) * PAGE_BYTES;
}

/** Writes a header to an address, a multiple of 8 behind which the bytes are already. */
export function writeHeader(
  memory: LinearMemory,
  address: number,
  salt: number,
  header: Omit<RecordHeader, 'sum'>,
): void {
  const { bytes, offset, durable } = header;
  const { u32, f64, kernels } = memory;
  u32[(address + SALT_AT) >>> 2] = salt;
  u32[(address + BYTES_AT) >>> 2] = bytes;
  kernels.logSum(address + HEADER_BYTES, bytes, address + SUM_AT);
  f64[(address + OFFSET_AT) >>> 3] = offset;
  f64[(address + DURABLE_AT) >>> 3] = durable;
  // Eight bytes, of which the upper half stays.
  kernels.logSum(address + SUMMED_AT, HEADER_BYTES - SUMMED_AT, address + MAGIC_AT);
  u32[(address + MAGIC_AT) >>> 2] = MAGIC;
}

/** @returns null when these bytes are no header of a file with this salt. */
export function readHeader(from: Uint8Array, salt: number, sums: LogSums): RecordHeader | null {
  const view = new DataView(from.buffer, from.byteOffset, from.length);
  if (from.length < HEADER_BYTES || view.getUint32(MAGIC_AT, true) !== MAGIC || view.getUint32(SALT_AT, true) !== salt)
    return null;
  const sum = sums.sumOf(from.subarray(SUMMED_AT, HEADER_BYTES));
  if (view.getInt32(HEADER_SUM_AT, true) !== Number(sum >> 32n)) return null;
  return {
    bytes: view.getUint32(BYTES_AT, true),
    sum: view.getBigInt64(SUM_AT, true),
    offset: view.getFloat64(OFFSET_AT, true),
    durable: view.getFloat64(DURABLE_AT, true),
  };
}
