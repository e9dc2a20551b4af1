// The fast way through a record: a template made of an earlier one, run over the bytes of the next.
//
//   {"symbol":"SYM1","price":1.5,"side":"buy"}\n   ─►   `{"symbol":` VARCHAR │ `,"price":` DOUBLE │ `,"side":` SKIP │ `}\n` END
//
// A template is a list of steps: literal bytes, compared 16 at a time, then what to do with the value behind them. A
// literal that does not match, or a value that is not well formed, ends the attempt (0) and the record goes the long way
// (kernels/json-path.ts); so a template never has to be right about what is unusual. Values may be: `null`, escapes,
// exponents and nested values are handed to the general reader without leaving the template. Literals begin with what
// can follow a value, so no step checks that a number has really ended. Records in which nothing is unusual are run by
// kernels/json-run.ts before it comes to this.
//
// Everything in the record is still checked: strings for control characters and UTF-8, numbers for their grammar.
import { CELL_STATUS, STATUS_VALUE } from './layout';
import { POLICY_FAIL } from './layout-formats';
import { columnFinish, FIELD_NEXT, FIELD_NULL, FIELD_STATUS } from './decoder';
import { jsonBeginWalk, jsonForget, jsonWalkValue, NODE_CHILD, NODE_COLUMNS, NODE_SIBLING } from './json-path';
import { jsonStringEnd, jsonStringIsEscaped, jsonStringIsWide, jsonValueEnd } from './json-scan';
import { jsonColumnValue } from './json-value';
import { digitsEnd } from './number-parse';
import { isLeadingZero, isPointOrExponent, plainDouble, plainInteger } from './number-plain';
import { textReference } from './text-value';
import { parseTimestamp } from './time-parse';
import { utf8IsValid } from './utf8';

export const TEMPLATE_STEPS: usize = 16; // the steps follow the header
export const TEMPLATE_FOLLOWER: usize = 0; // u32: the template that the record after this one had last time
export const TEMPLATE_HITS: usize = 4; // u32: records it was expected for and fitted, since templates were judged
export const TEMPLATE_CREDIT: usize = 8; // i32: whether records are plain, see kernels/json-decode.ts

// A step: up to 16 literal bytes, then an action.
export const STEP_LITERAL: usize = 0;
export const STEP_REST: usize = 16; // u32: a bit for each of the 16 bytes that is not of the literal
export const STEP_LITERAL_BYTES: usize = 20;
export const STEP_ACTION: usize = 24; // ACTION_*
export const STEP_DATA: usize = 28; // address of the column's data
export const STEP_VALIDITY: usize = 32; // address of the column's validity, 0 where it takes no NULL
export const STEP_TARGET: usize = 36; // the column, or the node for ACTION_WALK
export const STEP_UNIT: usize = 40; // u32: ACTION_TIMESTAMP: µs of the unit, 0 for ns; ACTION_WHOLE: where it begins
export const STEP_LIMIT: usize = 48; // i64: ACTION_TIMESTAMP: greatest number that is in range
export const STEP_PREFIX: usize = 56; // u64: ACTION_TIMESTAMP: the first eight digits read last, and their value
export const STEP_PREFIX_VALUE: usize = 64;
export const STEP_BYTES: usize = 80;

export const ACTION_END: u32 = 0; // the record is complete
export const ACTION_SKIP: u32 = 1; // a value nobody wants
export const ACTION_VARCHAR: u32 = 2;
export const ACTION_BIGINT: u32 = 3;
export const ACTION_INTEGER: u32 = 4;
export const ACTION_DOUBLE: u32 = 5;
export const ACTION_TIMESTAMP: u32 = 6;
export const ACTION_VALUE: u32 = 7; // any other column
export const ACTION_WALK: u32 = 8; // several columns, or columns inside the value
export const ACTION_NULL: u32 = 9; // no value here: the column's field is missing
export const ACTION_WHOLE: u32 = 10; // no value here: the column takes the whole record
export const ACTION_LITERAL: u32 = 11; // no value here: the literal goes on
export const ACTION_BOOLEAN: u32 = 12;

