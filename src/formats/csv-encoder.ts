// CSV out: a header line unless `header = false`, then one record a line, fields quoted only where needed.
//
// Options: `header`, `delimiter`, `quote`, `null` (its text, written bare), `non_finite`, `timestamp_format`. A VARCHAR
// equal to the text of NULL is quoted, so that both read back as what they were. Numbers, booleans and times are quoted
// in the odd case that their text could hold the delimiter or be that of NULL.

import {
  ENCODE_CHANGE,
  ENCODE_JSON,
  ENCODE_NESTED,
  ENCODE_QUOTED,
  ENCODE_STRING,
  ENCODER_DELIMITER,
  ENCODER_NULL,
  ENCODER_NULL_BYTES,
  ENCODER_QUOTE,
} from '../../kernels/layout-formats.ts';
import { assert } from '../base/assert.ts';
import { changeColumnOf } from '../data/changelog.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { Schema } from '../data/schema.ts';
import { OP_COLUMN_DEFAULT } from '../plan/format-specs.ts';
import type { Encoder } from './format.ts';
import { choiceOption, type FormatOptions, kindOfType, optionError, RowEncoder } from './row-encoder.ts';

/** Makes an encoder of the schema's visible columns. @throws LaminarError LMN-6050, LMN-6051 */
export function createCsvEncoder(memory: LinearMemory, schema: Schema, options: FormatOptions): Encoder {
  const columns = schema.filter((column) => !column.hidden).map(({ name }) => name);
  assert(columns.length > 0, 'a CSV file has columns');
  const change = String(options.op_column ?? OP_COLUMN_DEFAULT);
  if (changeColumnOf(schema) >= 0) columns.unshift(change);
  const delimiter = characterOption(options, 'delimiter', ',');
  const quote = characterOption(options, 'quote', '"');
  if (delimiter === quote) throw optionError('quote', quote, 'another character than the delimiter');
  const nullText = String(options.null ?? '');
  if (/[\r\n]/.test(nullText) || nullText.includes(delimiter) || nullText.includes(quote)) {
    throw optionError('null', nullText, 'a text without the delimiter, the quote and line ends');
  }
  choiceOption(options, 'non_finite', ['null', 'string']);
  const quoted = mayBeMisread(delimiter, quote, nullText) ? ENCODE_QUOTED : 0;
  const nullBytes = Buffer.byteLength(nullText);
  const names = columns.map((name) => headerField(name, { delimiter, quote, nullText }));
  const { csvEncode } = memory.kernels;
  const encoder = new RowEncoder(memory, schema, {
    kindOf: ({ type }) => {
      const kind = kindOfType(type, options) & ~ENCODE_QUOTED;
      return kind === ENCODE_STRING || kind === ENCODE_JSON || kind === ENCODE_NESTED ? kind : kind | quoted;
    },
    nestedKindOf: (type) => kindOfType(type, options),
    keyOf: () => '',
    change: { name: change, kind: ENCODE_CHANGE | quoted },
    nullBytes,
    header: (options.header ?? true) ? `${names.join(delimiter)}\n` : '',
    quote,
    encode: csvEncode,
  });
  memory.store32(encoder.state + ENCODER_DELIMITER, delimiter.charCodeAt(0));
  memory.store32(encoder.state + ENCODER_QUOTE, quote.charCodeAt(0));
  memory.store32(encoder.state + ENCODER_NULL, memory.store(Buffer.from(nullText)));
  memory.store32(encoder.state + ENCODER_NULL_BYTES, nullBytes);
  return encoder;
}

function characterOption(options: FormatOptions, name: string, standard: string): string {
  const value = options[name] ?? standard;
  const character = value === '\\t' ? '\t' : value;
  if (typeof character === 'string' && /^[\t -~]$/.test(character)) return character;
  throw optionError(name, value, "one ASCII character such as ',' or '\\t'");
}

const MISREAD = ['true', 'false', 'NaN', 'Infinity', '-Infinity', '+I', '-U', '+U', '-D'];

/** Whether the text of a number, boolean or time could hold the delimiter or the quote, or equal that of NULL. */
function mayBeMisread(delimiter: string, quote: string, nullText: string): boolean {
  if (/[\w.:+-]/.test(delimiter) || /[\w.:+-]/.test(quote)) return true;
  return /[0-9]/.test(nullText) || MISREAD.includes(nullText);
}

function headerField(name: string, marks: { delimiter: string; quote: string; nullText: string }): string {
  const { delimiter, quote, nullText } = marks;
  const isPlain = name !== nullText && !/[\r\n]/.test(name) && !name.includes(delimiter) && !name.includes(quote);
  return isPlain ? name : `${quote}${name.replaceAll(quote, quote + quote)}${quote}`;
}
