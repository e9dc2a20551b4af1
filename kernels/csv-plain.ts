// The fastest way through CSV: records of plain fields, run over one after the other by a plan of one step for each
// field. Fields that are not plain (doubled quotes, line ends within, characters beyond ASCII, numbers written in other
// ways) stop the run before their record, which then goes by way of the index like any other.
//
// A plain field is text up to the next delimiter or newline, quoted or not, or a number, time or word that
// kernels/json-plain.ts reads, with the delimiter right behind it. As there, the loop calls nothing.
import { CSV_DELIMITER, CSV_HAS_PLAN, CSV_NULL_BYTES, CSV_PLAN, CSV_QUOTE, CSV_WIDTH, FIELD_PLACE } from './csv-state';
import {
  decoderField,
  decoderFieldsEnd,
  decoderMarkNull,
  FIELD_BYTES,
  FIELD_DATA,
  FIELD_IS_REQUIRED,
  FIELD_TYPE,
  FIELD_UNIT,
  FIELD_VALIDITY,
} from './decoder';
import { runDouble, runGuess, runInteger, runLength, runTime } from './json-plain';
import {
  ACTION_BIGINT,
  ACTION_BOOLEAN,
  ACTION_DOUBLE,
  ACTION_INTEGER,
  ACTION_SKIP,
  ACTION_TIMESTAMP,
  ACTION_VARCHAR,
  STEP_ACTION,
  STEP_BYTES,
  STEP_DATA,
  STEP_LIMIT,
  STEP_UNIT,
  STEP_VALIDITY,
} from './json-template';
import { TYPE_BIGINT, TYPE_BOOLEAN, TYPE_DOUBLE, TYPE_INTEGER, TYPE_TIMESTAMP, TYPE_VARCHAR } from './layout';
import { allocate, release } from './memory';
import { integerPower } from './number-parse';
import { timeOfText } from './time-parse';

const PLAN_BYTES: usize = 0; // of the plan
const PLAN_QUOTE: usize = 4; // the quote
const PLAN_NULL_BYTES: usize = 8; // length of the text that stands for NULL
const PLAN_RECORD_MAX: usize = 12; // longest record, with its newline
const PLAN_STOPS: usize = 16; // vectors: the delimiter, the newline, the quote
const PLAN_LIMIT: usize = 64; // where the run ends: an address
const PLAN_ROW_END: usize = 68; // or a row
const PLAN_STEPS: usize = 80;

/** In place of a template's literal: the character behind the field, a newline behind the last one. */
const STEP_STOP: usize = 0;

const TRUE_WORD: u32 = 0x65757274;
const FALSE_WORD: u32 = 0x736c6166;

/** The row behind the last one of the run. */
export let csvPlainRow: u32 = 0;

