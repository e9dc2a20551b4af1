// NDJSON out: one JSON object a line, columns in the order of the schema.
//
// Options: `nulls` = null | omit, `bigint` = number | string, `non_finite` = null | string, `timestamp_format` = iso | s
// | ms | us | ns. BIGINT is exact in either form; -0 is written `-0`.

import { ENCODE_BIGINT, ENCODE_QUOTED, ENCODER_OMIT_NULLS } from '../../kernels/layout.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { Schema } from '../data/schema.ts';
import type { Encoder } from './format.ts';
import { choiceOption, type FormatOptions, kindOfType, RowEncoder } from './row-encoder.ts';

/** Makes an encoder of the schema's visible columns. @throws LaminarError LMN-6050, LMN-6051 */
export function createJsonEncoder(memory: LinearMemory, schema: Schema, options: FormatOptions): Encoder {
  const omitNulls = choiceOption(options, 'nulls', ['null', 'omit']) === 'omit';
  const bigint =
    ENCODE_BIGINT | (choiceOption(options, 'bigint', ['number', 'string']) === 'string' ? ENCODE_QUOTED : 0);
  choiceOption(options, 'non_finite', ['null', 'string']);
  const { jsonEncode } = memory.kernels;
  const encoder = new RowEncoder(memory, schema, {
    kindOf: (column) => (column.type.kind === 'BIGINT' ? bigint : kindOfType(column.type, options)),
    keyOf: (column) => `,${JSON.stringify(column.name)}:`,
    nullBytes: 4,
    header: '',
    encode: jsonEncode,
  });
  memory.store32(encoder.state + ENCODER_OMIT_NULLS, omitNulls ? 1 : 0);
  return encoder;
}