/**
 * Runs a template over the record at `begin`, which a newline ends somewhere, into a row. @returns the address after
 * the record's newline, or 0 when the record is not what the template expects; NULLs may then have been marked.
 */
export function jsonTemplateRun(template: usize, begin: usize, row: u32): usize {
  let p = begin;
  let step = template + TEMPLATE_STEPS;
  while (true) {
    const same = i8x16.bitmask(i8x16.eq(v128.load(p), v128.load(step, STEP_LITERAL)));
    if ((same | load<u32>(step, STEP_REST)) != 0xffff) return 0;
    p += load<u32>(step, STEP_LITERAL_BYTES);
    switch (load<u32>(step, STEP_ACTION)) {
      case ACTION_END:
        return p;
      case ACTION_SKIP: {
        p = skipValue(p);
        break;
      }
      case ACTION_VARCHAR: {
        p = varchar(step, p, row);
        break;
      }
      case ACTION_BIGINT: {
        const end = plainInteger(p, <usize>load<u32>(step, STEP_DATA) + ((<usize>row) << 3));
        p = end ? end : general(load<u32>(step, STEP_TARGET), p, row);
        break;
      }
      case ACTION_INTEGER: {
        const end = plainInteger(p, scratch);
        const value = load<i64>(scratch);
        if (end != 0 && value == <i64>(<i32>value)) {
          store<i32>(<usize>load<u32>(step, STEP_DATA) + ((<usize>row) << 2), <i32>value);
          p = end;
        } else p = general(load<u32>(step, STEP_TARGET), p, row);
        break;
      }
      case ACTION_DOUBLE: {
        const end = plainDouble(p, <usize>load<u32>(step, STEP_DATA) + ((<usize>row) << 3));
        p = end ? end : general(load<u32>(step, STEP_TARGET), p, row);
        break;
      }
      case ACTION_TIMESTAMP: {
        const end = timestamp(p, <usize>load<u32>(step, STEP_DATA) + ((<usize>row) << 3), step);
        p = end ? end : general(load<u32>(step, STEP_TARGET), p, row);
        break;
      }
      case ACTION_BOOLEAN:
      case ACTION_VALUE: {
        p = general(load<u32>(step, STEP_TARGET), p, row);
        break;
      }
      case ACTION_WALK: {
        p = walk(load<u32>(step, STEP_TARGET), p, row);
        break;
      }
      case ACTION_NULL: {
        store<u32>(load<u32>(step, STEP_TARGET), FIELD_NULL, FIELD_STATUS);
        if (columnFinish(load<u32>(step, STEP_TARGET), row, POLICY_FAIL)) return 0;
        break;
      }
      case ACTION_WHOLE: {
        const start = begin + load<u32>(step, STEP_UNIT);
        textReference(load<u32>(step, STEP_DATA), row, start, <u32>(p - start));
        break;
      }
      default:
    }
    if (p == 0) return 0;
    step += STEP_BYTES;
  }
}

/** Where a number that needs a check before it is stored goes. */
const scratch: usize = memory.data(16, 16);

/** Passes over a value. */
@inline
function skipValue(p: usize): usize {
  if (load<u8>(p) == 34) return stringEnd(p + 1);
  const x = load<u64>(p) ^ 0x3030303030303030;
  const others = digitsEnd(x);
  const count = <u64>ctz(others) >> 3;
  const next = (x >> (count << 3)) & 0xff;
  if (count - 1 < 7 && !isPointOrExponent(next) && !isLeadingZero(x, count)) return p + <usize>count;
  return skipGeneral(p);
}

function skipGeneral(p: usize): usize {
  const end = jsonValueEnd(p);
  return end == 0 || load<u8>(p) < 91 || utf8IsValid(p, <u32>(end - p)) ? end : 0;
}

/** Reads a string from behind its opening quote to behind its closing one. */
@inline
function stringEnd(p: usize): usize {
  const stops = stringStops(p);
  if (stops != 0 && load<u8>(p + ctz(stops)) == 34) {
    isEscaped = false;
    return p + ctz(stops) + 1;
  }
  return longStringEnd(p, stops);
}

