// Bad records: reading a decoder's reject list, and saying what is wrong with a record.

import {
  DECODER_REJECT_COUNT,
  DECODER_REJECTS,
  REASON_FIELD_COUNT,
  REASON_NOT_OBJECT,
  REASON_NULL,
  REASON_RANGE,
  REASON_SYNTAX,
  REASON_TOO_LONG,
  REASON_TYPE,
  REASON_UTF8,
  REJECT_BYTES,
  REJECT_COLUMN,
  REJECT_LINE,
  REJECT_POSITION,
  REJECT_REASON,
  REJECT_RECORD,
  REJECT_RECORD_BYTES,
} from '../../kernels/layout-formats.ts';
import { assert } from '../base/assert.ts';
import type { ErrorCode } from '../base/codes.ts';
import type { LinearMemory } from '../data/memory.ts';
import { typeName } from '../data/type.ts';
import type { SourceNode } from '../plan/source-node.ts';
import { pathText } from './decoder-spec.ts';

export interface Reject {
  /** REASON_* of kernels/layout-formats.ts. */
  reason: number;
  /** Column of the batch, −1 for the whole record. */
  column: number;
  /** The record without its line end: valid until the next `decode`. */
  recordAddress: number;
  recordBytes: number;
  /** 0-based, counted from the first byte of the last `decode`. */
  line: number;
  /** Byte within the record where it went wrong. */
  position: number;
}

/** The reject list after a `decode`, in the order of the records. */
export function readRejects(memory: LinearMemory, state: number): Reject[] {
  memory.refresh();
  const list = memory.load32(state + DECODER_REJECTS);
  return Array.from({ length: memory.load32(state + DECODER_REJECT_COUNT) }, (_, i) => {
    const entry = list + i * REJECT_BYTES;
    return {
      reason: memory.load32(entry + REJECT_REASON),
      column: memory.load32(entry + REJECT_COLUMN) | 0,
      recordAddress: memory.load32(entry + REJECT_RECORD),
      recordBytes: memory.load32(entry + REJECT_RECORD_BYTES),
      line: memory.load32(entry + REJECT_LINE),
      position: memory.load32(entry + REJECT_POSITION),
    };
  });
}

/** What is wrong with a bad record of a source, for an error or a dead letter. */
export function rejectError(reject: Reject, node: SourceNode): { code: ErrorCode; message: string } {
  const isCsv = node.format.kind === 'csv';
  const at = `at byte ${reject.position + 1} of the record`;
  switch (reject.reason) {
    case REASON_SYNTAX:
      return { code: 'LMN-6001', message: isCsv ? `a quote is not closed properly, ${at}` : `malformed JSON ${at}` };
    case REASON_NOT_OBJECT:
      return { code: 'LMN-6002', message: 'the record is JSON, but not an object' };
    case REASON_TYPE:
      return { code: 'LMN-6003', message: `${describeColumn(reject, node)} does not fit its type, ${at}` };
    case REASON_RANGE:
      return { code: 'LMN-6004', message: `${describeColumn(reject, node)} is out of range, ${at}` };
    case REASON_NULL:
      return { code: 'LMN-6005', message: `${describeColumn(reject, node)} is NULL or missing, but may not be` };
    case REASON_UTF8:
      return { code: 'LMN-6006', message: 'the record is not UTF-8' };
    case REASON_TOO_LONG:
      return { code: 'LMN-6007', message: `the record is longer than max_record_bytes = ${node.maxRecordBytes}` };
    default:
      assert(reject.reason === REASON_FIELD_COUNT, `reason ${reject.reason} is known`);
      return { code: 'LMN-6008', message: 'the record has too many or too few fields' };
  }
}

/** What the user can do to the input, null when nothing is known to help. */
export function rejectHint(reject: Reject, node: SourceNode): string | null {
  const isJson = node.format.kind === 'json';
  switch (reject.reason) {
    case REASON_SYNTAX:
      // It ends where more should follow: an object over several lines, or one that was cut off.
      return isJson && reject.position >= reject.recordBytes ? 'jq -c . puts every object on a line of its own' : null;
    case REASON_NOT_OBJECT:
      return isJson ? "jq -c '.[]' makes lines of the objects of an array" : null;
    case REASON_TOO_LONG:
      return 'max_record_bytes can be raised';
    default:
      return null;
  }
}

function describeColumn(reject: Reject, node: SourceNode): string {
  const column = node.schema[reject.column];
  assert(column !== undefined, 'a bad field has a column');
  const visible = node.schema.slice(0, reject.column).filter((other) => !other.hidden).length;
  const path = node.fields[visible]?.path ?? [];
  const isElsewhere = path.length !== 1 || path[0] !== column.name;
  const source = isElsewhere && node.format.kind !== 'csv' ? ` from ${pathText(path)}` : '';
  return `column ${column.name} (${typeName(column.type)}${source})`;
}
