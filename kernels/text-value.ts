// The text of a field to a value of a column, for JSON (strings and numbers) and CSV alike.
import {
  CELL_STATUS,
  ERROR_OVERFLOW,
  STATUS_VALUE,
  TYPE_BIGINT,
  TYPE_BOOLEAN,
  TYPE_DATE,
  TYPE_DECIMAL,
  TYPE_DOUBLE,
  TYPE_INTEGER,
  TYPE_SMALLINT,
  TYPE_TIMESTAMP,
  TYPE_TINYINT,
  TYPE_VARCHAR,
} from './layout';
import { REASON_RANGE, REASON_TYPE } from './layout-formats';
import { decimalParse } from './decimal';
import { FIELD_BAD, FIELD_DATA, FIELD_TYPE, FIELD_UNIT, FIELD_VALUE } from './decoder';
import { isDigit, parseF64, parseI64, parseScaledI64 } from './number-parse';
import { parseDate, parseTimestamp } from './time-parse';

/** Stores the value that the text stands for in a row of the column. @returns FIELD_VALUE or FIELD_BAD + REASON_*. */
export function textValue(column: usize, row: u32, ptr: usize, len: u32): u32 {
  const data = <usize>load<u32>(column, FIELD_DATA);
  switch (load<u32>(column, FIELD_TYPE)) {
    case TYPE_VARCHAR: {
      textReference(data, row, ptr, len);
      return FIELD_VALUE;
    }
    case TYPE_BIGINT: {
      store<i64>(data + ((<usize>row) << 3), parseI64(ptr, len));
      return parsed();
    }
    case TYPE_DOUBLE: {
      store<f64>(data + ((<usize>row) << 3), parseF64(ptr, len));
      return parsed();
    }
    case TYPE_DECIMAL: {
      const unit = load<u32>(column, FIELD_UNIT);
      store<i64>(data + ((<usize>row) << 3), decimalParse(ptr, len, unit & 0xff, unit >> 8));
      return parsed();
    }
    case TYPE_TIMESTAMP: {
      store<i64>(data + ((<usize>row) << 3), timestampValue(ptr, len, load<i32>(column, FIELD_UNIT)));
      return parsed();
    }
    case TYPE_DATE: {
      store<i32>(data + ((<usize>row) << 2), parseDate(ptr, len));
      return parsed();
    }
    case TYPE_BOOLEAN:
      return booleanValue(data + row, ptr, len);
    case TYPE_INTEGER:
      return integerValue(data + ((<usize>row) << 2), ptr, len, i32.MAX_VALUE);
    case TYPE_SMALLINT:
      return integerValue(data + ((<usize>row) << 2), ptr, len, i16.MAX_VALUE);
    case TYPE_TINYINT:
      return integerValue(data + ((<usize>row) << 2), ptr, len, i8.MAX_VALUE);
    default:
      return FIELD_BAD + REASON_TYPE;
  }
}

/** Stores a string reference in a row of a column's data. */
@inline
export function textReference(data: usize, row: u32, ptr: usize, len: u32): void {
  store<u64>(data + ((<usize>row) << 3), <u64>ptr | ((<u64>len) << 32));
}

/** What CELL_STATUS says about the field just parsed. */
@inline
function parsed(): u32 {
  const status = load<i32>(CELL_STATUS);
  return status == STATUS_VALUE ? FIELD_VALUE : FIELD_BAD + (status == ERROR_OVERFLOW ? REASON_RANGE : REASON_TYPE);
}

/** A number of the unit (10^unit µs) since the epoch, or ISO-8601. */
function timestampValue(ptr: usize, len: u32, unit: i32): i64 {
  // A date has a hyphen or slash after four digits; a number there has a digit or has ended.
  if (len < 8 || isDigit(load<u8>(ptr, 4))) {
    const value = parseScaledI64(ptr, len, unit);
    const status = load<i32>(CELL_STATUS);
    if (status == STATUS_VALUE || status == ERROR_OVERFLOW) return value;
    return parseTimestamp(ptr, len);
  }
  const value = parseTimestamp(ptr, len);
  const status = load<i32>(CELL_STATUS);
  return status == STATUS_VALUE || status == ERROR_OVERFLOW ? value : parseScaledI64(ptr, len, unit);
}

function integerValue(to: usize, ptr: usize, len: u32, valueMax: i64): u32 {
  const value = parseI64(ptr, len);
  const status = parsed();
  if (status != FIELD_VALUE) return status;
  if (value > valueMax || value < -1 - valueMax) return FIELD_BAD + REASON_RANGE;
  store<i32>(to, <i32>value);
  return FIELD_VALUE;
}

/** `true` and `false`, in any case. */
function booleanValue(to: usize, ptr: usize, len: u32): u32 {
  const text = load<u32>(ptr) | 0x20202020;
  if (len == 4 && text == 0x65757274) {
    store<u8>(to, 1);
    return FIELD_VALUE;
  }
  if (len == 5 && text == 0x736c6166 && (load<u8>(ptr, 4) | 32) == 101) {
    store<u8>(to, 0);
    return FIELD_VALUE;
  }
  return FIELD_BAD + REASON_TYPE;
}