/** Where in 16 bytes a string may end: quotes, backslashes, control characters, and bytes beyond ASCII. */
@inline
function stringStops(p: usize): i32 {
  const block = v128.load(p);
  // Signed: control characters, and all bytes beyond ASCII.
  const odd = v128.or(i8x16.lt_s(block, i8x16.splat(32)), i8x16.eq(block, i8x16.splat(92)));
  return i8x16.bitmask(v128.or(odd, i8x16.eq(block, i8x16.splat(34))));
}

/** Whether the string that `stringEnd` read last has an escape. */
let isEscaped: bool = false;

function longStringEnd(p: usize, stops: i32): usize {
  let q = p;
  while (stops == 0) {
    q += 16;
    stops = stringStops(q);
  }
  q += ctz(stops);
  isEscaped = false;
  if (load<u8>(q) == 34) return q + 1;
  const end = jsonStringEnd(p);
  isEscaped = jsonStringIsEscaped;
  return end == 0 || !jsonStringIsWide || utf8IsValid(p, <u32>(end - p)) ? end : 0;
}

@inline
function varchar(step: usize, p: usize, row: u32): usize {
  if (load<u8>(p) == 34) {
    const end = stringEnd(p + 1);
    if (end != 0 && !isEscaped) {
      textReference(load<u32>(step, STEP_DATA), row, p + 1, <u32>(end - p) - 2);
      return end;
    }
  }
  return general(load<u32>(step, STEP_TARGET), p, row);
}

/** Stores a time at `to`. @returns 0 where the value is neither a plain integer nor text of a time. */
@inline
function timestamp(p: usize, to: usize, step: usize): usize {
  if (load<u8>(p) == 34) return isoTimestamp(p + 1, to);
  const end = plainInteger(p, to);
  const value = load<i64>(to);
  const limit = load<i64>(step, STEP_LIMIT);
  if (end == 0 || value > limit || value < -limit) return 0;
  const unit = load<u32>(step, STEP_UNIT);
  store<i64>(to, unit ? value * unit : value / 1000);
  return end;
}

/** Text of 17 to 32 characters; the parser refuses those in which a string would end, or escape. */
function isoTimestamp(p: usize, to: usize): usize {
  const quotes = i8x16.bitmask(i8x16.eq(v128.load(p, 16), i8x16.splat(34)));
  if (quotes == 0) return 0;
  const length = 16 + <u32>ctz(quotes);
  const end = p + length;
  // It would ignore space around the text, even such as a JSON string may not hold.
  if (load<u8>(p) < 33 || load<u8>(end - 1) < 33) return 0;
  store<i64>(to, parseTimestamp(p, length));
  return load<i32>(CELL_STATUS) == STATUS_VALUE ? end + 1 : 0;
}

/** Reads any value into a column. @returns 0 also when the value does not fit the column. */
function general(column: usize, p: usize, row: u32): usize {
  const end = jsonColumnValue(column, row, p);
  if (end == 0 || columnFinish(column, row, POLICY_FAIL) != 0) return 0;
  const byte = load<u8>(p);
  const isText = byte == 34 || byte > 90;
  return !isText || utf8IsValid(p, <u32>(end - p)) ? end : 0;
}

/** Reads any value into the columns at and below a node. */
function walk(node: usize, p: usize, row: u32): usize {
  jsonBeginWalk();
  jsonForget(node);
  const end = jsonWalkValue(node, p, row);
  return end == 0 || !finishBelow(node, row) || !utf8IsValid(p, <u32>(end - p)) ? 0 : end;
}

function finishBelow(node: usize, row: u32): bool {
  for (let column = <usize>load<u32>(node, NODE_COLUMNS); column != 0; column = load<u32>(column, FIELD_NEXT)) {
    if (columnFinish(column, row, POLICY_FAIL) != 0) return false;
  }
  for (let child = <usize>load<u32>(node, NODE_CHILD); child != 0; child = load<u32>(child, NODE_SIBLING)) {
    if (!finishBelow(child, row)) return false;
  }
  return true;
}
