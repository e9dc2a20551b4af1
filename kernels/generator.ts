// GENERATOR: records of columns that are described one by one (MAKE_* of layout.ts) as JSON.
//
// Row n of a column depends on the seed, n and the column's own stream of random numbers, so it does not matter which
// other columns are made. Records end before the buffer does: none is cut.
import {
  GENERATOR_COLUMN_COUNT,
  GENERATOR_COLUMNS,
  GENERATOR_RECORD_BYTES,
  MAKE_BYTES,
  MAKE_CHOICE,
  MAKE_CYCLE,
  MAKE_DOUBLE_RANDOM,
  MAKE_DOUBLE_SEQUENCE,
  MAKE_FIRST,
  MAKE_KEY,
  MAKE_KEY_BYTES,
  MAKE_LETTERS,
  MAKE_NULL_RATE,
  MAKE_OPERATION,
  MAKE_PRINT,
  MAKE_RANDOM,
  MAKE_SEQUENCE,
  MAKE_STEP,
  MAKE_STREAM,
  MAKE_UNIT_MICROS,
  MAKE_VALUE_COUNT,
  MAKE_VALUES,
  MAKER_END,
  MAKER_NEXT,
  MAKER_SEED,
  PRINT_DATE,
  PRINT_EPOCH,
  PRINT_TEXT,
} from './layout-makers';
import { printF64, printI64 } from './number-print';
import { randomBase, randomBelow64, randomDraw, randomLetters, randomMix, randomUnit } from './random';
import { printDate, printEpoch } from './time-print';

const QUOTE: u8 = 34;

/**
 * Writes the records of rows from MAKER_NEXT up to row MAKER_END, as many as fit into `bytes` bytes at `to` (at least
 * GENERATOR_RECORD_BYTES), and moves MAKER_NEXT on. @returns bytes written.
 */
export function generatorFill(state: usize, to: usize, bytes: u32): u32 {
  const seed = load<u64>(state, MAKER_SEED);
  const columns = <usize>load<u32>(state, GENERATOR_COLUMNS);
  const columnsEnd = columns + load<u32>(state, GENERATOR_COLUMN_COUNT) * MAKE_BYTES;
  const stop = <u64>load<f64>(state, MAKER_END);
  const start = to;
  const limit = to + bytes - load<u32>(state, GENERATOR_RECORD_BYTES);
  let row = <u64>load<f64>(state, MAKER_NEXT);
  while (row < stop && to <= limit) {
    const record = to;
    const base = randomBase(seed, row);
    for (let column = columns; column < columnsEnd; column += MAKE_BYTES) {
      const keyBytes = load<u32>(column, MAKE_KEY_BYTES);
      memory.copy(to, load<u32>(column, MAKE_KEY), keyBytes);
      to += keyBytes;
      const own = randomMix(base + load<u64>(column, MAKE_STREAM));
      to = isNull(column, own) ? writeNull(to) : writeValue(column, row, own, to);
    }
    // Every field begins with a comma: the first one becomes the brace.
    if (to == record) to += 1;
    store<u8>(record, 123);
    store<u16>(to, 0x0a7d);
    to += 2;
    row += 1;
  }
  store<f64>(state, <f64>row, MAKER_NEXT);
  return <u32>(to - start);
}

@inline
function isNull(column: usize, own: u64): bool {
  const rate = load<f64>(column, MAKE_NULL_RATE);
  return rate > 0 && randomUnit(randomDraw(own, 0)) < rate;
}

@inline
function writeNull(to: usize): usize {
  store<u32>(to, 0x6c6c756e);
  return to + 4;
}

function writeValue(column: usize, row: u64, own: u64, to: usize): usize {
  const first = load<i64>(column, MAKE_FIRST);
  const step = load<i64>(column, MAKE_STEP);
  switch (load<u32>(column, MAKE_OPERATION)) {
    case MAKE_CYCLE:
      return writeChoice(column, row % load<u32>(column, MAKE_VALUE_COUNT), to);
    case MAKE_CHOICE:
      return writeChoice(column, randomBelow64(randomDraw(own, 1), load<u32>(column, MAKE_VALUE_COUNT)), to);
    case MAKE_SEQUENCE:
      return writeWhole(column, first + <i64>row * step, to);
    case MAKE_RANDOM:
      return writeWhole(column, first + <i64>randomBelow64(randomDraw(own, 1), <u64>step), to);
    case MAKE_DOUBLE_SEQUENCE:
      return to + printF64(load<f64>(column, MAKE_FIRST) + <f64>row * load<f64>(column, MAKE_STEP), to);
    case MAKE_DOUBLE_RANDOM:
      return (
        to + printF64(load<f64>(column, MAKE_FIRST) + randomUnit(randomDraw(own, 1)) * load<f64>(column, MAKE_STEP), to)
      );
    case MAKE_LETTERS: {
      const length = <u32>(first + <i64>randomBelow64(randomDraw(own, 1), <u64>step));
      store<u8>(to, QUOTE);
      randomLetters(own, 2, length, to + 1);
      store<u8>(to + 1 + length, QUOTE);
      return to + 2 + length;
    }
    default:
      return unreachable();
  }
}

@inline
function writeChoice(column: usize, index: u64, to: usize): usize {
  const value = <usize>load<u32>(column, MAKE_VALUES) + ((<usize>index) << 3);
  const length = load<u32>(value, 4);
  memory.copy(to, load<u32>(value), length);
  return to + length;
}

function writeWhole(column: usize, value: i64, to: usize): usize {
  switch (load<u32>(column, MAKE_PRINT)) {
    case PRINT_EPOCH:
      return to + printEpoch(value, load<u32>(column, MAKE_UNIT_MICROS), to);
    case PRINT_DATE:
      store<u8>(to, QUOTE);
      to += 1 + printDate(<i32>value, to + 1);
      store<u8>(to, QUOTE);
      return to + 1;
    case PRINT_TEXT:
      store<u8>(to, QUOTE);
      to += 1 + printI64(value, to + 1);
      store<u8>(to, QUOTE);
      return to + 1;
    default:
      return to + printI64(value, to);
  }
}
