// One JSON value to a value of a column.
//
//   null                 NULL
//   string               VARCHAR its text; JSON as written; other types from its text (kernels/text-value.ts)
//   number, true, false  VARCHAR and JSON as written; other types from its text
//   object, array        VARCHAR and JSON as written; lists and structs by kernels/nested-read.ts; else a bad field
//
// Strings without escapes are referred to where they are; those with escapes are written out on the transient stack.
import { REASON_TYPE } from './layout-formats';
import { TYPE_BIGINT, TYPE_DOUBLE, TYPE_JSON, TYPE_LIST, TYPE_STRUCT, TYPE_VARCHAR } from './layout';
import {
  FIELD_BAD,
  FIELD_DATA,
  FIELD_NESTED,
  FIELD_NULL,
  FIELD_POSITION,
  FIELD_STATUS,
  FIELD_TYPE,
  FIELD_VALUE,
} from './decoder';
import { hexDigit, jsonNumberEnd, jsonStringEnd, jsonStringIsEscaped, jsonValueEnd, jsonWordEnd } from './json-scan';
import { transientAllocate } from './memory';
import { nestedRead, nestedReadValue } from './nested-read';
import { plainDouble, plainInteger } from './number-plain';
import { textReference, textValue } from './text-value';

/**
 * Reads the value at `p` into a row of the column, whose status it sets. @returns the address after the value, 0 when
 * it is not JSON.
 */
export function jsonColumnValue(column: usize, row: u32, p: usize): usize {
  const type = load<u32>(column, FIELD_TYPE);
  const byte = <u32>load<u8>(p);
  store<u32>(column, <u32>p, FIELD_POSITION);
  if (byte == 34) {
    const end = jsonStringEnd(p + 1);
    if (end == 0) return 0;
    const isEscaped = jsonStringIsEscaped;
    if (type == TYPE_JSON) return asWritten(column, row, p, end);
    const text = isEscaped ? jsonUnescape(p + 1, end - 1) : p + 1;
    const bytes = isEscaped ? unescapedBytes : <u32>(end - p) - 2;
    store<u32>(column, textValue(column, row, text, bytes), FIELD_STATUS);
    return end;
  }
  if (byte < 65) {
    const plain = plainNumber(type, p, <usize>load<u32>(column, FIELD_DATA) + ((<usize>row) << 3));
    if (plain) {
      store<u32>(column, FIELD_VALUE, FIELD_STATUS);
      return plain;
    }
    const end = jsonNumberEnd(p);
    if (end == 0 || type == TYPE_JSON) return end == 0 ? 0 : asWritten(column, row, p, end);
    store<u32>(column, textValue(column, row, p, <u32>(end - p)), FIELD_STATUS);
    return end;
  }
  const isNested = (byte | 32) == 123;
  const end = isNested ? jsonValueEnd(p) : jsonWordEnd(p);
  if (end == 0) return 0;
  if (byte == 110) {
    store<u32>(column, FIELD_NULL, FIELD_STATUS);
    return end;
  }
  if (type == TYPE_JSON || type == TYPE_VARCHAR) return asWritten(column, row, p, end);
  if (isNested && (type == TYPE_LIST || type == TYPE_STRUCT)) {
    nestedField(column, row, p);
    return end;
  }
  const status = isNested ? FIELD_BAD + REASON_TYPE : textValue(column, row, p, <u32>(end - p));
  store<u32>(column, status, FIELD_STATUS);
  return end;
}

/** Reads a list or struct from well-formed JSON into a row of the column, whose status it sets. */
export function nestedField(column: usize, row: u32, p: usize): void {
  const status = nestedRead(load<u32>(column, FIELD_NESTED), p);
  store<u64>(<usize>load<u32>(column, FIELD_DATA) + ((<usize>row) << 3), nestedReadValue);
  store<u32>(column, status, FIELD_STATUS);
}

/** Stores a number that is as most are. @returns the address after it, or 0. */
@inline
function plainNumber(type: u32, p: usize, to: usize): usize {
  return type == TYPE_BIGINT ? plainInteger(p, to) : type == TYPE_DOUBLE ? plainDouble(p, to) : 0;
}

@inline
function asWritten(column: usize, row: u32, p: usize, end: usize): usize {
  textReference(load<u32>(column, FIELD_DATA), row, p, <u32>(end - p));
  store<u32>(column, FIELD_VALUE, FIELD_STATUS);
  return end;
}

/** Bytes that `jsonUnescape` wrote last. */
export let unescapedBytes: u32 = 0;

/** Writes the text of the well-formed string content [p, end) on the transient stack. @returns its address. */
export function jsonUnescape(p: usize, end: usize): usize {
  // The text is never longer than what is written; whole blocks are copied beyond it.
  const text = transientAllocate(<u32>(end - p) + 16);
  let to = text;
  while (true) {
    const block = v128.load(p);
    v128.store(to, block);
    const escapes = i8x16.bitmask(i8x16.eq(block, i8x16.splat(92)));
    const plain = min<usize>(escapes == 0 ? 16 : ctz(escapes), end - p);
    p += plain;
    to += plain;
    if (p == end) break;
    if (plain == 16) continue;
    p = unescapeOne(p, to, end);
    to += unescapedLength;
  }
  unescapedBytes = <u32>(to - text);
  return text;
}

let unescapedLength: usize = 0;

/** Writes what the escape at `p` stands for. @returns the address after the escape. */
function unescapeOne(p: usize, to: usize, end: usize): usize {
  const kind = <u32>load<u8>(p, 1);
  unescapedLength = 1;
  if (kind != 117) {
    const byte = kind == 110 ? 10 : kind == 116 ? 9 : kind == 114 ? 13 : kind == 98 ? 8 : kind == 102 ? 12 : kind;
    store<u8>(to, byte);
    return p + 2;
  }
  let code = hexValue(p + 2);
  p += 6;
  if ((code & 0xf800) == 0xd800) {
    // A pair of surrogates is one character; one alone has no UTF-8 and becomes U+FFFD.
    const low: u32 = p + 6 <= end && load<u16>(p) == 0x755c ? hexValue(p + 2) : 0;
    if (code < 0xdc00 && (low & 0xfc00) == 0xdc00) {
      code = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
      p += 6;
    } else code = 0xfffd;
  }
  unescapedLength = writeCharacter(code, to);
  return p;
}

@inline
function hexValue(p: usize): u32 {
  const high = (hexDigit(load<u8>(p)) << 12) | (hexDigit(load<u8>(p, 1)) << 8);
  return high | (hexDigit(load<u8>(p, 2)) << 4) | hexDigit(load<u8>(p, 3));
}

/** Writes a code point as UTF-8. @returns bytes written. */
function writeCharacter(code: u32, to: usize): usize {
  if (code < 0x80) {
    store<u8>(to, code);
    return 1;
  }
  if (code < 0x800) {
    store<u8>(to, 0xc0 | (code >> 6));
    store<u8>(to, 0x80 | (code & 63), 1);
    return 2;
  }
  if (code < 0x10000) {
    store<u8>(to, 0xe0 | (code >> 12));
    store<u8>(to, 0x80 | ((code >> 6) & 63), 1);
    store<u8>(to, 0x80 | (code & 63), 2);
    return 3;
  }
  store<u8>(to, 0xf0 | (code >> 18));
  store<u8>(to, 0x80 | ((code >> 12) & 63), 1);
  store<u8>(to, 0x80 | ((code >> 6) & 63), 2);
  store<u8>(to, 0x80 | (code & 63), 3);
  return 4;
}