/** Runs the plan over the records from `p` on: see jsonRunRecords in kernels/json-run.ts. */
export function csvPlainRun(plan: usize, p: usize, limit: usize, row: u32, rowEnd: u32, recordMax: usize): usize {
  // What is not needed for every field waits in memory, so that the rest stays in registers.
  store<u32>(plan, <u32>limit, PLAN_LIMIT);
  store<u32>(plan, rowEnd, PLAN_ROW_END);
  store<u32>(plan, <u32>recordMax, PLAN_RECORD_MAX);
  let begin = p;
  let step = plan + PLAN_STEPS;
  let guess = runGuess(p, limit);
  while (true) {
    let end: usize = 0;
    switch (load<u32>(step, STEP_ACTION)) {
      case ACTION_SKIP:
      case ACTION_VARCHAR: {
        let text = p;
        let textEnd: usize;
        if (load<u8>(p) == load<u8>(plan, PLAN_QUOTE)) {
          text = p + 1;
          textEnd = quotedEnd(text, plan);
          if (load<u8>(textEnd) != load<u8>(plan, PLAN_QUOTE)) break;
          end = textEnd + 1;
        } else {
          textEnd = fieldEnd(p, plan);
          if (load<u32>(step, STEP_STOP) == 10) if (load<u8>(textEnd - 1) == 13) textEnd = withoutReturn(p, textEnd);
          end = textEnd;
        }
        if (load<u32>(step, STEP_ACTION) == ACTION_SKIP) break;
        const reference = <u64>text | ((<u64>(textEnd - text)) << 32);
        store<u64>(<usize>load<u32>(step, STEP_DATA) + ((<usize>row) << 3), reference);
        break;
      }
      case ACTION_BIGINT: {
        end = runInteger(p, <usize>load<u32>(step, STEP_DATA) + ((<usize>row) << 3));
        break;
      }
      case ACTION_INTEGER: {
        end = runInteger(p, scratch);
        const value = load<i64>(scratch);
        if (value != <i64>(<i32>value)) end = 0;
        store<i32>(<usize>load<u32>(step, STEP_DATA) + ((<usize>row) << 2), <i32>value);
        break;
      }
      case ACTION_DOUBLE: {
        end = runDouble(p, <usize>load<u32>(step, STEP_DATA) + ((<usize>row) << 3));
        break;
      }
      case ACTION_TIMESTAMP: {
        const to = <usize>load<u32>(step, STEP_DATA) + ((<usize>row) << 3);
        end = load<u8>(p, 4) == 45 ? timeOfText(p, to) : runTime(p, to, step);
        break;
      }
      case ACTION_BOOLEAN: {
        const word = load<u32>(p);
        const isTrue = word == TRUE_WORD;
        if (isTrue || (word == FALSE_WORD && load<u8>(p, 4) == 101)) end = p + 5 - usize(isTrue);
        store<u8>(<usize>load<u32>(step, STEP_DATA) + row, u8(isTrue));
        break;
      }
      default:
    }
    if (end == 0 || end - p == <usize>load<u32>(plan, PLAN_NULL_BYTES)) {
      // What is not plain, or may be NULL.
      if (!isEmpty(p, step, plan)) break;
      const validity = <usize>load<u32>(step, STEP_VALIDITY);
      if (validity) decoderMarkNull(validity, row);
      end = p;
    }
    if (<u32>load<u8>(end) != load<u32>(step, STEP_STOP)) {
      if (load<u32>(step, STEP_STOP) != 10 || load<u16>(end) != 0x0a0d) break;
      end++;
    }
    p = end + 1;
    if (load<u32>(step, STEP_STOP) != 10) {
      step += STEP_BYTES;
      continue;
    }
    // A line of one character may be a blank one.
    if (p - begin < 3 || p - begin > <usize>load<u32>(plan, PLAN_RECORD_MAX)) break;
    row++;
    // As in kernels/json-run.ts: the same address, but known before.
    if (p == guess) p = guess;
    else runLength(p - begin);
    begin = p;
    guess = runGuess(p, limit);
    if (row == load<u32>(plan, PLAN_ROW_END) || p >= <usize>load<u32>(plan, PLAN_LIMIT)) break;
    step = plan + PLAN_STEPS;
  }
  csvPlainRow = row;
  return begin;
}

/** Where a number that needs a check before it is stored goes. */
const scratch: usize = memory.data(8, 8);

/** Whether a field is empty, and that is NULL and allowed. */
@inline
function isEmpty(p: usize, step: usize, plan: usize): bool {
  const stop = load<u32>(step, STEP_STOP);
  if (<u32>load<u8>(p) != stop && (stop != 10 || load<u16>(p) != 0x0a0d)) return false;
  if (load<u32>(plan, PLAN_NULL_BYTES) != 0) return false;
  return load<u32>(step, STEP_VALIDITY) != 0 || load<u32>(step, STEP_ACTION) == ACTION_SKIP;
}

/** Counts carriage returns: doing something, it is branched to, and others do not wait for it. */
let returnCount: u32 = 0;

/** The end of the text of a record's last field that ends with a carriage return, if that is part of the field. */
@inline
function withoutReturn(p: usize, end: usize): usize {
  returnCount++;
  return max(end - 1, p);
}

/** Address of the first delimiter, newline, quote or character beyond ASCII. */
@inline
function fieldEnd(p: usize, plan: usize): usize {
  let found = fieldStops(p, plan);
  while (found == 0) {
    p += 16;
    found = fieldStops(p, plan);
  }
  return p + ctz(found);
}

@inline
function fieldStops(p: usize, plan: usize): i32 {
  const block = v128.load(p);
  const ends = v128.or(i8x16.eq(block, v128.load(plan, PLAN_STOPS)), i8x16.eq(block, v128.load(plan, PLAN_STOPS + 16)));
  return i8x16.bitmask(v128.or(v128.or(ends, block), i8x16.eq(block, v128.load(plan, PLAN_STOPS + 32))));
}

/** Address of the first quote, newline or character beyond ASCII. */
@inline
function quotedEnd(p: usize, plan: usize): usize {
  let found = quotedStops(p, plan);
  while (found == 0) {
    p += 16;
    found = quotedStops(p, plan);
  }
  return p + ctz(found);
}

