// NDJSON out: one JSON object a line, columns in the order of the schema.
//
// Options: `nulls` = null | omit, `bigint` = number | string, `non_finite` = null | string, `timestamp_format` = iso | s
// | ms | us | ns. BIGINT and DECIMAL are exact in either form; -0 is written `-0`. Rows that are changes begin with the field that
// `op_column` names.

import { ENCODE_CHANGE, ENCODE_QUOTED, ENCODER_OMIT_NULLS } from '../../kernels/layout-formats.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { Schema } from '../data/schema.ts';
import type { DataType } from '../data/type.ts';
import { OP_COLUMN_DEFAULT } from '../plan/format-specs.ts';
import type { Encoder } from './format.ts';
import { choiceOption, type FormatOptions, kindOfType, RowEncoder, type RowEncoderParts } from './row-encoder.ts';

/** Makes an encoder of the schema's visible columns. @throws LaminarError LMN-6050, LMN-6051 */
export function createJsonEncoder(memory: LinearMemory, schema: Schema, options: FormatOptions): Encoder {
  const encoder = new RowEncoder(memory, schema, {
    ...jsonValues(options),
    change: { name: String(options.op_column ?? OP_COLUMN_DEFAULT), kind: ENCODE_CHANGE | ENCODE_QUOTED },
    encode: memory.kernels.jsonEncode,
  });
  setOmitNulls(memory, encoder.state, options);
  return encoder;
}

/** How the values of a row become JSON, by the options of every JSON format. @throws LaminarError LMN-6050, LMN-6051 */
export function jsonValues(
  options: FormatOptions,
): Pick<RowEncoderParts, 'kindOf' | 'nestedKindOf' | 'keyOf' | 'nullBytes' | 'header'> {
  const quotes = choiceOption(options, 'bigint', ['number', 'string']) === 'string' ? ENCODE_QUOTED : 0;
  choiceOption(options, 'non_finite', ['null', 'string']);
  const isLong = (type: DataType): boolean => type.kind === 'BIGINT' || type.kind === 'DECIMAL';
  const kindOf = (type: DataType): number => kindOfType(type, options) | (isLong(type) ? quotes : 0);
  return {
    kindOf: (column) => kindOf(column.type),
    nestedKindOf: kindOf,
    keyOf: (column) => `,${JSON.stringify(column.name)}:`,
    nullBytes: 4,
    header: '',
  };
}

/** Sets what `nulls` says in the state of an encoder. @throws LaminarError LMN-6051 */
export function setOmitNulls(memory: LinearMemory, state: number, options: FormatOptions): void {
  const omits = choiceOption(options, 'nulls', ['null', 'omit']) === 'omit';
  memory.store32(state + ENCODER_OMIT_NULLS, omits ? 1 : 0);
}
