// Changes to Debezium's envelope, one object a line:
//
//   {"op":"c","before":null,"after":{…},"ts_ms":…}     an insertion
//   {"op":"u","before":{…},"after":{…},"ts_ms":…}      the two rows of an update
//   {"op":"d","before":{…},"after":null,"ts_ms":…}     a deletion
//
// The tail, from `,"ts_ms":` to the line end, comes prepared.
import { batchData } from './group-key';
import { jsonEncodeObject } from './json-encode';
import { BATCH_ROW_COUNT } from './layout';
import { ENCODER_CHANGES, ENCODER_ROW_BYTES, ENCODER_TAIL, ENCODER_TAIL_BYTES } from './layout-formats';
import { copyBytes, encoderClose, encoderOpen, encoderReserve, isUpdate } from './row-encoder';

// Each ends with 16 bytes that may be read past it.
// biome-ignore format: one text a line
const BEFORE: usize = memory.data<u8>([
  0x7b, 0x22, 0x6f, 0x70, 0x22, 0x3a, 0x22, 0x63, 0x22, 0x2c, 0x22, 0x62, 0x65, 0x66, 0x6f, 0x72, 0x65, 0x22, 0x3a, // {"op":"c","before":
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
], 16);
const BEFORE_BYTES: u32 = 19;
/** Where the letter of the operation stands in it. */
const LETTER: usize = 7;
// biome-ignore format: one text a line
const AFTER: usize = memory.data<u8>([
  0x2c, 0x22, 0x61, 0x66, 0x74, 0x65, 0x72, 0x22, 0x3a, // ,"after":
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
], 16);
const AFTER_BYTES: u32 = 9;
const NULL_TEXT: u32 = 0x6c6c756e;
const CREATED: u8 = 99; // c
const UPDATED: u8 = 117; // u
const DELETED: u8 = 100; // d

/** Appends an envelope for every change of the batch to the encoder's buffer. */
export function debeziumEncode(state: usize, batch: usize): void {
  let out = encoderOpen(state, batch);
  const rowCount = load<u32>(batch, BATCH_ROW_COUNT);
  const column = load<i32>(state, ENCODER_CHANGES);
  const changes = column < 0 ? <usize>0 : batchData(batch, column);
  for (let row: u32 = 0; row < rowCount; row++) {
    if (changes == 0 || load<i32>(changes + ((<usize>row) << 2)) > 0) out = encodeEnvelope(state, CREATED, row, out);
    else if (isUpdate(changes, row)) out = encodeEnvelope(state, UPDATED, row++, out);
    else out = encodeEnvelope(state, DELETED, row, out);
  }
  encoderClose(state, out);
}

/** `row`: the row, of an update the row as it was, which the row as it is follows. */
function encodeEnvelope(state: usize, letter: u8, row: u32, out: usize): usize {
  const rowBytes = <u64>load<u32>(state, ENCODER_ROW_BYTES);
  out = encoderReserve(state, out, rowBytes);
  const begin = out;
  out = copyBytes(out, BEFORE, BEFORE_BYTES);
  store<u8>(begin + LETTER, letter);
  if (letter == CREATED) out = encodeNull(out);
  else out = jsonEncodeObject(state, row, encoderReserve(state, out, rowBytes));
  out = copyBytes(encoderReserve(state, out, rowBytes), AFTER, AFTER_BYTES);
  if (letter == DELETED) out = encodeNull(out);
  else out = jsonEncodeObject(state, letter == UPDATED ? row + 1 : row, encoderReserve(state, out, rowBytes));
  out = encoderReserve(state, out, rowBytes);
  return copyBytes(out, load<u32>(state, ENCODER_TAIL), load<u32>(state, ENCODER_TAIL_BYTES));
}

function encodeNull(out: usize): usize {
  store<u32>(out, NULL_TEXT);
  return out + 4;
}
