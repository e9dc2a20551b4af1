// A record of the log of an input: a header and bytes of the input, filled up to whole pages.
//
//   0 magic u32 │ 4 checksum of what follows u32 │ 8 salt u32 │ 12 bytes u32 │ 16 sum of the bytes u64 │
//   24 offset f64 │ 32 durable f64
//
// `offset` is the number of the first byte in the input; all bytes before `durable` were on the disk when the record was
// written. The salt is that of the file: bytes of an input that look like a record are none.

import { crc32 } from 'node:zlib';

/** Records begin at multiples of it, so that none is written into a page that is on the disk already. */
export const PAGE_BYTES = 4096;
export const HEADER_BYTES = 40;
/** Bytes of the input in a record: what is lost where it is damaged. The largest record fills 64 pages. */
export const RECORD_BYTES_MAX = 64 * PAGE_BYTES - HEADER_BYTES;

/** Where the sum is in a header. */
export const SUM_AT = 16;

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

/** Writes a header to the first HEADER_BYTES of `to`, where the sum is already. */
export function writeHeader(to: DataView, salt: number, header: Omit<RecordHeader, 'sum'>): void {
  const { bytes, offset, durable } = header;
  to.setUint32(0, MAGIC, true);
  to.setUint32(8, salt, true);
  to.setUint32(12, bytes, true);
  to.setFloat64(24, offset, true);
  to.setFloat64(32, durable, true);
  to.setUint32(4, headerChecksum(to), true);
}

/** @returns null when these bytes are no header of a file with this salt. */
export function readHeader(from: DataView, salt: number): RecordHeader | null {
  if (from.byteLength < HEADER_BYTES || from.getUint32(0, true) !== MAGIC || from.getUint32(8, true) !== salt)
    return null;
  if (from.getUint32(4, true) !== headerChecksum(from)) return null;
  return {
    bytes: from.getUint32(12, true),
    sum: from.getBigInt64(SUM_AT, true),
    offset: from.getFloat64(24, true),
    durable: from.getFloat64(32, true),
  };
}

function headerChecksum({ buffer, byteOffset }: DataView): number {
  return crc32(new Uint8Array(buffer, byteOffset + 8, HEADER_BYTES - 8));
}
