// Nested values (kernels/layout.ts): writing items to the byte buffer, reading them, and passing over them.
import { bufferKeep, bufferPutByte, bufferPutBytes, bufferRoom } from './byte-buffer';
import {
  NESTED_BYTES,
  NESTED_CODE,
  NESTED_COUNT,
  NESTED_END,
  NESTED_FIELD_NODE,
  NESTED_HEAD_BYTES,
  NESTED_NULL,
  NESTED_VALUE,
  TYPE_BIGINT,
  TYPE_BOOLEAN,
  TYPE_DECIMAL,
  TYPE_DOUBLE,
  TYPE_INTERVAL,
  TYPE_JSON,
  TYPE_LIST,
  TYPE_STRUCT,
  TYPE_TIMESTAMP,
  TYPE_VARCHAR,
} from './layout';
import { transientAllocate } from './memory';
import { refAddress, refLength, refOf } from './text-compare';

/** Bytes of a value of a type, 0 when they differ from value to value. */
@inline
export function nestedWidth(code: u32): u32 {
  if (code == TYPE_VARCHAR || code == TYPE_JSON || code == TYPE_LIST || code == TYPE_STRUCT) return 0;
  if (code == TYPE_BOOLEAN) return 1;
  const isLong = code == TYPE_BIGINT || code == TYPE_DOUBLE || code == TYPE_TIMESTAMP;
  return isLong || code == TYPE_INTERVAL || code == TYPE_DECIMAL ? 8 : 4;
}

/** The node of a list's element, and of a struct the first field. */
@inline
export function nestedBelow(type: usize): usize {
  return type + NESTED_HEAD_BYTES;
}

/** The node of a struct's field. */
@inline
export function nestedFieldType(field: usize): usize {
  return field + load<u32>(field, NESTED_FIELD_NODE);
}

/** The field after one. */
@inline
export function nestedNextField(field: usize): usize {
  const node = nestedFieldType(field);
  return node + load<u32>(node, NESTED_BYTES);
}

// --- writing: into the byte buffer, one value after another ---

export function nestedPutNull(code: u32): void {
  const width = nestedWidth(code);
  const to = bufferRoom(1 + width);
  store<u8>(to, NESTED_NULL);
  memory.fill(to + 1, 0, width);
  bufferKeep(to + 1 + width);
}

/** Says that a value follows. */
export function nestedPutMark(): void {
  bufferPutByte(NESTED_VALUE);
}

export function nestedPutEnd(): void {
  bufferPutByte(NESTED_END);
}

export function nestedPutBoolean(value: i32): void {
  bufferPutByte(value != 0 ? 1 : 0);
}

export function nestedPut32(value: i32): void {
  const to = bufferRoom(4);
  store<u32>(to, bswap<u32>(<u32>value ^ 0x80000000));
  bufferKeep(to + 4);
}

export function nestedPut64(value: i64): void {
  put64(nestedBigintBits(value));
}

export function nestedPutDouble(value: f64): void {
  put64(nestedDoubleBits(value));
}

@inline
function put64(bits: u64): void {
  const to = bufferRoom(8);
  store<u64>(to, bits);
  bufferKeep(to + 8);
}

/** Writes an item of eight bytes, as they lie there. */
export function nestedPutMarked64(bits: u64): void {
  const to = bufferRoom(9);
  store<u8>(to, NESTED_VALUE);
  store<u64>(to, bits, 1);
  bufferKeep(to + 9);
}

/** The bytes of a BIGINT, as they lie there. */
@inline
export function nestedBigintBits(value: i64): u64 {
  return bswap<u64>(<u64>value ^ 0x8000000000000000);
}

@inline
export function nestedDoubleBits(value: f64): u64 {
  // Adding 0 turns −0 into 0.
  const bits = value == value ? reinterpret<u64>(value + 0.0) : 0x7ff8000000000000;
  return bswap<u64>(bits ^ (<u64>(<i64>bits >> 63) | 0x8000000000000000));
}

export function nestedPutText(text: i64): void {
  putText(refAddress(text), refLength(text));
}

export function putText(from: usize, bytes: u32): void {
  writeText(bufferRoom(bytes * 2 + 1), from, bytes);
}

