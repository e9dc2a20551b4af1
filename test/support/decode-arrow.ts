// Runs an Arrow decoder over bytes that arrive in given pieces, as a source does, and collects what comes out.

import { BATCH_ROW_COUNT, READ_SLACK } from '../../kernels/layout.ts';
import { DECODER_NULLED_COUNT, POLICY_FAIL } from '../../kernels/layout-formats.ts';
import { assert } from '../../src/base/assert.ts';
import { rowsOf, type Value } from '../../src/data/batch.ts';
import type { LinearMemory } from '../../src/data/memory.ts';
import type { Schema } from '../../src/data/schema.ts';
import { createArrowDecoder } from '../../src/formats/arrow-decoder.ts';
import type { Decoder } from '../../src/formats/format.ts';
import { readRejects } from '../../src/formats/rejects.ts';
import type { SourceField } from '../../src/plan/source-node.ts';

export interface Decoded {
  rows: Value[][];
  /** Rows of each batch. */
  batches: number[];
  rejects: { reason: number; column: number; line: number; position: number; raw: string }[];
  nulled: number;
}

export interface DecodeOptions {
  policy?: number;
  capacity?: number;
  fields?: Partial<SourceField>[];
  /** Lengths of the pieces, used round and round; all at once without. */
  pieces?: number[];
}

export function arrowDecoder(memory: LinearMemory, schema: Schema, options: DecodeOptions = {}): Decoder {
  const visible = schema.filter((column) => !column.hidden);
  const fields = visible.map(
    (column, i): SourceField => ({
      path: [column.name],
      notNull: !column.nullable,
      timestampUnit: 'ms',
      position: i,
      ...options.fields?.[i],
    }),
  );
  return createArrowDecoder(memory, {
    schema,
    fields,
    policy: options.policy ?? POLICY_FAIL,
    maxRecordBytes: 16,
    capacity: options.capacity ?? 64,
    options: {},
  });
}

/** Decodes one split. */
export function decodeSplit(
  memory: LinearMemory,
  decoder: Decoder,
  bytes: Uint8Array,
  pieces = [bytes.length],
): Decoded {
  const decoded: Decoded = { rows: [], batches: [], rejects: [], nulled: 0 };
  const buffer = memory.allocate(bytes.length + READ_SLACK);
  let begin = buffer;
  let end = buffer;
  for (let turn = 0; ; turn++) {
    const before = decoded.rows.length + decoded.rejects.length;
    const isAtEnd = end === buffer + bytes.length;
    const mark = memory.kernels.transientMark();
    const consumed = decoder.decode(begin, end, isAtEnd);
    collect(memory, decoder, decoded);
    memory.kernels.transientRelease(mark);
    assert(consumed <= end - begin, 'a decoder takes no more than there is');
    begin += consumed;
    if (consumed > 0 || decoded.rows.length + decoded.rejects.length > before) continue;
    if (isAtEnd) break;
    const count = Math.min(Math.max(pieces[turn % pieces.length] as number, 1), buffer + bytes.length - end);
    memory.refresh();
    memory.u8.set(bytes.subarray(end - buffer, end - buffer + count), end);
    end += count;
  }
  memory.kernels.release(buffer, bytes.length + READ_SLACK);
  return decoded;
}

function collect(memory: LinearMemory, decoder: Decoder, decoded: Decoded): void {
  memory.refresh();
  const count = memory.load32(decoder.batch + BATCH_ROW_COUNT);
  if (count > 0) decoded.batches.push(count);
  decoded.rows.push(...rowsOf(memory, decoder.batch, decoder.schema));
  decoded.nulled += memory.load32(decoder.state + DECODER_NULLED_COUNT);
  for (const { recordAddress, recordBytes, reason, column, line, position } of readRejects(memory, decoder.state)) {
    const raw = Buffer.from(memory.u8.slice(recordAddress, recordAddress + recordBytes)).toString();
    decoded.rejects.push({ reason, column, line, position, raw });
  }
}
