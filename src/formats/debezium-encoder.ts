// Changes out in Debezium's envelope, one JSON object a line; rows that only ever come are insertions.
//
// Options: those of JSON for the values. `ts_ms` is the wall clock when the batch is encoded.

import { ENCODER_CHANGES, ENCODER_TAIL, ENCODER_TAIL_BYTES } from '../../kernels/layout-formats.ts';
import { changeColumnOf } from '../data/changelog.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { Schema } from '../data/schema.ts';
import type { Encoder } from './format.ts';
import { jsonValues, setOmitNulls } from './json-encoder.ts';
import { type FormatOptions, RowEncoder } from './row-encoder.ts';

const TAIL = ',"ts_ms":0000000000000}\n';
/** Where the 13 digits begin, and where they end. */
const DIGITS_BEGIN = 9;
const DIGITS_END = 22;
/** Longest text around the two objects of an envelope. */
const ENVELOPE_BYTES = 64;

/** Makes an encoder of the schema's visible columns. @throws LaminarError LMN-6050, LMN-6051 */
export function createDebeziumEncoder(memory: LinearMemory, schema: Schema, options: FormatOptions): Encoder {
  const tail = memory.store(Buffer.from(TAIL.padEnd(ENVELOPE_BYTES)));
  const { debeziumEncode } = memory.kernels;
  const encoder = new RowEncoder(memory, schema, {
    ...jsonValues(options),
    change: null,
    encode: (state, batch) => {
      writeDigits(memory, tail, Date.now());
      debeziumEncode(state, batch);
    },
  });
  setOmitNulls(memory, encoder.state, options);
  memory.store32(encoder.state + ENCODER_CHANGES, changeColumnOf(schema));
  memory.store32(encoder.state + ENCODER_TAIL, tail);
  memory.store32(encoder.state + ENCODER_TAIL_BYTES, TAIL.length);
  return encoder;
}

function writeDigits(memory: LinearMemory, tail: number, millis: number): void {
  let rest = millis;
  for (let at = tail + DIGITS_END - 1; at >= tail + DIGITS_BEGIN; at--) {
    memory.u8[at] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}