/** Writes an item of text. */
export function nestedPutMarkedText(from: usize, bytes: u32): void {
  const to = bufferRoom(bytes * 2 + 2);
  store<u8>(to, NESTED_VALUE);
  writeText(to + 1, from, bytes);
}

@inline
function writeText(to: usize, from: usize, bytes: u32): void {
  const end = from + bytes;
  const two = i8x16.splat(2);
  while (from < end) {
    const block = v128.load(from);
    v128.store(to, block);
    const low = <u32>ctz(i8x16.bitmask(i8x16.lt_u(block, two)) | 0x10000);
    const plain = min(low, <u32>min<usize>(end - from, 16));
    from += plain;
    to += plain;
    if (plain == low && from < end && low < 16) {
      store<u8>(to, 1);
      store<u8>(to, <u32>load<u8>(from) + 1, 1);
      from += 1;
      to += 2;
    }
  }
  store<u8>(to, 0);
  bufferKeep(to + 1);
}

/** Writes a nested value, as it is. */
export function nestedPutNested(value: i64): void {
  bufferPutBytes(refAddress(value), refLength(value));
}

// --- reading, at the address of a value ---

@inline
export function nestedLoadBoolean(p: usize): i32 {
  return load<u8>(p);
}

export function nestedLoad32(p: usize): i32 {
  return <i32>(bswap<u32>(load<u32>(p)) ^ 0x80000000);
}

export function nestedLoad64(p: usize): i64 {
  return <i64>(bswap<u64>(load<u64>(p)) ^ 0x8000000000000000);
}

export function nestedLoadDouble(p: usize): f64 {
  const bits = bswap<u64>(load<u64>(p));
  return reinterpret<f64>(bits ^ (<u64>(<i64>~bits >> 63) | 0x8000000000000000));
}

/** The text at `p`: where it is, or written out on the transient stack if it has escapes. */
export function nestedLoadText(p: usize): i64 {
  const end = textEnd(p);
  const bytes = <u32>(end - p) - 1;
  return isEscaped ? unescape(p, bytes) : refOf(p, bytes);
}

/** The list or struct at `p`. */
export function nestedLoadNested(p: usize, type: usize): i64 {
  return refOf(p, <u32>(nestedValueEnd(type, p) - p));
}

/** Whether the text that `textEnd` passed over last has an escape. */
let isEscaped: bool = false;

/** Address after the text at `p`. */
function textEnd(p: usize): usize {
  isEscaped = false;
  while (true) {
    const block = v128.load(p);
    const low = i8x16.bitmask(i8x16.lt_u(block, i8x16.splat(2)));
    if (low == 0) {
      p += 16;
      continue;
    }
    p += ctz(low);
    if (load<u8>(p) == 0) return p + 1;
    isEscaped = true;
    p += 2;
  }
}

function unescape(p: usize, bytes: u32): i64 {
  const text = transientAllocate(bytes);
  let to = text;
  for (const end = p + bytes; p < end; p++) {
    let byte = <u32>load<u8>(p);
    if (byte == 1) {
      p++;
      byte = <u32>load<u8>(p) - 1;
    }
    store<u8>(to, byte);
    to++;
  }
  return refOf(text, <u32>(to - text));
}

// --- passing over ---

/** Address after the item at `p`. */
export function nestedItemEnd(type: usize, p: usize): usize {
  const width = nestedWidth(load<u32>(type, NESTED_CODE));
  if (width) return p + 1 + width;
  return load<u8>(p) == NESTED_VALUE ? nestedValueEnd(type, p + 1) : p + 1;
}

/** Address after the value at `p`. */
export function nestedValueEnd(type: usize, p: usize): usize {
  const code = load<u32>(type, NESTED_CODE);
  if (code == TYPE_VARCHAR || code == TYPE_JSON) return textEnd(p);
  if (code == TYPE_LIST) {
    const element = nestedBelow(type);
    while (load<u8>(p) != NESTED_END) p = nestedItemEnd(element, p);
    return p + 1;
  }
  if (code != TYPE_STRUCT) return p + nestedWidth(code);
  let field = nestedBelow(type);
  for (let i = load<u32>(type, NESTED_COUNT); i > 0; i--) {
    p = nestedItemEnd(nestedFieldType(field), p);
    field = nestedNextField(field);
  }
  return p;
}
