// What a CSV decoder keeps: its dialect, how many fields a record has, and the records read but not yet settled.
//
//   begin[], end[], line[]   of every record of the run, u32 each
//   spans[] per column       the field's text: address │ bytes, SPAN_QUOTED, SPAN_ESCAPED
import { allocate, release } from './memory';
import { decoderCreate, decoderField, decoderFieldsEnd, FIELD_BYTES, STATE_OWN } from './decoder';

/** Records read before they are settled, column by column: few enough for the nearest cache. */
export const CSV_RUN: u32 = 256;

export const CSV_DELIMITER: usize = STATE_OWN;
export const CSV_QUOTE: usize = STATE_OWN + 4;
export const CSV_NULL: usize = STATE_OWN + 8; // address of the text that stands for NULL
export const CSV_NULL_BYTES: usize = STATE_OWN + 12;
export const CSV_WIDTH: usize = STATE_OWN + 16; // fields of a record, 0 while it is not known
export const CSV_WIDTH_MIN: usize = STATE_OWN + 20; // fields that the columns need
export const CSV_FIELDS: usize = STATE_OWN + 24; // a span for each field of one record
const CSV_FIELDS_BYTES: usize = STATE_OWN + 28;
export const CSV_BEGIN: usize = STATE_OWN + 32; // per record of the run: address
export const CSV_END: usize = STATE_OWN + 36; // address of its line end
export const CSV_LINE: usize = STATE_OWN + 40; // line
export const CSV_FAILED: usize = STATE_OWN + 44; // u8: whether it has to be looked at by itself
export const CSV_PLAN: usize = STATE_OWN + 48; // kernels/csv-plain.ts, 0 when there is none
export const CSV_HAS_PLAN: usize = STATE_OWN + 52; // whether that is settled
export const CSV_CREDIT: usize = STATE_OWN + 56; // i32: whether to expect plain records, see kernels/csv-decode.ts
const CSV_BYTES: u32 = 64;

// A column of a CSV decoder, after the common part.
export const FIELD_PLACE: usize = 36; // which field of the record it takes
export const FIELD_SPANS: usize = 40; // its spans of the run

/** In the high half of a span, above the count of bytes. */
export const SPAN_QUOTED: u32 = 0x80000000;
export const SPAN_ESCAPED: u32 = 0x40000000;
export const SPAN_BYTES: u32 = 0x3fffffff;

/** Makes a decoder that fills `columnCount` columns. */
export function csvDecoderCreate(columnCount: u32, delimiter: u32, quote: u32): usize {
  const state = decoderCreate(CSV_BYTES, columnCount);
  store<u32>(state, delimiter, CSV_DELIMITER);
  store<u32>(state, quote, CSV_QUOTE);
  store<u32>(state, <u32>allocate(CSV_RUN * 4), CSV_BEGIN);
  store<u32>(state, <u32>allocate(CSV_RUN * 4), CSV_END);
  store<u32>(state, <u32>allocate(CSV_RUN * 4), CSV_LINE);
  store<u32>(state, <u32>allocate(CSV_RUN), CSV_FAILED);
  const end = decoderFieldsEnd(state);
  for (let column = decoderField(state, 0); column < end; column += FIELD_BYTES) {
    store<u32>(column, <u32>allocate(CSV_RUN * 8), FIELD_SPANS);
  }
  return state;
}

/** Sets the text that stands for NULL, which stays where it is. */
export function csvDecoderNull(state: usize, text: usize, bytes: u32): void {
  store<u32>(state, <u32>text, CSV_NULL);
  store<u32>(state, bytes, CSV_NULL_BYTES);
}

/** Lets a column of the decoder take field `place` of every record. */
export function csvDecoderPlace(state: usize, field: u32, place: u32): void {
  store<u32>(decoderField(state, field), place, FIELD_PLACE);
  store<u32>(state, 0, CSV_HAS_PLAN);
  store<u32>(state, max(load<u32>(state, CSV_WIDTH_MIN), place + 1), CSV_WIDTH_MIN);
}

/** Sets how many fields a record has; 0: as many as the first one. */
export function csvDecoderWidth(state: usize, width: u32): void {
  store<u32>(state, width, CSV_WIDTH);
  store<u32>(state, 0, CSV_HAS_PLAN);
  const bytes = max(width, 1) * 8;
  const held = load<u32>(state, CSV_FIELDS_BYTES);
  if (bytes <= held) return;
  if (held) release(load<u32>(state, CSV_FIELDS), held);
  store<u32>(state, <u32>allocate(bytes), CSV_FIELDS);
  store<u32>(state, bytes, CSV_FIELDS_BYTES);
}
