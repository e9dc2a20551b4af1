// Runs an encoder over rows and returns what it wrote.
import { createBatch, fillBatch, type Value } from '../../src/data/batch.ts';
import type { LinearMemory } from '../../src/data/memory.ts';
import type { Schema } from '../../src/data/schema.ts';
import type { Encoder } from '../../src/formats/format.ts';

/** Encodes the rows in batches of `batchRows` and ends the stream. */
export function encodeRows(
  memory: LinearMemory,
  encoder: Encoder,
  content: { schema: Schema; rows: readonly Value[][]; batchRows?: number },
): Buffer {
  const { schema, rows, batchRows = 7 } = content;
  const batch = createBatch(memory, schema, batchRows);
  const parts: Buffer[] = [];
  for (let begin = 0; begin < rows.length; begin += batchRows) {
    fillBatch(memory, batch, { schema, rows: rows.slice(begin, begin + batchRows) });
    encoder.encode(batch);
    if (begin % 2 === 0) parts.push(taken(memory, encoder));
  }
  encoder.finish();
  parts.push(taken(memory, encoder));
  return Buffer.concat(parts);
}

function taken(memory: LinearMemory, encoder: Encoder): Buffer {
  const bytes = Buffer.from(memory.u8.slice(encoder.pending, encoder.pending + encoder.pendingBytes));
  encoder.clear();
  return bytes;
}
