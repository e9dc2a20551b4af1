// Every format by its name in a plan: what makes its decoder and its encoder.
//
// The libraries of Arrow and Parquet are large, so each is loaded only when a plan asks for it: `loadFormat` comes first,
// once per thread.

import { assert } from '../base/assert.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { Schema } from '../data/schema.ts';
import { createCsvDecoder } from './csv-decoder.ts';
import { createCsvEncoder } from './csv-encoder.ts';
import { createDebeziumEncoder } from './debezium-encoder.ts';
import type { DecoderSpec } from './decoder-spec.ts';
import type { Decoder, Encoder } from './format.ts';
import { createJsonDecoder } from './json-decoder.ts';
import { createJsonEncoder } from './json-encoder.ts';
import { createNoEncoder } from './no-format.ts';
import type { FormatOptions } from './row-encoder.ts';

interface Format {
  /** Missing where no source has the format. */
  createDecoder?(memory: LinearMemory, spec: DecoderSpec): Decoder;
  /** Missing where no sink has the format. */
  createEncoder?(memory: LinearMemory, schema: Schema, options: FormatOptions): Encoder;
}

/** Formats that can be used; the others are added by `loadFormat`. Code, not state: loading twice changes nothing. */
const formats = new Map<string, Format>([
  ['json', { createDecoder: createJsonDecoder, createEncoder: createJsonEncoder }],
  ['debezium', { createDecoder: createJsonDecoder, createEncoder: createDebeziumEncoder }],
  ['csv', { createDecoder: createCsvDecoder, createEncoder: createCsvEncoder }],
]);

/** Makes a format usable on this thread: call it before `createDecoder` and `createEncoder`. */
export async function loadFormat(kind: string): Promise<void> {
  if (formats.has(kind)) return;
  if (kind === 'parquet') {
    const { createParquetDecoder } = await import('./parquet-decoder.ts');
    formats.set(kind, { createDecoder: createParquetDecoder });
  }
  if (kind !== 'arrow') return;
  const [{ createArrowDecoder }, { createArrowEncoder }] = await Promise.all([
    import('./arrow-decoder.ts'),
    import('./arrow-encoder.ts'),
  ]);
  formats.set(kind, { createDecoder: createArrowDecoder, createEncoder: createArrowEncoder });
}

/** Makes a decoder of a format of `FORMATS` (src/plan/format-specs.ts). @throws LaminarError for options it cannot use. */
export function createDecoder(kind: string, memory: LinearMemory, spec: DecoderSpec): Decoder {
  const { createDecoder: create } = formatOf(kind);
  assert(create !== undefined, `sources can have the format ${kind}`);
  return create(memory, spec);
}

/** Makes an encoder of the schema's visible columns. @throws LaminarError for options or types it cannot use. */
export function createEncoder(kind: string, memory: LinearMemory, schema: Schema, options: FormatOptions): Encoder {
  if (kind === 'none') return createNoEncoder();
  const { createEncoder: create } = formatOf(kind);
  assert(create !== undefined, `sinks can have the format ${kind}`);
  return create(memory, schema, options);
}

function formatOf(kind: string): Format {
  const format = formats.get(kind);
  assert(format !== undefined, `format ${kind} exists and is loaded`);
  return format;
}
