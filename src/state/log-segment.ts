// A file of the log of an input. It is named for the byte of the input that it begins with, and for its salt:
//
//   000000002031884-1f2e3d4c     records (log-record.ts), then room that is not written yet, which is zero
//
// When a new one is begun, all of the one before is on the disk: only the last can end in something that is not whole.

import fs from 'node:fs';
import path from 'node:path';
import { HEADER_BYTES, PAGE_BYTES, type RecordHeader, readHeader, recordSpan } from './log-record.ts';
import type { LogSums } from './log-sums.ts';

const DIGITS = 15;
const NAME = /^(\d{15})-([0-9a-f]{8})$/;

export interface Segment {
  /** The number of its first byte in the input. */
  begin: number;
  salt: number;
}

/** A record, and where it is in its file. */
export interface Placed extends RecordHeader {
  position: number;
}

export interface SegmentEnd {
  /** The byte of the input that comes next, and where in the file its record would be. */
  end: number;
  position: number;
  /** Something was written behind it that is not whole. */
  isTorn: boolean;
}

export function segmentFile(folder: string, { begin, salt }: Segment): string {
  const digits = salt.toString(16).padStart(8, '0');
  return path.join(folder, `${String(begin).padStart(DIGITS, '0')}-${digits}`);
}

/** The files of a folder in their order; none when it is not there. */
export function listSegments(folder: string): Segment[] {
  if (!fs.existsSync(folder)) return [];
  const found = fs.readdirSync(folder).map((name) => NAME.exec(name));
  const segments = found.flatMap((match) =>
    match === null ? [] : [{ begin: Number(match[1]), salt: Number.parseInt(match[2] as string, 16) }],
  );
  return segments.sort((a, b) => a.begin - b.begin);
}

/** The records of an open file: pages that are none are passed over. */
export function* recordsOf(descriptor: number, salt: number, sums: LogSums): Generator<Placed> {
  const { size } = fs.fstatSync(descriptor);
  const bytes = new Uint8Array(HEADER_BYTES);
  for (let position = 0; position < size; ) {
    const count = fs.readSync(descriptor, bytes, 0, HEADER_BYTES, position);
    const header = count < HEADER_BYTES ? null : readHeader(bytes, salt, sums);
    if (header !== null) yield { ...header, position };
    position += header === null ? PAGE_BYTES : recordSpan(header.bytes);
  }
}

/** The bytes of the input in a record; null when they are not what was written. */
export function readRecord(descriptor: number, record: Placed, sums: LogSums): Uint8Array | null {
  const { bytes, sum, position } = record;
  const found = new Uint8Array(bytes);
  const count = fs.readSync(descriptor, found, 0, bytes, position + HEADER_BYTES);
  return count === bytes && sums.sumOf(found) === sum ? found : null;
}

/**
 * Where a file ends that may have been written when the system stopped. Up to the last byte that a record knows to have
 * been on the disk, what is not whole is damage, and not the end.
 */
export function findEnd(folder: string, segment: Segment, sums: LogSums): SegmentEnd {
  const descriptor = fs.openSync(segmentFile(folder, segment), 'r');
  try {
    const records = [...recordsOf(descriptor, segment.salt, sums)];
    const durable = Math.max(segment.begin, ...records.map((record) => record.durable));
    let [end, position] = [segment.begin, 0];
    for (const record of records) {
      const isPromised = end < durable;
      if (record.offset < end) continue;
      if (!isPromised && (record.offset > end || readRecord(descriptor, record, sums) === null)) break;
      end = record.offset + record.bytes;
      position = record.position + recordSpan(record.bytes);
    }
    const isTorn = (records.at(-1)?.position ?? -1) >= position || !isZero(descriptor, position);
    return { end, position, isTorn };
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Whether nothing is written in the page at `position`. */
function isZero(descriptor: number, position: number): boolean {
  const page = new Uint8Array(PAGE_BYTES);
  fs.readSync(descriptor, page, 0, PAGE_BYTES, position);
  return page.every((byte) => byte === 0);
}