@inline
function quotedStops(p: usize, plan: usize): i32 {
  const block = v128.load(p);
  const quotes = i8x16.eq(block, v128.load(plan, PLAN_STOPS + 32));
  return i8x16.bitmask(v128.or(v128.or(quotes, block), i8x16.eq(block, v128.load(plan, PLAN_STOPS + 16))));
}

/** The plan of a decoder, 0 where there is none: see makePlan. */
export function csvPlainPlan(state: usize): usize {
  if (load<u32>(state, CSV_HAS_PLAN) == 0 && load<u32>(state, CSV_WIDTH) != 0) {
    store<u32>(state, <u32>makePlan(state), CSV_PLAN);
    store<u32>(state, 1, CSV_HAS_PLAN);
  }
  return load<u32>(state, CSV_HAS_PLAN) != 0 ? <usize>load<u32>(state, CSV_PLAN) : 0;
}

/**
 * Makes the plan of a decoder whose records are of known width. @returns 0 where there can be none: for other types, two
 * columns of one field, or a delimiter that numbers and times may hold.
 */
function makePlan(state: usize): usize {
  const held = <usize>load<u32>(state, CSV_PLAN);
  if (held) release(held, load<u32>(held, PLAN_BYTES));
  const delimiter = load<u32>(state, CSV_DELIMITER);
  const quote = load<u32>(state, CSV_QUOTE);
  const isUsual = delimiter == 44 || delimiter == 59 || delimiter == 9 || delimiter == 124;
  if (!isUsual || (quote != 34 && quote != 39)) return 0;
  const width = load<u32>(state, CSV_WIDTH);
  const bytes = <u32>PLAN_STEPS + width * <u32>STEP_BYTES;
  const plan = allocate(bytes);
  memory.fill(plan, 0, bytes);
  store<u32>(plan, bytes, PLAN_BYTES);
  store<u32>(plan, quote, PLAN_QUOTE);
  store<u32>(plan, load<u32>(state, CSV_NULL_BYTES), PLAN_NULL_BYTES);
  v128.store(plan, i8x16.splat(<i8>delimiter), PLAN_STOPS);
  v128.store(plan, i8x16.splat(10), PLAN_STOPS + 16);
  v128.store(plan, i8x16.splat(<i8>quote), PLAN_STOPS + 32);
  for (let place: u32 = 0; place < width; place++) {
    const step = plan + PLAN_STEPS + <usize>place * STEP_BYTES;
    store<u32>(step, place + 1 == width ? 10 : delimiter, STEP_STOP);
    store<u32>(step, ACTION_SKIP, STEP_ACTION);
  }
  const columnsEnd = decoderFieldsEnd(state);
  for (let column = decoderField(state, 0); column < columnsEnd; column += FIELD_BYTES) {
    const place = load<u32>(column, FIELD_PLACE);
    const step = plan + PLAN_STEPS + <usize>place * STEP_BYTES;
    if (place < width && load<u32>(step, STEP_ACTION) == ACTION_SKIP && describe(step, column)) continue;
    release(plan, bytes);
    return 0;
  }
  return plan;
}

/** Lets a step fill a column. @returns whether there are plain values of its type. */
function describe(step: usize, column: usize): bool {
  const action = actionOf(load<u32>(column, FIELD_TYPE));
  const takesNull = load<u32>(column, FIELD_IS_REQUIRED) == 0;
  store<u32>(step, action, STEP_ACTION);
  store<u32>(step, load<u32>(column, FIELD_DATA), STEP_DATA);
  store<u32>(step, takesNull ? load<u32>(column, FIELD_VALIDITY) : 0, STEP_VALIDITY);
  const unit = load<i32>(column, FIELD_UNIT);
  const micros = unit < 0 ? 0 : <u32>integerPower(unit);
  store<u32>(step, micros, STEP_UNIT);
  store<i64>(step, micros ? i64.MAX_VALUE / <i64>micros : 0, STEP_LIMIT);
  return action != ACTION_SKIP;
}

function actionOf(type: u32): u32 {
  if (type == TYPE_VARCHAR) return ACTION_VARCHAR;
  if (type == TYPE_BIGINT) return ACTION_BIGINT;
  if (type == TYPE_INTEGER) return ACTION_INTEGER;
  if (type == TYPE_DOUBLE) return ACTION_DOUBLE;
  if (type == TYPE_TIMESTAMP) return ACTION_TIMESTAMP;
  return type == TYPE_BOOLEAN ? ACTION_BOOLEAN : ACTION_SKIP;
}
