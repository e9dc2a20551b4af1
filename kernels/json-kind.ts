// What kind of value a JSON value is, for compiled expressions, and whether a text is one.
import { CELL_STATUS, STATUS_VALUE } from './layout';
import { parseI64 } from './number-parse';
import { refAddress, refLength, refOf } from './text-compare';
import { textToJson } from './cast-text';

const NAMES: usize = memory.data<u8>([
  79, 66, 74, 69, 67, 84, 65, 82, 82, 65, 89, 86, 65, 82, 67, 72, 65, 82, 66, 79, 79, 76, 69, 65, 78, 78, 85, 76, 76,
  68, 79, 85, 66, 76, 69, 85, 66, 73, 71, 73, 78, 84,
]); // OBJECTARRAYVARCHARBOOLEANNULLDOUBLEUBIGINT

/** `OBJECT`, `ARRAY`, `VARCHAR`, `BOOLEAN`, `NULL`, or of numbers `UBIGINT`, `BIGINT` (negative) and `DOUBLE`. */
export function jsonTypeName(json: i64): i64 {
  const p = refAddress(json);
  switch (load<u8>(p)) {
    case 123:
      return refOf(NAMES, 6);
    case 91:
      return refOf(NAMES + 6, 5);
    case 34:
      return refOf(NAMES + 11, 7);
    case 116:
    case 102:
      return refOf(NAMES + 18, 7);
    case 110:
      return refOf(NAMES + 25, 4);
    default:
      return numberName(p, refLength(json));
  }
}

function numberName(p: usize, bytes: u32): i64 {
  const isNegative = load<u8>(p) == 45;
  for (let i: u32 = u32(isNegative); i < bytes; i++) {
    if (<u32>load<u8>(p + i) - 48 > 9) return refOf(NAMES + 29, 6);
  }
  if (isNegative) {
    parseI64(p, bytes);
    const fits = load<i32>(CELL_STATUS) == STATUS_VALUE;
    return fits ? refOf(NAMES + 36, 6) : refOf(NAMES + 29, 6);
  }
  return fitsUnsigned(p, bytes) ? refOf(NAMES + 35, 7) : refOf(NAMES + 29, 6);
}

/** Whether digits are a number below 2^64. */
function fitsUnsigned(p: usize, bytes: u32): bool {
  if (bytes != 20) return bytes < 20;
  let value: u64 = 0;
  for (let i: u32 = 0; i < 19; i++) value = value * 10 + (load<u8>(p + i) - 48);
  const last = <u64>load<u8>(p, 19) - 48;
  return value < 1844674407370955161 || (value == 1844674407370955161 && last < 6);
}

/** Whether a text is one JSON value. */
export function jsonIsValid(text: i64): bool {
  textToJson(text);
  return load<i32>(CELL_STATUS) == STATUS_VALUE;
}

/** Replaces a reference by that of the JSON value that its text is. @returns whether it is one. */
export function jsonCheckReference(reference: usize): bool {
  const value = textToJson(load<i64>(reference));
  if (load<i32>(CELL_STATUS) != STATUS_VALUE) return false;
  store<i64>(reference, value);
  return true;
}
